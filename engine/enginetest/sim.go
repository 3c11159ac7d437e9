package enginetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
	"taxistream/engine/state"
)

// Simulation is one run of the simulated world, all of it a function of these values: a
// drawn program over drawn logs, stepped in a drawn order, with faults drawn between any
// two steps. In the end the outside must hold what the model says.
type Simulation struct {
	Seed uint64
	// Elements is the number of records and watermarks that are written; 0: drawn, up to 120.
	Elements int
	// Stages bounds the program's; Parallelism the subtasks of a task; below 0: drawn.
	Stages, Parallelism int
	// Without names faults that do not occur.
	Without []string
	// Disk, if not nil, makes a backend on disk for one process of a program that keeps its
	// states there, and says how to close it.
	Disk func() (o state.Opener, end func() error, err error)
}

// Faults counts how often each kind of fault occurred.
type Faults map[string]int

// FaultKinds are all kinds of faults that a simulation draws.
var FaultKinds = []string{
	"crash", "operator fails", "operator panics", "read fails", "list fails", "sink fails", "ack lost", "ack late",
	"store begin fails", "store put fails", "store link fails", "store commit fails", "store answer lost", "store read fails",
	"store slow", "task slow", "reader slow", "channel full", "checkpoint times out", "checkpoint on request",
	"split", "merge", "split moves", "stop and go on", "savepoint", "start from a savepoint", "rescale", "drain",
	"source silent", "source returns", "other parallelism", "clock ticks",
	"state on disk", "file call fails", "file answer lost",
}

// world is a simulation while it runs.
type world struct {
	Simulation
	program  program
	rand     *rand.Rand
	faults   Faults
	healthy  bool // no faults are drawn any more
	stopping bool // the process was told to stop
	trouble  int  // faults in a thousand steps
	steps    int

	logs   []*Log[event]
	now    map[string]int64 // the last watermark written, by split
	splits int
	left   int // to be written

	silent   bool // the second source says nothing
	returns  int  // left when it returns; 0: never
	draining bool
	onDisk   bool               // states are, in the process that begins next
	to       *checkpoint.Memory // what a stop makes a savepoint in; nil: none
	from     *checkpoint.Checkpoint

	clock  *engine.ManualClock
	store  *faultyStore
	driver *Driver
	sleeps map[string]int // actors that are not stepped, and for how long
	fail   map[string]bool
	late   []func() // answers on their way
	disk   *simDisk // of the process, nil: none
	out    *outside
}

// simSteps is the most steps that a simulation may take; one that takes more stands still.
const simSteps = 200_000

// faultySteps is the number of steps after which no more faults are drawn.
const faultySteps = 4_000

// Run runs the simulation to its end. An error says what is wrong.
func (s Simulation) Run(ctx context.Context) (Faults, error) {
	w := s.world()
	err := w.run(ctx)
	err = errors.Join(err, w.disk.close())
	w.program.count(w.faults)
	if err == nil {
		err = w.out.compare(w.program.model(w.logs), w.program.orderModel(w.logs))
	}
	if err != nil {
		err = fmt.Errorf("seed %d, program %v: %w", s.Seed, w.program, err)
	}
	return w.faults, err
}

func (s Simulation) world() *world {
	r := rand.New(rand.NewPCG(s.Seed, 1))
	w := &world{
		Simulation: s, program: drawProgram(rand.New(rand.NewPCG(s.Seed, 2)), s.Stages), rand: r, faults: Faults{},
		now: map[string]int64{}, left: s.Elements, clock: engine.NewManualClock(time.UnixMilli(0)), out: newOutside(),
		sleeps: map[string]int{}, fail: map[string]bool{}, trouble: []int{2, 5, 10, 30}[r.IntN(4)],
	}
	if w.left == 0 {
		w.left = 20 + r.IntN(100)
	}
	w.onDisk = w.program.disk
	w.hush()
	for i := range w.program.sources {
		w.logs = append(w.logs, NewLog[event](fmt.Sprintf("%c0", 'a'+i), fmt.Sprintf("%c1", 'a'+i)))
	}
	w.store = newFaultyStore(w)
	return w
}

