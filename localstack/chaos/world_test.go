//go:build chaos && linux

package chaos

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/localstack/localtest"
)

// program is one of the four processes, which is started again and again.
type program struct {
	name  string
	begin func(env ...string)
	*localtest.Process
	url     string // of what a server serves
	shows   string // the URL of its metrics, once it has said so
	clock   string // the file of a server's clock
	dir     string // where it keeps things
	proxy   *proxy // before a server
	started int    // how often
}

// world is the programs under one schedule. Its faults change it one after the other.
type world struct {
	t      *testing.T
	rnd    *rand.Rand
	source string
	fanOut bool
	// original: the source's times are in the past. Else they begin at now and come to the bound of
	// -max-ahead, the sooner where a clock is set back, so that verdicts depend on arrivals.
	original bool
	maxAhead time.Duration
	disks    string // why no disk can be full; empty: they can

	kinesis, search, producer, processor *program
}

func newWorld(t *testing.T, seed uint64, source string) *world {
	t.Helper()
	w := &world{t: t, rnd: rand.New(rand.NewPCG(seed, 0x63686173)), source: source, fanOut: seed%2 == 1, original: seed%3 != 0, maxAhead: maxAhead}
	if !w.original {
		w.maxAhead = 4 * time.Hour // an event's time gains 24 minutes a second
	}
	make := func(name string, begin func(p *program, env []string)) *program {
		p := &program{name: name, dir: w.disk(name)}
		p.begin = func(env ...string) { p.shows = ""; begin(p, env); p.started++ }
		return p
	}
	w.kinesis, w.search = make("kinesis", w.serve), make("search", w.serve)
	w.producer, w.processor = make("producer", w.produce), make("processor", w.process)
	for _, p := range []*program{w.kinesis, w.search} {
		p.proxy, p.clock = newProxy(t), filepath.Join(t.TempDir(), "clock")
		w.setClock(p, 0)
		p.begin()
	}
	w.processor.begin()
	w.producer.begin()
	return w
}

