package engine

import (
	"context"
	"slices"
	"strings"
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
	source  *manyKeys
	sim     *Simulated
	x       *runtime.Execution
	actors  []runtime.Actor
	longest time.Duration // of a task's step
}

// countIn counts by key, in accumulators of type A.
func countIn[A any](in *Stream[int64], add func(*A), codec Codec[A]) {
	counts, _ := Aggregate(KeyBy(in, func(v *int64) int64 { return *v }, Int64Codec{}), "count", window.Tumbling(time.Hour), Aggregation[int64, int64, A, int64]{
		Add:    func(n *A, _ *Element[int64]) { add(n) },
		Result: func(int64, window.Window, *A) (int64, bool) { return 0, false },
		Codec:  codec,
	})
	Filter(counts, "none", func(*int64) bool { return false })
}

// byValue counts in numbers, byPointer in what has to be copied deeply.
func byValue(in *Stream[int64]) { countIn(in, func(n *int64) { *n++ }, Int64Codec{}) }

func byPointer(in *Stream[int64]) {
	add := func(n **int64) {
		if *n == nil {
			*n = new(int64)
		}
		**n++
	}
	countIn(in, add, FuncCodec[*int64]{
		AppendFunc: func(b []byte, n *int64) []byte { return Int64Codec{}.Append(b, *n) },
		DecodeFunc: func(b []byte) (*int64, []byte, error) {
			n, b, err := Int64Codec{}.Decode(b)
			return &n, b, err
		},
	})
}

func newKeysWorld(t testing.TB, store checkpoint.Store, keys int64, count func(*Stream[int64])) (*keysWorld, *Job) {
	return newKeysWorldOn(t, Config{Name: "keys", Store: store}, keys, count)
}

func newKeysWorldOn(t testing.TB, config Config, keys int64, count func(*Stream[int64])) (*keysWorld, *Job) {
	job := NewJob(config)
	source := &manyKeys{left: keys}
	count(FromSource(job, "in", source, NoWatermarks[int64]()))
	sim, err := Simulate(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	w := &keysWorld{sim: sim, source: source}
	if w.x, err = sim.Attempt(); err != nil {
		t.Fatal(err)
	}
	w.x.Start(func(a runtime.Actor) { w.actors = append(w.actors, a) })
	return w, job
}

// settle lets everything happen that can, uploads at the very end.
func (w *keysWorld) settle() {
	w.longest = 0
	asked := make(map[runtime.Actor]bool)
	for did, last := true, false; did || !last; {
		last, did = !did, false
		for _, a := range slices.Clone(w.actors) {
			if asked[a] || !last && strings.HasPrefix(a.Name(), "upload/") {
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

// BenchmarkSnapshot takes a checkpoint of a million keys to a folder, all of which change
// before any is written, and goes on from it: for how long the window's task stands still
// at most, at the barrier or behind it (the least of all runs, since the machine has others to
// serve, too), and how long either takes.
func BenchmarkSnapshot(b *testing.B) {
	b.Run("value", func(b *testing.B) { benchmarkSnapshot(b, byValue) })
	b.Run("pointer", func(b *testing.B) { benchmarkSnapshot(b, byPointer) })
}

func benchmarkSnapshot(b *testing.B, count func(*Stream[int64])) {
	const keys = 1_000_000
	stop := time.Hour
	for range b.N {
		store, err := checkpoint.OpenFolder(b.TempDir(), checkpoint.FolderOptions{})
		if err != nil {
			b.Fatal(err)
		}
		w, job := newKeysWorld(b, store, keys, count)
		w.settle()
		w.sim.Checkpoint()
		w.source.left = keys
		w.settle()
		stop = min(stop, w.longest)
		b.ReportMetric(float64(stop.Microseconds())/1000, "ms-stop")
		began := time.Now()
		w.sim.Checkpoint()
		w.settle()
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-checkpoint")
		b.ReportMetric(float64(job.Status().Checkpoints.LastBytes)/1e6, "MB")
		w.close()
		began = time.Now()
		w, job = newKeysWorld(b, store, 0, count)
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