func (w *world) run(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	for w.steps = range simSteps {
		w.healthy = w.healthy || w.steps > faultySteps
		if w.driver.over {
			if done, err := w.again(ctx); done || err != nil {
				return err
			}
		}
		if err := w.out.err; err != nil {
			return err
		}
		if err := w.step(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("the job stands still: %v", w.driver.Actors())
}

// step writes, lets a fault occur, or takes a step of the job.
func (w *world) step(ctx context.Context) error {
	w.wakeSleepers()
	switch n := w.rand.IntN(1000); {
	case n < 60 && w.left > 0:
		return w.write()
	case n < 60+w.trouble && !w.healthy:
		return w.fault(ctx)
	case n < 120:
		w.driver.Ask()
	}
	moved, err := w.driver.Step()
	if w.driver.last == runtime.Blocked {
		w.faults["channel full"]++
	}
	if w.driver.over {
		return nil // an end of its own; run looks at it
	}
	if err != nil {
		return err
	}
	if !moved {
		return w.quiet()
	}
	return nil
}

// quiet makes something happen where the job waits for the outside.
func (w *world) quiet() error {
	switch {
	case len(w.sleeps) > 0 || len(w.late) > 0:
	case w.left > 0:
		return w.write()
	default:
		w.healthy = true
		w.tick(time.Second)
		w.driver.Ask()
	}
	return nil
}

// begin starts a process.
func (w *world) begin(ctx context.Context) (err error) {
	c := engine.Config{
		Name: "sim", MaxParallelism: 8, Parallelism: 1 + w.rand.IntN(4), BatchSize: 1 + w.rand.IntN(4), ChannelCapacity: 1 + w.rand.IntN(3),
		FetchCapacity: 1 + w.rand.IntN(3), Clock: w.clock, Store: w.store, CheckpointInterval: time.Second, CheckpointTimeout: 10 * time.Second,
		TolerableFailedCheckpoints: 1 << 30, DiscoverInterval: time.Duration(1+w.rand.IntN(20)) * time.Second,
		Restart: engine.FixedDelay{Attempts: 1 << 30}, ParallelismOf: map[string]int{"source a": 1 + w.rand.IntN(3)},
	}
	if !slices.Contains(w.Without, "split moves") {
		c.BalanceSplits = w.rand.IntN(4) > 0
		c.Hooks.OnSplit = func(e engine.SplitEvent) {
			if e.Moved > 0 && e.State == engine.SplitReading {
				w.faults["split moves"]++
			}
		}
	}
	if w.Parallelism > 0 {
		c.Parallelism, c.ParallelismOf = w.Parallelism, nil
	}
	if c.State, err = w.openDisk(); err != nil {
		return err
	}
	w.stopping, w.to = false, nil
	if w.from != nil {
		if _, _, err := w.store.Memory.Latest(ctx); errors.Is(err, checkpoint.ErrNone) {
			c.Savepoint = w.from
		}
	}
	job := engine.NewJob(c)
	w.program.build(w, job)
	w.sleeps, w.late = map[string]int{}, nil
	w.driver, err = drive(ctx, job, w.clock, w.rand.IntN, w.answer)
	if w.driver != nil && w.driver.over {
		return nil // it failed at once; run looks at it
	}
	return err
}

// again starts a process after the one before has ended, unless the job is done.
func (w *world) again(ctx context.Context) (done bool, err error) {
	if w.draining && w.driver.err == nil {
		w.cut()
		return true, nil
	}
	switch err := w.driver.err; {
	case errors.Is(err, engine.ErrFinished):
		return true, nil
	case err != nil && !errors.Is(err, engine.ErrCancelled):
		return true, err
	case err == nil && !w.stopping:
		return true, nil
	}
	if err := w.moveOut(ctx); err != nil {
		return false, err
	}
	return false, w.begin(ctx)
}

// write adds to a log: a record, a watermark, a split or a merge; in the end all are sealed, or the
// job is drained.
func (w *world) write() error {
	if w.silent && w.left <= max(w.returns, 1) {
		if err := w.unhush(); err != nil || w.driver.over {
			return err
		}
	}
	if w.left--; w.left == 0 {
		if !w.drain() {
			for _, l := range w.logs {
				l.Seal()
			}
		}
		return nil
	}
	l := w.logs[w.rand.IntN(len(w.logs))]
	if w.silent {
		l = w.logs[0]
	}
	open := l.Open()
	split := open[w.rand.IntN(len(open))]
	switch n := w.rand.IntN(20); {
	case n < 5:
		w.now[split] += w.rand.Int64N(2 * judgeSize)
		l.Watermark(split, w.now[split])
	case (n == 5 || n == 6) && len(open) < 5 && w.occurs("split"):
		a, b := w.child(split), w.child(split)
		l.Split(split, a, b)
	case n == 7 && len(open) > 1 && w.occurs("merge"):
		other := open[w.rand.IntN(len(open))]
		if other == split {
			w.faults["merge"]--
			return nil
		}
		child := w.child(split)
		w.now[child] = min(w.now[split], w.now[other])
		l.Merge(split, other, child)
	default:
		l.Append(split, event{Key: w.rand.Int64N(20)}, max(0, w.now[split]+w.rand.Int64N(5*judgeSize)-judgeSize))
	}
	return nil
}

func (w *world) child(of string) string {
	w.splits++
	id := fmt.Sprintf("%c%d", of[0], w.splits+1)
	w.now[id] = w.now[of]
	return id
}

// occurs counts a fault, unless it is left out.
func (w *world) occurs(kind string) bool {
	if slices.Contains(w.Without, kind) {
		return false
	}
	w.faults[kind]++
	return true
}
