//go:build chaos && linux

package chaos

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/localstack/localtest"
	"taxistream/localstack/localtest/held"
	processor "taxistream/processor/app"
)

var (
	seeds = flag.Int("seeds", 5, "`number` of schedules; five have every kind of fault")
	seed  = flag.Uint64("seed", 1, "`number` of the first one")
)

// everyKind is in how many schedules in a row each kind occurs.
const everyKind = 5

// drawn is how many pairs of faults a schedule draws from all kinds, the second of each during the first.
const drawn = 3

func TestMain(m *testing.M) {
	if code, done := apart(); done {
		os.Exit(code)
	}
	code := m.Run()
	localtest.RemovePrograms()
	os.Exit(code)
}

// apart runs the tests in a process with a mount table of its own, where that is allowed: however it
// ends, what it has mounted goes with it.
func apart() (code int, done bool) {
	const inside = "TAXI_CHAOS_APART"
	if os.Getenv(inside) != "" {
		return 0, false
	}
	runtime.LockOSThread()                               // the child dies with this thread
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // the child gets it, too, and ends by it
	c := exec.Command(os.Args[0], os.Args[1:]...)
	c.Env = append(os.Environ(), inside+"=1")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		signal.Reset(os.Interrupt)
		return 0, false
	}
	_ = c.Wait() // the status tells
	return c.ProcessState.ExitCode(), true
}

// step is one fault of a schedule, or two at a time.
type step struct {
	first  kind
	second *kind         // nil: none
	hold   time.Duration // how long it lasts
}

// schedule draws the faults of a seed. Its share of all kinds is in turn: everyKind seeds in a row
// have them all.
func schedule(seed uint64) (steps []step) {
	all := kinds()
	rnd := rand.New(rand.NewPCG(seed, 0))
	share := (len(all) + everyKind - 1) / everyKind
	for i := range share {
		steps = append(steps, step{first: all[(int(seed%everyKind)*share+i)%len(all)], hold: time.Duration(200+rnd.IntN(1000)) * time.Millisecond})
	}
	for range drawn {
		first, second := all[rnd.IntN(len(all))], all[rnd.IntN(len(all))]
		if first.part != second.part && !first.alone && !second.alone {
			steps = append(steps, step{first, &second, time.Duration(200+rnd.IntN(1000)) * time.Millisecond})
		}
	}
	rnd.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	return steps
}

// tally is what came of all schedules, for the report.
type tally struct {
	times            map[string]int
	recovery         map[string][]time.Duration
	skipped          map[string]string
	trips, documents int
	rejects          map[string]int
}

// Ensure that the documents and the rejects are the oracle's over the records as they stand on the
// stream, whatever befalls the four programs and the network between them.
func TestChaos(t *testing.T) {
	sum := &tally{times: map[string]int{}, recovery: map[string][]time.Duration{}, skipped: map[string]string{}, rejects: map[string]int{}}
	if _, err := localtest.Programs(); err != nil { // before any schedule begins
		t.Fatal(err)
	}
	source := localtest.GeneratedDay(t, 100_000)
	due := map[string]bool{}
	for i := range *seeds {
		for _, s := range schedule(*seed + uint64(i)) {
			due[s.first.name] = true
		}
		t.Run(fmt.Sprint(*seed+uint64(i)), func(t *testing.T) { sum.run(t, *seed+uint64(i), source) })
	}
	t.Log(sum.report())
	if t.Failed() {
		return
	}
	if *seeds >= everyKind && len(due) != len(kinds()) {
		t.Errorf("%d seeds have %d kinds of %d", *seeds, len(due), len(kinds()))
	}
	for name := range due {
		if sum.times[name] == 0 && sum.skipped[name] == "" {
			t.Errorf("%s never occurred", name)
		}
	}
}

// run is one schedule.
func (sum *tally) run(t *testing.T, seed uint64, source string) {
	began := time.Now()
	w := newWorld(t, seed, source)
	noisy, quiet := context.WithCancel(t.Context())
	defer quiet()
	noise := w.makeNoise(noisy, seed)
	at := make([]point, len(stages))
	for _, s := range schedule(seed) {
		at = sum.fault(w, s, at)
	}
	quiet()
	<-noise
	w.stop(w.producer)
	w.drain()
	sum.judge(w)
	t.Logf("seed %d: %.0f s", seed, time.Since(began).Seconds())
}

