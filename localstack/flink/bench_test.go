//go:build flink && bench

package flink

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/localstack/localtest"
)

var (
	days   = flag.Int("days", 5, "length of the longer of the two streams; the other one is a day")
	rounds = flag.Int("rounds", 3, "kills of each edition")
)

// edition is one of the two that read the same stream, each into a store of its own.
type edition struct {
	name  string
	start func(w *world) *localtest.Process
}

var editions = []edition{
	{"Go", func(w *world) *localtest.Process {
		return localtest.Start(w.t, "processor", "-endpoint", w.url, "-opensearch-endpoint", w.store.url, "-checkpoint-dir", w.dir, "-p", "2", "-listen", "127.0.0.1:0", "-log-level", "info")
	}},
	{"Flink", func(w *world) *localtest.Process { return w.job("-checkpoint-interval", "5s") }},
}

// used is what a run took.
type used struct {
	cpu, first, all time.Duration // CPU; from the start to the first document and to the last
	rss             float64       // MiB, at most
	export          string
}

// on runs an edition over a whole stream.
func (e edition) on(w *world, documents int) (u used) {
	w.t.Helper()
	w.store, w.dir = newStore(w.t), w.t.TempDir()
	began := time.Now()
	p := e.start(w)
	w.store.await(p, 1)
	u.first = time.Since(began)
	w.store.await(p, documents)
	u.all = time.Since(began)
	w.stop(p)
	u.export = w.store.export()
	u.cpu = p.ProcessState.UserTime() + p.ProcessState.SystemTime()
	u.rss = float64(p.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	return u
}

// await waits for so many documents.
func (s *store) await(p *localtest.Process, documents int) {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Minute); s.count() < documents; time.Sleep(5 * time.Millisecond) {
		if p.Ended() || time.Now().After(end) {
			s.t.Fatalf("%d documents, want %d: %s", s.count(), documents, p.Errors())
		}
	}
}

// count is the number of results, rejects aside.
func (s *store) count() (n int) {
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		resp, err := http.Get(s.url + "/" + alias + "/_count")
		if err != nil {
			s.t.Fatal(err)
		}
		var answer struct{ Count int }
		err = json.NewDecoder(resp.Body).Decode(&answer)
		resp.Body.Close()
		if err == nil {
			n += answer.Count
		}
	}
	return n
}

// restart kills an edition at work, starts it again and returns the time from then to the first document that was not there.
func (e edition) restart(w *world) time.Duration {
	w.t.Helper()
	p := e.start(w)
	w.store.await(p, w.store.count()+1000)
	w.kill(p)
	there := w.store.count()
	began := time.Now()
	p = e.start(w)
	w.store.await(p, there+1)
	took := time.Since(began)
	w.kill(p)
	return took
}

// Ensure that both editions make the same documents of the same streams, and tell what each takes for it.
func TestBench(t *testing.T) {
	figures := map[string][2]used{}
	var events [2]int
	var documents int
	for i, n := range []int{1, *days} {
		w := newWorld(t, 4)
		if p := w.producer(fmt.Sprintf("generate:2016-01-05/%d", n), "-speedup", "0"); p.WaitExit(10*inTime) != 0 {
			t.Fatal(p.Errors())
		} else {
			events[i] = sent(t, p)
		}
		end := time.Date(2016, 1, 5+n, 5, 0, 0, 0, time.UTC).UnixMilli() - 1 // the last hour of a New York day
		export, _ := w.reference(end)
		documents = strings.Count(export, "\n")
		for _, e := range editions {
			u := e.on(w, documents)
			if diff := localtest.Diff([]byte(u.export), []byte(export)); diff != "" {
				t.Fatalf("%s, %d days: %s", e.name, n, diff)
			}
			u.export = ""
			pair := figures[e.name]
			pair[i] = u
			figures[e.name] = pair
		}
	}
	back := map[string]time.Duration{}
	w := newWorld(t, 4)
	w.producer("generate:2016-01-05", "-speedup", "1440", "-loop", "0")
	for _, e := range editions {
		w.store, w.dir = newStore(t), t.TempDir()
		var took []time.Duration
		for range *rounds {
			took = append(took, e.restart(w))
		}
		slices.Sort(took)
		back[e.name] = took[len(took)/2]
	}
	report(t, figures, events, documents, back)
}

// sent is the number of trips that a producer says it has sent.
func sent(t *testing.T, p *localtest.Process) int {
	t.Helper()
	for line := range p.Lines() {
		var n int
		if _, err := fmt.Sscanf(strings.ReplaceAll(line, ",", ""), "sent %d trips", &n); err == nil {
			return n
		}
	}
	t.Fatalf("the producer does not say how many trips it sent: %s", p.Errors())
	return 0
}

