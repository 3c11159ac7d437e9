package engine_test

import (
	"fmt"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// twoSources is a job over two logs, of which the second may be idle as a whole.
type twoSources struct {
	*testing.T
	busy, quiet   *enginetest.Log[int64]
	clock         *engine.ManualClock
	job           *engine.Job
	driver        *enginetest.Driver
	counts, late  enginetest.Collect[string]
	store         *checkpoint.Memory
	joined, small bool // a join in the place of the union; channels and batches of one
}

func newTwoSources(t *testing.T) *twoSources {
	return &twoSources{
		T: t, busy: enginetest.NewLog[int64]("a"), quiet: enginetest.NewLog[int64]("b"),
		clock: engine.NewManualClock(time.UnixMilli(0)), store: checkpoint.NewMemory(1),
	}
}

func (t *twoSources) start() {
	t.Helper()
	c := engine.Config{Name: "test", Parallelism: 2, Clock: t.clock, Store: t.store}
	if t.small {
		c.Parallelism, c.BatchSize, c.ChannelCapacity, c.FetchCapacity = 1, 1, 1, 1
	}
	t.job = engine.NewJob(c)
	source := func(name string, log *enginetest.Log[int64], options ...engine.SourceOption) *engine.Stream[enginetest.Record[int64]] {
		return engine.FromSource(t.job, name, &enginetest.LogSource[int64]{Log: log, Eager: true, Ends: true}, enginetest.Watermarks[int64](), options...)
	}
	key := func(e *enginetest.Record[int64]) int64 { return e.Value }
	a, b := source("busy", t.busy), source("quiet", t.quiet, engine.IdleTimeout(5*time.Second))
	size := window.Tumbling(10 * time.Millisecond)
	if t.joined {
		pairs, _, _ := engine.JoinWindows(engine.KeyBy(a, key, engine.Int64Codec{}), engine.KeyBy(b, key, engine.Int64Codec{}), "meet", size,
			recordCodec, recordCodec, func(w window.Window, l, r *engine.Element[enginetest.Record[int64]]) (string, bool) {
				return fmt.Sprint(w.Start, l.Value.Value), true
			})
		engine.SinkTo(pairs, "counts", &t.counts)
	} else {
		counts, late := engine.Aggregate(engine.KeyBy(engine.Union("meet", a, b), key, engine.Int64Codec{}), "count", size, engine.Aggregation[int64, enginetest.Record[int64], int64, string]{
			Add:    func(n *int64, _ *engine.Element[enginetest.Record[int64]]) { *n++ },
			Result: func(_ int64, w window.Window, n *int64) (string, bool) { return fmt.Sprint(w.Start, ":", *n), true },
			Codec:  engine.Int64Codec{},
		})
		engine.SinkTo(counts, "counts", &t.counts)
		engine.SinkTo(engine.Map(late, "what is late", func(e *enginetest.Record[int64]) string { return fmt.Sprint("late ", e.Time) }), "late", &t.late)
	}
	var err error
	t.driver, err = enginetest.Drive(t.Context(), t.job, t.clock, nil)
	t.do(err)
	t.run()
}

var recordCodec = engine.FuncCodec[enginetest.Record[int64]]{
	AppendFunc: func(b []byte, r enginetest.Record[int64]) []byte { return engine.Int64Codec{}.Append(b, r.Value) },
	DecodeFunc: func(b []byte) (r enginetest.Record[int64], _ []byte, err error) {
		r.Value, b, err = engine.Int64Codec{}.Decode(b)
		return r, b, err
	},
}

func (t *twoSources) do(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (t *twoSources) run() { t.Helper(); t.do(t.driver.Run()) }

// advance lets time pass in two parts: a split must be found quiet twice.
func (t *twoSources) advance(d time.Duration) {
	t.Helper()
	for range 2 {
		t.clock.Advance(d / 2)
		t.do(t.driver.Tick())
	}
}

// clockIs checks the clock of the operator that reads both.
func (t *twoSources) clockIs(want int64, why string) {
	t.Helper()
	for _, o := range t.job.Status().Operators {
		if o.Name != "meet" {
			continue
		}
		for _, s := range o.Subtasks {
			if s.Watermark != want {
				t.Errorf("%s: the clock is %d, want %d", why, s.Watermark, want)
			}
		}
	}
}

func (t *twoSources) quietIs(want bool, why string) {
	t.Helper()
	for _, o := range t.job.Status().Operators {
		if o.Name == "quiet" && o.Idle != want {
			t.Errorf("%s: the quiet source is idle: %v", why, o.Idle)
		}
	}
}

// Ensure that a union and a join go on without a source that is idle as a whole, wait for
// it again once it has caught up, and do not come to the end without it.
func TestUnion_IdleSource(tt *testing.T) {
	for name, joined := range map[string]bool{"Union": false, "Join": true} {
		tt.Run(name, func(tt *testing.T) {
			t := newTwoSources(tt)
			t.joined = joined
			t.busy.Append("a", 7, 1)
			t.busy.Watermark("a", 20)
			t.start()
			t.clockIs(engine.NoWatermark, "nothing is known of one source")
			t.advance(4 * time.Second)
			t.clockIs(engine.NoWatermark, "too early")
			t.advance(6 * time.Second)
			t.clockIs(20, "one source is idle")
			t.quietIs(true, "after the timeout")

			t.quiet.Watermark("b", 15)
			t.run()
			t.busy.Watermark("a", 30)
			t.run()
			t.clockIs(30, "what has returned has not caught up")
			t.quiet.Watermark("b", 35)
			t.run()
			t.busy.Watermark("a", 60)
			t.run()
			t.clockIs(35, "it has, and counts")

			t.advance(12 * time.Second)
			t.clockIs(60, "idle again")
			t.busy.Seal()
			t.advance(12 * time.Second)
			t.clockIs(60, "the end of one source is not the end of both")
			t.quiet.Append("b", 7, 62)
			t.quiet.Watermark("b", 65)
			t.run()
			t.clockIs(65, "the other goes on")
			t.quiet.Seal()
			t.advance(12 * time.Second)
			t.clockIs(engine.MaxWatermark, "both have ended")
		})
	}
}

// Ensure that what an idle source brings behind the clock is late, before a restart and after
// it, and that nothing is counted twice.
func TestUnion_IdleSourceReturnsLate(tt *testing.T) {
	t := newTwoSources(tt)
	t.busy.Append("a", 7, 1)
	t.busy.Watermark("a", 20)
	t.start()
	t.advance(12 * time.Second)
	if got := values(&t.counts); got != "0:1@9" {
		t.Errorf("results %q", got)
	}
	t.quiet.Append("b", 7, 5)
	t.run()
	if got := values(&t.late); got != "late 5@5" {
		t.Errorf("late %q", got)
	}
	t.do(t.driver.Checkpoint())
	t.driver.Kill()
	t.start()
	t.quiet.Append("b", 7, 6)
	t.quiet.Append("b", 7, 25)
	t.run()
	if got := values(&t.late); got != "late 6@6" {
		t.Errorf("late after a restart %q", got)
	}
	t.busy.Seal()
	t.quiet.Seal()
	t.advance(12 * time.Second)
	if got := values(&t.counts); got != "20:1@29" {
		t.Errorf("results after a restart %q", got)
	}
}

// Ensure that a source is not idle for the time in which its subtask had no room.
func TestUnion_BackpressuredSource(tt *testing.T) {
	t := newTwoSources(tt)
	t.small = true
	t.start()
	t.driver.Block("meet/0")
	for i := range int64(40) {
		t.quiet.Append("b", i, 10+i)
	}
	t.run()
	t.advance(20 * time.Second)
	t.quietIs(false, "nobody looks at it")
	t.driver.Unblock("meet/0")
	t.run()
	t.quietIs(false, "the time before does not count")
	t.advance(12 * time.Second)
	t.quietIs(true, "it has been looked at for the timeout")
}