// fault brings one about while records flow, and waits until they flow again.
func (sum *tally) fault(w *world, s step, from []point) (at []point) {
	w.t.Helper()
	name := s.first.name
	if s.second != nil {
		name += " and " + s.second.name
	}
	if w.disks != "" && (s.first.disk || s.second != nil && s.second.disk) {
		sum.skipped[s.first.name] = w.disks
		return from
	}
	w.flows(from, "before "+name)
	w.t.Logf("%s for %v", name, s.hold)
	end := w.begin(s.first)
	if s.second != nil {
		endSecond := s.second.begin(w)
		time.Sleep(s.hold / 2)
		endSecond()
	}
	time.Sleep(s.hold)
	end()
	at = w.points()
	took := w.flows(at, "after "+name)
	sum.times[s.first.name]++
	if s.second != nil {
		sum.times[s.second.name]++
	} else {
		sum.recovery[s.first.name] = append(sum.recovery[s.first.name], took)
	}
	return at
}

// begin brings a fault about. What it returns ends it, not before it has hit something.
func (w *world) begin(k kind) (end func()) {
	w.t.Helper()
	if k.hits == nil {
		return k.begin(w)
	}
	before, over := k.hits(w), k.begin(w)
	return func() {
		w.t.Helper()
		localtest.WaitFor(w.t, k.name+" hits nothing", func() bool { return k.hits(w) > before })
		over()
	}
}

// drain has the processor read to the end, fire every window and end.
func (w *world) drain() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Minute)
	defer cancel()
	address := strings.TrimPrefix(w.processor.metrics(), "http://")
	if _, err := processor.CaughtUpAt(ctx, address); err != nil {
		w.t.Fatalf("the processor does not catch up: %v: %s", err, w.processor.Errors())
	}
	if stop := localtest.Start(w.t, "processor", "stop", "-drain", "-address", address); stop.WaitExit(2*time.Minute) != 0 {
		w.t.Fatalf("drain: %s", stop.Errors())
	}
	if code := w.processor.WaitExit(2 * time.Minute); code != 0 {
		w.t.Fatalf("processor: status %d: %s", code, w.processor.Errors())
	}
}

// judge holds the results against the oracle's.
func (sum *tally) judge(w *world) {
	t := w.t
	api, o := clients(t, w.kinesis.url, w.search.url)
	s := held.Read(t, api, names.Stream)
	s.MaxAhead = w.maxAhead
	want := s.Judge(t)
	export, rejects := held.Written(t, o)
	if diff := localtest.Diff(export, want.Export); diff != "" {
		t.Errorf("documents: %s", diff)
	}
	if diff := held.RejectsDiffer(rejects, want.Rejects); diff != "" {
		t.Errorf("rejects, of %s:\n%s", shown(want.Rejected), diff)
	}
	missing(t, localtest.Read(t, w.source), s, w.original)
	sum.trips += len(s.Records)
	sum.documents += strings.Count(string(export), "\n")
	for reason, n := range byReason(rejects) {
		sum.rejects[reason] += n
	}
}

// report says what there was.
func (sum *tally) report() string {
	var b strings.Builder
	faults := 0
	for _, n := range sum.times {
		faults += n
	}
	fmt.Fprintf(&b, "\n%d schedules from seed %d: %d faults; %d records on the streams, %d documents; rejects: %s\n", *seeds, *seed, faults, sum.trips, sum.documents, shown(sum.rejects))
	fmt.Fprintf(&b, "%-28s %5s   time to records acknowledged, read and in OpenSearch again: median, longest\n", "kind", "times")
	for _, k := range kinds() {
		fmt.Fprintf(&b, "%-28s %5d", k.name, sum.times[k.name])
		if all := slices.Sorted(slices.Values(sum.recovery[k.name])); len(all) > 0 {
			fmt.Fprintf(&b, "   %.1f s, %.1f s", all[len(all)/2].Seconds(), all[len(all)-1].Seconds())
		}
		if why := sum.skipped[k.name]; why != "" {
			fmt.Fprintf(&b, "   skipped: %s", why)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