// disk is a folder of its own size for what a program keeps, where it can be had.
func (w *world) disk(name string) string {
	dir := filepath.Join(w.t.TempDir(), name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		w.disks = fmt.Sprintf("a small file system cannot be mounted (%v): run as root", err)
		return dir
	}
	w.t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// run starts a program with more in its environment.
func (w *world) run(p *program, env []string, name string, args ...string) {
	w.t.Helper()
	dir, err := localtest.Programs()
	if err != nil {
		w.t.Fatal(err)
	}
	c := exec.Command(filepath.Join(dir, name), args...)
	c.Env = append(os.Environ(), env...)
	p.Process = localtest.Run(w.t, c)
}

// serve starts both embedded servers in a process of their own, of which one is used.
func (w *world) serve(p *program, env []string) {
	w.t.Helper()
	args := []string{"serve", "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0", "-shards", "3", "-data", p.dir, "-clock", p.clock}
	if p == w.kinesis && !w.fanOut { // half of the schedules
		args = append(args, "-kinesis-faults", fmt.Sprintf("entries=0.05,seed=%d", w.rnd.Uint32()))
	}
	w.run(p, env, "localstack", args...)
	for line := range p.Lines() {
		f := strings.Fields(line)
		if f[0] == "kinesis" && p == w.kinesis || f[0] == "opensearch" && p == w.search {
			p.url = f[1]
			host := strings.TrimPrefix(p.url, "http://")
			p.proxy.target.Store(&host)
		}
		if f[0] == "opensearch" {
			return
		}
	}
	w.t.Fatalf("%s ended: %s", p.name, p.Errors())
}

func (w *world) produce(p *program, env []string) {
	w.t.Helper()
	times := "original"
	if !w.original {
		times = "invocation"
	}
	w.run(p, env, "producer", "-adapt-time", times, "-endpoint", w.kinesis.proxy.URL, "-source", w.source, "-loop", "0", "-resume", filepath.Join(p.dir, "progress"),
		"-listen", "127.0.0.1:0", "-log-format", "json")
}

func (w *world) process(p *program, env []string) {
	w.t.Helper()
	consumer := "polling"
	if w.fanOut {
		consumer = "fan-out"
	}
	w.run(p, env, "processor", "-endpoint", w.kinesis.proxy.URL, "-opensearch-endpoint", w.search.proxy.URL, "-checkpoint-dir", filepath.Join(p.dir, "checkpoints"),
		"-checkpoint-interval", "300ms", "-consumer", consumer, "-parallelism", "2", "-max-ahead", w.maxAhead.String(), "-listen", "127.0.0.1:0", "-log-format", "json")
}

// metrics is where a program shows its figures, "" while it has not said so.
func (p *program) metrics() string {
	if p.shows == "" {
		_, rest, _ := strings.Cut(p.Errors(), `"address":"`)
		if url, _, whole := strings.Cut(rest, `"`); whole {
			p.shows = url
		}
	}
	return p.shows
}

func (w *world) signal(p *program, s syscall.Signal) {
	w.t.Helper()
	if err := p.Process.Process.Signal(s); err != nil {
		w.t.Fatalf("%s: %v: %s", p.name, err, p.Errors())
	}
}

// kill ends a program as a machine that breaks does.
func (w *world) kill(p *program) {
	w.t.Helper()
	w.signal(p, syscall.SIGKILL)
	p.WaitExit(time.Minute)
}

// stop ends a program in order.
func (w *world) stop(p *program) {
	w.t.Helper()
	w.signal(p, syscall.SIGTERM)
	if code := p.WaitExit(2 * time.Minute); code != 0 {
		w.t.Fatalf("%s: status %d: %s", p.name, code, p.Errors())
	}
}

// alive fails where a program has ended by itself.
func (w *world) alive(after string) {
	w.t.Helper()
	for _, p := range []*program{w.kinesis, w.search, w.producer, w.processor} {
		if p.Ended() {
			w.t.Fatalf("%s: %s has ended: %s", after, p.name, p.Errors())
		}
	}
}

func (w *world) setClock(p *program, ahead time.Duration) {
	w.t.Helper()
	next := p.clock + ".next"
	if err := os.WriteFile(next, []byte(ahead.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(next, p.clock); err != nil {
		w.t.Fatal(err)
	}
}

// jump moves the clock of a server that runs, and waits until it has jumped.
func (w *world) jump(p *program, ahead time.Duration) {
	w.t.Helper()
	w.setClock(p, ahead)
	limit := time.After(2 * time.Minute)
	for {
		select {
		case line, more := <-p.Lines():
			if !more {
				w.t.Fatalf("%s ended: %s", p.name, p.Errors())
			}
			if line == fmt.Sprintf("clock       %v ahead", ahead) {
				return
			}
		case <-limit:
			w.t.Fatalf("the clock of %s does not jump", p.name)
		}
	}
}

// point is how far each stage had come, and in which life of its program.
type point struct {
	value int
	life  int
}

// stages are where records pass: acknowledged to the producer, read by the processor, and behind a
// checkpoint, which is whole once OpenSearch has confirmed all that came of them.
var stages = []struct {
	name   string
	of     func(*world) *program
	metric string
}{
	{"acknowledged", func(w *world) *program { return w.producer }, names.MetricTripsSent},
	{"read", func(w *world) *program { return w.processor }, names.MetricRecordsRead},
	{"in OpenSearch", func(w *world) *program { return w.processor }, names.MetricCheckpoints},
}

func (w *world) point(i int) point {
	p := stages[i].of(w)
	return point{w.figure(p, stages[i].metric), p.started}
}

// figure is one of a program's metrics, 0 while it has none.
func (w *world) figure(p *program, metric string) int {
	value, _ := localtest.Metric(p.metrics(), names.MetricPrefix+metric)
	return int(value)
}

func (w *world) points() (all []point) {
	for i := range stages {
		all = append(all, w.point(i))
	}
	return all
}

// flows waits until every stage has gone on from where it was, and returns how long the last took.
func (w *world) flows(from []point, what string) time.Duration {
	w.t.Helper()
	began := time.Now()
	for i := range stages {
		localtest.WaitFor(w.t, what+": nothing is "+stages[i].name, func() bool {
			w.alive(what)
			now := w.point(i)
			return now.life == from[i].life && now.value > from[i].value || now.life != from[i].life && now.value > 0
		})
	}
	return time.Since(began)
}

// makeNoise writes records that no producer of ours writes, until ctx ends. What is lost does not
// matter: the oracle sees what stands on the stream.
func (w *world) makeNoise(ctx context.Context, seed uint64) (done chan struct{}) {
	api, _ := clients(w.t, w.kinesis.proxy.URL, w.search.proxy.URL)
	rnd := rand.New(rand.NewPCG(seed, 1))
	first := time.Now().UnixMilli()
	if w.original {
		first = time.Date(2016, 1, 5, 5, 0, 0, 0, time.UTC).UnixMilli()
	}
	done = make(chan struct{})
	began := time.Now()
	go func() {
		defer close(done)
		for n := int64(0); ctx.Err() == nil; n++ {
			puts := noise(w.t, 1<<61+10*n, first+1440*time.Since(began).Milliseconds())
			key := new(big.Int).SetUint64(rnd.Uint64())
			key.Lsh(key, 64)
			_ = putInto(ctx, api, names.Stream, key.String(), puts[rnd.IntN(len(puts))])
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return done
}
