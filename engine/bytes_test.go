package engine_test

import (
	"context"
	"testing"
	"unsafe"

	"taxistream/engine"
	"taxistream/engine/enginetest"
)

// text is a value that knows what it holds.
type text string

func (t text) Size() int { return len(t) }

// weighed is a source whose readers say what they read, and of which one read has seven bytes an element.
type weighed struct{ engine.Sequence[int64] }

func (w weighed) Open(ctx context.Context, s engine.Split) (engine.SplitReader[int64], error) {
	r, err := w.Sequence.Open(ctx, s)
	return weighedReader{r}, err
}

type weighedReader struct{ engine.SplitReader[int64] }

func (r weighedReader) Next(ctx context.Context) (engine.Read[int64], error) {
	read, err := r.SplitReader.Next(ctx)
	read.Bytes = 7 * int64(len(read.Elements))
	return read, err
}

// metered is a sink that says it has written three bytes an element, the last of them when it is asked to prepare.
type metered struct {
	enginetest.Collect[int64]
}

type meteredWriter struct {
	engine.SinkWriter[int64]
	waiting, written int64
}

func (m *metered) Open(ctx context.Context, s engine.Subtask, prepared [][]byte) (engine.SinkWriter[int64], error) {
	w, err := m.Collect.Open(ctx, s, prepared)
	return &meteredWriter{SinkWriter: w}, err
}

func (w *meteredWriter) Write(ctx context.Context, batch []engine.Element[int64]) error {
	w.waiting += int64(len(batch))
	return w.SinkWriter.Write(ctx, batch)
}

func (w *meteredWriter) Prepare(ctx context.Context, id int64) ([]byte, error) {
	w.written, w.waiting = w.written+3*w.waiting, 0
	return w.SinkWriter.Prepare(ctx, id)
}

func (w *meteredWriter) BytesWritten() int64 { return w.written }

// bytesOf sums up what the subtasks of an operator read and wrote.
func bytesOf(t *testing.T, s engine.Snapshot, operator string) (in, out int64) {
	t.Helper()
	for _, o := range s.Operators {
		if o.Name == operator {
			for _, subtask := range o.Subtasks {
				in, out = in+subtask.BytesIn, out+subtask.BytesOut
			}
			return in, out
		}
	}
	t.Fatalf("there is no operator %s", operator)
	return 0, 0
}

// Ensure that bytes are counted where elements come into a task and leave it, once for each reader, as those say who
// know, and nowhere else.
func TestBytes(t *testing.T) {
	const n = 1000
	job := engine.NewJob(engine.Config{Name: "bytes", Parallelism: 2})
	in := engine.FromSource(job, "numbers", weighed{sequenceOf(n, 1)}, engine.Monotonous[int64]())
	mapped := engine.Map(in, "map", func(v *int64) int64 { return *v })
	keyed := engine.KeyBy(mapped, func(v *int64) int64 { return *v }, engine.Int64Codec{})
	sums := engine.Reduce(keyed, "reduce", engine.Int64Codec{}, func(a, b int64) int64 { return a + b })
	engine.SinkTo(sums, "metered", &metered{})
	texts := engine.Map(engine.Broadcast(mapped, "broadcast"), "texts", func(*int64) text { return "hello" })
	var plain enginetest.Collect[text]
	engine.SinkTo(engine.Rebalance(texts, "rebalance"), "plain", &plain)
	if err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	element := int64(unsafe.Sizeof(engine.Element[int64]{}))
	for _, c := range []struct {
		operator string
		in, out  int64
	}{
		{"numbers", 7 * n, 0},
		{"map", 0, 3 * element * n}, // to one of the subtasks by key, to both by broadcast
		{"reduce", element * n, 0},
		{"metered", 0, 3 * n},
		{"broadcast", 2 * element * n, 0},
		{"texts", 0, 2 * 5 * n},
		{"rebalance", 2 * 5 * n, 0},
		{"plain", 0, 2 * 5 * n},
	} {
		if in, out := bytesOf(t, job.Status(), c.operator); in != c.in || out != c.out {
			t.Errorf("%s: %d bytes in and %d out, want %d and %d", c.operator, in, out, c.in, c.out)
		}
	}
	sent := map[string]int64{}
	for _, o := range job.Status().Operators {
		for _, subtask := range o.Subtasks {
			sent[o.Name] += subtask.Sent
		}
	}
	for operator, want := range map[string]int64{"numbers": 0, "map": 3 * n, "reduce": 0, "metered": n, "texts": 2 * n, "plain": 2 * n} {
		if sent[operator] != want {
			t.Errorf("%s sent %d elements, want %d", operator, sent[operator], want)
		}
	}
}

// Ensure that both inputs of a join count.
func TestBytes_Join(t *testing.T) {
	job := engine.NewJob(engine.Config{Name: "bytes", Parallelism: 2})
	keyed := func(name string, n int64) *engine.KeyedStream[int64, int64] {
		in := engine.FromSource(job, name, sequenceOf(n, 1), engine.Monotonous[int64]())
		return engine.KeyBy(in, func(v *int64) int64 { return *v }, engine.Int64Codec{})
	}
	pairs, _, _ := engine.IntervalJoin(keyed("left", 100), keyed("right", 50), "pairs", engine.Interval{}, engine.Int64Codec{}, engine.Int64Codec{},
		func(l, _ *engine.Element[int64]) (int64, bool) { return l.Value, true })
	var out enginetest.Collect[int64]
	engine.SinkTo(pairs, "out", &out)
	if err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	element := int64(unsafe.Sizeof(engine.Element[int64]{}))
	if in, _ := bytesOf(t, job.Status(), "pairs"); in != 150*element {
		t.Errorf("%d bytes in, want %d", in, 150*element)
	}
	if in, out := bytesOf(t, job.Status(), "left"); in != 100*element || out != 100*element {
		t.Errorf("a source that does not say: %d bytes in, %d out, want %d", in, out, 100*element)
	}
}
