package engine

import (
	"context"
	"slices"
	"testing"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
	"taxistream/engine/window"
)

// manyKeys is a source of one split with so many keys, one element each, that stands at
// its tip then.
type manyKeys struct{ left int64 }

func (m *manyKeys) Splits(context.Context) ([]Split, error) { return []Split{{ID: "only"}}, nil }
func (m *manyKeys) Open(_ context.Context, s Split) (SplitReader[int64], error) {
	if s.Offset != nil {
		m.left = 0
	}
	return m, nil
}
func (m *manyKeys) Close() error { return nil }
func (m *manyKeys) Next(context.Context) (Read[int64], error) {
	read := Read[int64]{AtTip: m.left == 0, Offset: []byte("x")}
	for range min(m.left, 1000) {
		read.Elements = append(read.Elements, Element[int64]{Value: m.left, EventTime: 5})
		m.left--
	}
	return read, nil
}

// keysWorld steps a job that counts so many keys, and times the steps.
type keysWorld struct {
	sim     *Simulated
	x       *runtime.Execution
	actors  []runtime.Actor
	longest time.Duration // of a task's step
}

func newKeysWorld(t testing.TB, store checkpoint.Store, keys int64) (*keysWorld, *Job) {
	job := NewJob(Config{Name: "keys", Store: store})
	in := FromSource(job, "in", &manyKeys{left: keys}, NoWatermarks[int64]())
	counts, _ := Aggregate(KeyBy(in, func(v *int64) int64 { return *v }, Int64Codec{}), "count", window.Tumbling(time.Hour), Aggregation[int64, int64, int64, int64]{
		Add:    func(n *int64, _ *Element[int64]) { *n++ },
		Result: func(_ int64, _ window.Window, n *int64) (int64, bool) { return *n, true },
		Codec:  Int64Codec{},
	})
	Filter(counts, "none", func(*int64) bool { return false })
	sim, err := Simulate(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	w := &keysWorld{sim: sim}
	if w.x, err = sim.Attempt(); err != nil {
		t.Fatal(err)
	}
	w.x.Start(func(a runtime.Actor) { w.actors = append(w.actors, a) })
	return w, job
}

func (w *keysWorld) settle() {
	w.longest = 0
	asked := make(map[runtime.Actor]bool)
	for did := true; did; {
		did = false
		for _, a := range slices.Clone(w.actors) {
			if asked[a] {
				continue
			}
			began := time.Now()
			o := w.x.Step(a, time.Unix(0, 0))
			if _, task := a.(*runtime.Task); task {
				w.longest = max(w.longest, time.Since(began))
			}
			did = did || o == runtime.Did
			asked[a] = o == runtime.Empty
		}
	}
}

func (w *keysWorld) close() {
	w.x.Cancel()
	for _, a := range slices.Clone(w.actors) {
		w.x.Step(a, time.Unix(0, 0))
	}
	_ = w.sim.Finish(w.x.Close(nil))
}

// BenchmarkSnapshot takes a checkpoint of a million keys to a folder and goes on from it:
// for how long the window's task stands still, and how long either takes.
func BenchmarkSnapshot(b *testing.B) {
	const keys = 1_000_000
	for range b.N {
		store, err := checkpoint.OpenFolder(b.TempDir(), checkpoint.FolderOptions{})
		if err != nil {
			b.Fatal(err)
		}
		w, job := newKeysWorld(b, store, keys)
		w.settle()
		began := time.Now()
		w.sim.Checkpoint()
		w.settle()
		b.ReportMetric(float64(w.longest.Microseconds())/1000, "ms-stop")
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-checkpoint")
		b.ReportMetric(float64(job.Status().Checkpoints.LastBytes)/1e6, "MB")
		w.close()
		began = time.Now()
		w, job = newKeysWorld(b, store, 0)
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-restore")
		if n := job.Status().Operators[1].Subtasks[0].StateEntries; n != keys {
			b.Fatalf("%d keys are restored", n)
		}
		w.close()
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
