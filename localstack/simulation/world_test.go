package simulation

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
	"taxistream/localstack/s3"
	"taxistream/localstack/search"
)

const stream = "taxi-trip-events"

// patience is how long a world whose troubles are over may take, by its own time.
const patience = 20 * time.Minute

// world is one run of all programs.
type world struct {
	t     testing.TB
	seed  uint64
	plan  plan
	dir   string
	trips []localtest.Trip

	ctx     context.Context //nolint:containedctx // the world's life
	group   sync.WaitGroup
	net     *network
	kinesis *kinesis.Server
	search  *search.Server
	s3      *s3.Server
	clocks  map[string]*clock // by program
	starts  map[string]int    // by program
	calm    atomic.Bool       // nothing befalls any more
	asked   atomic.Int64

	mu      sync.Mutex
	counts  map[kind]int
	log     bytes.Buffer
	failure string
}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{t: t, seed: seed, dir: t.TempDir(), counts: map[kind]int{}, starts: map[string]int{}, clocks: map[string]*clock{}}
	w.plan = drawPlan(w.random("plan", 0))
	for _, program := range []string{producerName, processorName, kinesisName} {
		w.clocks[program] = &clock{}
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) count(k kind) {
	if k == nothing {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[k]++
}

// fail notes what is wrong; the first is told.
func (w *world) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failure == "" {
		w.failure = fmt.Sprintf(format, args...)
	}
}

func (w *world) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure != ""
}

// Write takes the lines of the programs' logs.
func (w *world) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

func (p *process) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(p.w, &slog.HandlerOptions{Level: slog.LevelInfo})).With("of", fmt.Sprintf("%s-%d", p.program, p.number))
}

func (w *world) say(format string, args ...any) {
	fmt.Fprintf(w, "time=%s %s\n", time.Now().UTC().Format(time.RFC3339Nano), fmt.Sprintf(format, args...))
}

// run lets the world go by, in a bubble, and returns what is wrong with it; "": nothing.
func (w *world) run() string {
	ctx, cancel := context.WithCancel(context.Background())
	w.ctx = ctx
	w.open()
	source := filepath.Join(w.dir, "trips.json")
	w.trips = w.writeTrips(w.random("trips", 0), source)
	produced := w.supervise(producerName, w.producer(source))
	processed := w.supervise(processorName, w.processor)
	w.happen(produced, processed)
	if !w.failed() {
		w.finish(produced, processed)
	}
	if !w.failed() {
		w.judge()
	}
	cancel()
	w.net.stop()
	w.group.Wait()
	w.must(w.kinesis.Close())
	if w.failure == "" {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
	return fmt.Sprintf("%s\n%s%s", w.failure, w.plan.String(), strings.Join(lines[max(0, len(lines)-60):], "\n"))
}

// open makes the servers.
func (w *world) open() {
	var err error
	w.kinesis, err = kinesis.New(kinesis.Options{
		Clock: w.clocks[kinesisName].now, Limits: w.plan.limits, Dir: w.dir, Faults: kinesis.Faults{Seed: w.seed, Hook: w.kinesisFault},
	})
	w.must(err)
	w.must(w.kinesis.CreateStream(stream, w.plan.shards))
	w.search, err = search.New(search.Options{Clock: time.Now, Fault: w.searchFault})
	w.must(err)
	w.s3 = &s3.Server{}
	w.s3.CreateBucket("bucket")
	w.net = newNetwork(w)
	w.net.start(kinesisAddr, w.kinesis, kinesisOperation)
	w.net.start(searchAddr, w.search, httpOperation)
	w.net.start(s3Addr, w.s3, httpOperation)
}

// happen lets come what the plan has.
func (w *world) happen(produced, processed *supervised) {
	begin := time.Now()
	var back []func()
	for _, e := range w.plan.events {
		w.pause(time.Until(begin.Add(e.at)))
		if w.failed() {
			return
		}
		if heal, done := w.does(e, produced, processed); done {
			w.say("%s", e.kind)
			w.count(e.kind)
			if heal != nil {
				heal = sync.OnceFunc(heal)
				back = append(back, heal)
				w.group.Go(func() { sleep(w.ctx, e.long); heal() })
			}
		}
	}
	w.pause(2 * time.Second)
	w.calm.Store(true)
	for _, heal := range back {
		heal()
	}
	w.say("all is calm")
}

func (w *world) pause(d time.Duration) { sleep(w.ctx, d) }

// does makes one thing happen; done is false if it cannot now. heal, if there is one, ends it.
func (w *world) does(e event, produced, processed *supervised) (heal func(), done bool) {
	jumps := map[kind]struct {
		program string
		sign    time.Duration
	}{
		producerForward: {producerName, 1}, producerBack: {producerName, -1}, processorForward: {processorName, 1}, processorBack: {processorName, -1},
		kinesisForward: {kinesisName, 1}, kinesisBack: {kinesisName, -1},
	}
	switch e.kind {
	case killProcessor:
		return nil, processed.kill(e)
	case killProducer:
		return nil, produced.kill(e)
	case stopProcessor:
		return nil, processed.halt()
	case stopProducer:
		return nil, produced.halt()
	case takeover:
		return nil, processed.takeOver()
	case severProcessor:
		return processed.sever()
	case severProducer:
		return produced.sever()
	case split, merge:
		return nil, w.reshard(e)
	case kinesisAway:
		return w.away(kinesisAddr), true
	case searchAway:
		return w.away(searchAddr), true
	case s3Away:
		return w.away(s3Addr), true
	}
	j := jumps[e.kind]
	d := e.jump()
	if e.kind == producerBack {
		d = min(d, time.Minute) // the replay stands for as long
	}
	w.clocks[j.program].jump(j.sign * d)
	w.say("by %v", j.sign*d)
	return nil, true
}

func (w *world) away(addr string) (heal func()) {
	w.net.setAway(addr, true)
	return func() { w.net.setAway(addr, false) }
}

// finish waits until all trips are on the stream, read and written.
func (w *world) finish(produced, processed *supervised) {
	limit := time.After(patience)
	select {
	case <-produced.finished:
	case <-limit:
		w.fail("the producer has not ended %v after all was calm", patience)
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := processed.drain(ctx); err != nil {
		w.fail("the processor does not come to the end of the stream: %v", err)
	}
	for _, p := range processed.robbed {
		select {
		case <-p.died:
		case <-p.ended:
		case <-ctx.Done():
			w.fail("processor-%d has not noticed that its job was taken over", p.number)
		}
	}
}
