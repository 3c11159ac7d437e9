package localtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/internal/names"
)

// Programs builds producer, processor and localstack into a temporary folder,
// once for all tests of a test binary; see RemovePrograms.
var Programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "taxistream-programs-*")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "taxistream/producer", "taxistream/processor", "taxistream/localstack").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	built.Store(&dir)
	return dir, nil
})

var built atomic.Pointer[string]

// RemovePrograms removes what Programs built; for a TestMain, after the tests.
func RemovePrograms() {
	if dir := built.Load(); dir != nil {
		os.RemoveAll(*dir)
	}
}

// Process is a running program. What it prints is kept.
type Process struct {
	*exec.Cmd
	t      *testing.T
	stderr LockedBuffer
	lines  chan string // of standard output
	done   chan struct{}
}

// Start runs one of the programs; it is killed at the test's end at the latest.
func Start(t *testing.T, program string, args ...string) *Process {
	t.Helper()
	dir, err := Programs()
	if err != nil {
		t.Fatal(err)
	}
	return Run(t, exec.Command(filepath.Join(dir, program), args...))
}

// Run starts any command; it is killed at the test's end at the latest.
func Run(t *testing.T, command *exec.Cmd) *Process {
	t.Helper()
	p := &Process{Cmd: command, t: t, lines: make(chan string, 1000), done: make(chan struct{})}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Cmd.Stderr = &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for scan := bufio.NewScanner(out); scan.Scan(); {
			select {
			case p.lines <- scan.Text():
			default: // nobody reads more
			}
		}
		close(p.lines)
		_ = p.Cmd.Wait() // the status tells
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		<-p.done
	})
	return p
}

// WaitExit returns the exit status.
func (p *Process) WaitExit(limit time.Duration) int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(limit):
		p.t.Fatalf("%s does not end within %v\n%s", p.Path, limit, p.Errors())
	}
	return p.ProcessState.ExitCode()
}

// Ended reports whether the program has.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Serving starts the embedded servers on free ports and returns their addresses.
func Serving(t *testing.T, args ...string) (kinesisURL, searchURL string) {
	t.Helper()
	p := Start(t, "localstack", append([]string{"serve", "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0"}, args...)...)
	for line := range p.lines {
		switch f := strings.Fields(line); f[0] {
		case "kinesis":
			kinesisURL = f[1]
		case "opensearch":
			return kinesisURL, f[1]
		}
	}
	p.WaitExit(time.Minute)
	t.Fatalf("serve ended: %s", p.Errors())
	return "", ""
}

// Metric reads one figure of a program's /metrics; ok is false while it has none.
func Metric(url, name string) (value float64, ok bool) { return figure(metrics(url), name) }

// metrics is the text of a program's /metrics, "" while it does not answer.
func metrics(url string) string {
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return ""
	}
	return string(text)
}

// figure adds up the lines of a metric; name may hold all labels of one line.
func figure(text, name string) (value float64, ok bool) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, name+"{") || strings.HasPrefix(line, name+" ") {
			var v float64
			if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &v); err == nil {
				value, ok = value+v, true
			}
		}
	}
	return value, ok
}

// Address waits for the line that names where the processor listens.
func (p *Process) Address() string {
	p.t.Helper()
	limit := time.After(time.Minute)
	for {
		text := p.Errors()
		if _, rest, ok := strings.Cut(text, `"address":"`); ok {
			return rest[:strings.IndexByte(rest, '"')]
		}
		select {
		case <-p.done:
			p.t.Fatalf("%s ended: %s", p.Path, p.Errors())
		case <-limit:
			p.t.Fatalf("%s does not say where it listens: %s", p.Path, p.Errors())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Lines are the lines of standard output, as they come; closed at its end. Of a
// program whose lines nobody takes, those behind the first 1000 are lost.
func (p *Process) Lines() <-chan string { return p.lines }

// Errors is what the program wrote to standard error so far.
func (p *Process) Errors() string { return p.stderr.String() }

// LockedBuffer is written by a program and read by a test.
type LockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *LockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *LockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// CountRejects asks the results store.
func CountRejects(t *testing.T, searchURL, reason string) int {
	t.Helper()
	resp, err := http.Post(searchURL+"/"+names.TaxiRejects+"/_count", "application/json", strings.NewReader(fmt.Sprintf(`{"query":{"term":{"reason":%q}}}`, reason)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Count int }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Count
}

// WaitFor fails the test where ok does not hold within two minutes.
func WaitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(2 * time.Minute)
	for !ok() {
		select {
		case <-limit:
			t.Fatalf("waited too long: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// WatermarkReached reports whether the watermark of every subtask that has windows
// is behind the last trip.
func WatermarkReached(url string, trips []Trip) bool {
	var end int64
	for _, trip := range trips {
		end = max(end, trip.Dropoff.UnixMilli())
	}
	text := metrics(url)
	for _, operator := range []string{"hotspots", "airports"} {
		for subtask := 0; ; subtask++ {
			labels := fmt.Sprintf(`{job_name="taxi-trips",operator=%q,subtask="%d"}`, operator, subtask)
			if _, there := figure(text, names.MetricPrefix+names.MetricRecordsIn+labels); !there && subtask > 0 {
				break
			}
			if w, ok := figure(text, names.MetricPrefix+names.MetricOutputWatermark+labels); !ok || math.Round(w*1000) <= float64(end) {
				return false
			}
		}
	}
	return true
}
