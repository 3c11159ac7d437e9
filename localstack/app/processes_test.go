package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programs builds the programs once for all tests of this package.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "taxistream-programs-*")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "taxistream/producer", "taxistream/processor", "taxistream/localstack").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if ranProgram {
		if dir, err := programs(); err == nil {
			os.RemoveAll(dir)
		}
	}
	os.Exit(code)
}

var ranProgram bool

// process is a running program. What it prints is kept.
type process struct {
	*exec.Cmd
	t      *testing.T
	stderr lockedBuffer
	lines  chan string // of standard output
	done   chan struct{}
	err    error
}

func start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	ranProgram = true
	dir, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(filepath.Join(dir, program), args...), t: t, lines: make(chan string, 1000), done: make(chan struct{})}
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
		p.err = p.Cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		<-p.done
	})
	return p
}

// wait returns the exit status.
func (p *process) wait(limit time.Duration) int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(limit):
		p.t.Fatalf("%s does not end within %v\n%s", p.Path, limit, p.stderrText())
	}
	return p.ProcessState.ExitCode()
}

// serving starts the embedded servers on free ports and returns their addresses.
func serving(t *testing.T, args ...string) (kinesisURL, searchURL string) {
	t.Helper()
	p := start(t, "localstack", append([]string{"serve", "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0"}, args...)...)
	for searchURL == "" {
		select {
		case line := <-p.lines:
			switch f := strings.Fields(line); f[0] {
			case "kinesis":
				kinesisURL = f[1]
			case "opensearch":
				searchURL = f[1]
			}
		case <-p.done:
			t.Fatalf("serve ended: %s", p.stderrText())
		}
	}
	return kinesisURL, searchURL
}

// metric reads one figure of a program's /metrics; ok is false while it has none.
func metric(url, name string) (value float64, ok bool) {
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		return 0, false
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, name+"{") || strings.HasPrefix(line, name+" ") {
			var v float64
			if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &v); err == nil {
				value, ok = value+v, true
			}
		}
	}
	return value, ok
}

// address waits for the line that names where the processor listens.
func (p *process) address() string {
	p.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		text := p.stderrText()
		if _, rest, ok := strings.Cut(text, `"address":"`); ok {
			return rest[:strings.IndexByte(rest, '"')]
		}
		select {
		case <-p.done:
			p.t.Fatalf("%s ended: %s", p.Path, p.stderrText())
		case <-time.After(10 * time.Millisecond):
		}
	}
	p.t.Fatalf("%s does not say where it listens: %s", p.Path, p.stderrText())
	return ""
}

// TestKill runs the programs as separate processes and kills the processor with
// SIGKILL in the middle, twice: the export is the oracle's all the same, and
// each reject is there once.
func TestKill(t *testing.T) {
	sources := matrixSources(t)
	source := sources[len(sources)-1]
	trips := oracleRead(t, source)
	want, rejected := oracle(t, trips)
	kinesisURL, searchURL := serving(t, "-shards", "3")
	checkpoints := t.TempDir()
	processor := func() *process {
		return start(t, "processor", "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
			"-checkpoint-dir", checkpoints, "-checkpoint-interval", "150ms", "-log-format", "json")
	}
	first := processor()
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "20000", "-aggregate=false") // a day in about four seconds
	for i, p := range []*process{first, nil} {
		if p == nil {
			p = processor()
		}
		url := p.address()
		target := float64(len(trips)) * []float64{0.25, 0.2}[i]
		waitFor(t, "the processor is in the middle", func() bool {
			n, _ := metric(url, "taxistream_num_shard_records_total")
			c, _ := metric(url, "taxistream_num_completed_checkpoints_total")
			return n >= target && c >= 1
		})
		if err := p.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.wait(10 * time.Second)
		t.Logf("killed the processor, time %d", i+1)
	}
	last := processor()
	url := last.address()
	if code := producer.wait(2 * time.Minute); code != 0 {
		t.Fatalf("producer: status %d: %s", code, producer.stderrText())
	}
	waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(url, trips) })
	if !strings.Contains(last.stderrText(), "going on from a checkpoint") {
		t.Error("the restarted processor did not start from a checkpoint")
	}
	if err := last.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := last.wait(30 * time.Second); code != 0 {
		t.Fatalf("processor: status %d: %s", code, last.stderrText())
	}
	file := filepath.Join(t.TempDir(), "export.ndjson")
	if code := start(t, "localstack", "export", "-opensearch-endpoint", searchURL, "-export", file).wait(time.Minute); code != 0 {
		t.Fatalf("export: status %d", code)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := diffLines(got, want); diff != "" {
		t.Fatal(diff)
	}
	for reason, n := range rejected {
		if got := countRejects(t, searchURL, reason); got != n {
			t.Errorf("%d rejects of reason %s, want %d", got, reason, n)
		}
	}
}

func (p *process) stderrText() string { return p.stderr.String() }

// lockedBuffer is written by a process and read by a test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// countRejects asks the results store.
func countRejects(t *testing.T, searchURL, reason string) int {
	t.Helper()
	resp, err := http.Post(searchURL+"/"+rejectIndex+"/_count", "application/json", strings.NewReader(fmt.Sprintf(`{"query":{"term":{"reason":%q}}}`, reason)))
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

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long: %s", what)
		}
	}
}

// watermarkReached reports whether every open shard's watermark is behind the last trip.
func watermarkReached(url string, trips []oracleTrip) bool {
	var end int64
	for _, trip := range trips {
		end = max(end, trip.dropoff.UnixMilli())
	}
	w, ok := metric(url, `taxistream_current_output_watermark_ms{job="taxi-trips",operator="hotspots",subtask="0"}`)
	return ok && int64(w) > end
}