func report(t *testing.T, figures map[string][2]used, events [2]int, documents int, back map[string]time.Duration) {
	g, f := figures["Go"], figures["Flink"]
	each := func(u used, n int) float64 { return float64(u.cpu.Microseconds()) / float64(n) }
	more := func(u [2]used) float64 {
		return float64((u[1].cpu - u[0].cpu).Microseconds()) / float64(events[1]-events[0])
	}
	var b strings.Builder
	row := func(what, format string, g, f float64) {
		fmt.Fprintf(&b, "| %s | "+format+" | "+format+" | %.1f |\n", what, g, f, f/g)
	}
	fmt.Fprintf(&b, "%d CPUs, %s; %d and %d trips, %d documents of the longer stream, equal in both editions\n\n", runtime.NumCPU(), runtime.Version(), events[0], events[1], documents)
	fmt.Fprintf(&b, "| | Go processor | Flink job, one JVM | ratio |\n|---|---|---|---|\n")
	for i, n := range events {
		row(fmt.Sprintf("CPU µs a trip, %d trips from the start on", n), "%.2f", each(g[i], n), each(f[i], n))
	}
	row("CPU µs for each more", "%.2f", more(g), more(f))
	row("trips a second that a core has the CPU for, from the last line", "%.0f", 1e6/more(g), 1e6/more(f))
	row("memory at most, MiB", "%.0f", g[1].rss, f[1].rss)
	row("start to the first document, s", "%.1f", g[1].first.Seconds(), f[1].first.Seconds())
	row("start to the last document, s", "%.1f", g[1].all.Seconds(), f[1].all.Seconds())
	row("kill -9 and a new start to the first new document, s", "%.1f", back["Go"].Seconds(), back["Flink"].Seconds())
	fmt.Fprintf(&b, `
| which edition when | |
|---|---|
| %d cores have the CPU for it: up to some %.1f million trips a second | Go: a trip takes 1/%.0f of the CPU, a restart 1/%.0f of the time |
| more than that, which one machine does not carry, or a Flink platform that is there | Flink: some %.0f,000 trips a second for each core, and cores come by machines |
`, runtime.NumCPU(), 1/more(g)*float64(runtime.NumCPU()), more(f)/more(g), back["Flink"].Seconds()/back["Go"].Seconds(), 1e3/more(f))
	t.Logf("\n%s", b.String())
}

// Ensure that Nexmark's queries have as many results here as on Flink, over the same events from memory, and tell what each takes.
func TestBenchNexmark(t *testing.T) {
	program := filepath.Join(t.TempDir(), "nexmark")
	if out, err := exec.Command("go", "build", "-o", program, "taxistream/engine/examples/nexmark").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const few, many = 1000, 10_000_000
	t.Logf("%5s %10s %10s %14s %14s %6s %28s", "query", "events", "results", "engine ns", "Flink ns", "ratio", "without the start, and ratio")
	for _, query := range []int{0, 5, 8} {
		var cpu [2][2]float64 // by events, then engine and Flink: ns
		for i, events := range []int{few, many} {
			got, engine := engineRuns(t, program, query, events)
			want, flink := flinkRuns(t, query, events)
			if got != want || got == 0 {
				t.Errorf("query %d of %d events: %d results, on Flink %d", query, events, got, want)
			}
			cpu[i] = [2]float64{engine, flink}
			if events == many {
				e, f := (cpu[1][0]-cpu[0][0])/(many-few), (cpu[1][1]-cpu[0][1])/(many-few)
				t.Logf("%5d %10d %10d %14.0f %14.0f %6.1f %10.0f %12.0f %5.1f", query, events, got, engine/many, flink/many, flink/engine, e, f, f/e)
			}
		}
	}
}

func engineRuns(t *testing.T, program string, query, events int) (results int, cpu float64) {
	t.Helper()
	cmd := exec.Command(program, "-query", fmt.Sprint(query), "-events", fmt.Sprint(events))
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var number int
	if err == nil {
		_, err = fmt.Sscan(lines[len(lines)-1], &number, &events, &results)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return results, float64(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
}

func flinkRuns(t *testing.T, query, events int) (results int, cpu float64) {
	t.Helper()
	dir := filepath.Dir(program(t, "local"))
	classes := filepath.Join(dir, "../flink-build/test-classes") + ":" + dir + "/lib/*:" + dir + "/session/*"
	cmd := exec.Command("java", "-Xmx1g", "-XX:+UseParallelGC", "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", classes, "taxistream.nexmark.Nexmark", fmt.Sprint(query), fmt.Sprint(events))
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var number int
	if err == nil {
		_, err = fmt.Sscanf(lines[len(lines)-1], "nexmark %d %d", &number, &results)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return results, float64(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
}
