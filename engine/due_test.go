package engine

import (
	"context"
	"slices"
	"testing"
	"time"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/window"
)

// futureSource has one split of event times that is read at once; it then stands at its tip.
type futureSource struct{ times []int64 }

func (s *futureSource) Splits(context.Context) ([]Split, error) { return []Split{{ID: "only"}}, nil }

func (s *futureSource) Open(context.Context, Split) (SplitReader[int64], error) {
	return &futureReader{s}, nil
}

type futureReader struct{ source *futureSource }

func (r *futureReader) Next(context.Context) (Read[int64], error) {
	read := Read[int64]{AtTip: true}
	for _, at := range r.source.times {
		read.Elements = append(read.Elements, Element[int64]{Value: at, EventTime: at})
	}
	r.source.times = nil
	return read, nil
}
func (r *futureReader) Close() error { return nil }

// steps takes a negative element for a watermark.
type steps struct{}

func (steps) OnElement(e *Element[int64], current int64) (int64, bool) {
	if e.Value < 0 { // a watermark
		return -e.Value, false
	}
	return current, true
}
func (steps) OnTick(_ time.Time, current int64) int64 { return current }

// Ensure that a watermark works for the windows and pairs that it reaches, and for no other:
// with 20,000 of them far ahead, 1,000 watermarks that reach 50 look at those 50.
func TestWatermark_CostsWhatItReaches(t *testing.T) {
	const future, reached, watermarks, size = 20_000, 50, 1_000, 10
	source := &futureSource{}
	for i := range int64(future) {
		source.times = append(source.times, 1_000_000+i*size)
	}
	for i := range int64(reached) {
		source.times = append(source.times, i*size)
	}
	job := NewJob(Config{Name: "test"})
	in := FromSource(job, "in", source, func(Split) WatermarkGenerator[int64] { return steps{} })
	once, _, _ := Distinct(KeyBy(in, func(v *int64) int64 { return *v }, Int64Codec{}), "once", func(v *int64) int64 { return *v + size })
	_, _ = Aggregate(KeyBy(once, func(*int64) int64 { return 0 }, Int64Codec{}), "counts", window.Tumbling(size*time.Millisecond),
		Aggregation[int64, int64, int64, int64]{
			Add:    func(n *int64, _ *Element[int64]) { *n++ },
			Result: func(_ int64, _ window.Window, n *int64) (int64, bool) { return *n, true },
			Codec:  Int64Codec{},
		}, AllowedLateness(size*time.Millisecond))

	sim, err := Simulate(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	x, err := sim.Attempt()
	if err != nil {
		t.Fatal(err)
	}
	var actors []runtime.Actor
	x.Start(func(a runtime.Actor) { actors = append(actors, a) })
	turn := func() { // in turn, until a round does nothing
		t.Helper()
		asked := make(map[runtime.Actor]bool) // readers that had nothing new
		for did := true; did; {
			did = false
			for _, a := range slices.Clone(actors) {
				if asked[a] {
					continue
				}
				switch x.Step(a, time.Unix(0, 0)) {
				case runtime.Did:
					did = true
				case runtime.Ended:
					actors = slices.DeleteFunc(actors, func(other runtime.Actor) bool { return other == a })
				case runtime.Empty:
					asked[a] = true
				case runtime.Idle, runtime.Blocked:
				}
			}
		}
	}
	turn()
	for w := range int64(watermarks) {
		source.times = append(source.times, -(w + 1))
		turn()
	}
	var pairs *distinctOperator[int64, int64]
	var windows *aggregateOperator[int64, int64, int64, int64]
	for _, task := range job.attempt.tasks {
		switch o := task.Chain.(chainHead).first.(type) {
		case *distinctOperator[int64, int64]:
			pairs = o
		case *aggregateOperator[int64, int64, int64, int64]:
			windows = o
		}
	}
	if pairs.due.taken != reached || len(pairs.seen) != future {
		t.Errorf("pairs: %d looked at, %d left", pairs.due.taken, len(pairs.seen))
	}
	// Each window is looked at twice: when it fires, and when it goes.
	if windows.due.taken != 2*reached || len(windows.open) != future || windows.n.fired.Load() != reached {
		t.Errorf("windows: %d looked at, %d left, %d fired", windows.due.taken, len(windows.open), windows.n.fired.Load())
	}
	if err := sim.End(true, nil); err != nil {
		t.Fatal(err)
	}
	turn()
	if windows.n.fired.Load() != reached+future || len(windows.open) != 0 || len(pairs.seen) != 0 {
		t.Errorf("drained: %d windows fired, %d and %d left", windows.n.fired.Load(), len(windows.open), len(pairs.seen))
	}
	if err := sim.Finish(x.Close(nil)); err != nil || len(actors) != 0 {
		t.Fatal(err, len(actors))
	}
}

// Ensure that values come out by time and then tie, and only those that are due.
func TestDueList(t *testing.T) {
	var d dueList[string]
	d.add(5, 2, "c")
	d.add(5, 1, "b")
	d.add(9, 0, "d")
	d.add(1, 7, "a")
	got := ""
	for v, ok := d.next(5); ok; v, ok = d.next(5) {
		got += v
	}
	if got != "abc" {
		t.Errorf("due at 5: %q", got)
	}
	if v, ok := d.next(9); !ok || v != "d" {
		t.Errorf("due at 9: %q, %v", v, ok)
	}
	if _, ok := d.next(MaxWatermark); ok {
		t.Error("one more is due")
	}
}
