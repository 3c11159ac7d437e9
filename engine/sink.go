package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"taxistream/engine/internal/runtime"
)

// Subtask tells an operator or sink which of its parallel instances it is.
type Subtask struct {
	Operator    string
	Index       int
	Parallelism int
	base        *base
	sides       map[string]any // *Collector[R] by tag
	keyed       *keyedState    // nil: the operator has none
}

// Sink is where elements leave the job.
//
// Idempotent contract: writing an element again has no effect. After a restart
// everything since the last checkpoint is written again, so such a sink is
// exactly once in its results with an empty Prepare state and no Committed.
//
// Two-phase contract: Write stages, Prepare makes the stage durable and returns
// what is needed to commit it, Committed publishes it. A checkpoint may fail after
// Prepare: Committed then skips its id, and that of a later one covers it. The
// runtime keeps every state that Prepare returned until a Committed covers it, and
// writes all of them into each checkpoint. Committed may be called late, repeated, or,
// after a crash, on another instance: Open then gets the prepared states in the
// checkpoint that was restored, and must commit each of them, whether or not it
// was already.
//
// In one attempt every subtask is opened before any writes, and the writers of one attempt
// are closed before those of the next are opened.
type Sink[T any] interface {
	// Open makes the writer of one subtask. prepared are the states in the restored
	// checkpoint that Prepare returned and no Committed had covered, dealt out over the
	// subtasks.
	Open(ctx context.Context, subtask Subtask, prepared [][]byte) (SinkWriter[T], error)
}

// SinkWriter is one instance of a sink, driven by calls from one goroutine. It
// may do its work behind the scenes; an error of that work is returned by the
// next call. Any error fails the job.
type SinkWriter[T any] interface {
	// Write takes a batch, which is the caller's again when it returns. It blocks
	// while the outside cannot take more: this is the backpressure of the job.
	Write(ctx context.Context, batch []Element[T]) error
	// Prepare is called at a barrier: when it returns, everything written before
	// is safe outside. The state it returns (nil: none) enters the checkpoint.
	Prepare(ctx context.Context, checkpointID int64) ([]byte, error)
	// Committed is called after a checkpoint is whole: everything prepared at it
	// and at those before it (ids up to checkpointID) is to be published.
	Committed(ctx context.Context, checkpointID int64) error
	// Close frees what the writer holds, after success and failure alike.
	Close() error
}

// SinkTicker is implemented by a SinkWriter that wants to be called about every
// TickInterval, for work that must not wait for the next batch.
type SinkTicker interface {
	Tick(ctx context.Context, now time.Time) error
}

// SinkTo ends a stream in a sink. Its name is the stable id of its state.
func SinkTo[T any](in *Stream[T], name string, sink Sink[T]) {
	n := in.job.plan.addNode(name, kindSink)
	n.publish = func(ctx context.Context, prepared [][]byte) error {
		w, err := sink.Open(ctx, Subtask{Operator: name, Parallelism: 1}, prepared)
		if err != nil {
			return err
		}
		return w.Close()
	}
	in.connect(n, func(b *builder) (input[T], error) { return newSinkOperator(b, n, sink) })
}

// sinkOperator drives a SinkWriter: the end of a chain.
type sinkOperator[T any] struct {
	base
	ctx    context.Context //nolint:containedctx // the attempt's, which the operator lives as long as
	writer SinkWriter[T]
	ticker SinkTicker // nil: it does not want ticks
	size   func([]Element[T]) int64
	meter  ByteCounter // nil: the writer does not say
	told   int64       // by meter, so far
	// pending are the states of Prepare whose checkpoints are not committed yet, by id. Each
	// barrier writes all of them: the checkpoint that prepared one may have failed, or its
	// commit may still be on its way when the next barrier passes.
	pending []prepared
	first   *Element[T] // of the batch at work
}

// preparedState is the name of a sink's state.
const preparedState = "prepared"

// prepared is what a sink returned at a barrier.
type prepared struct {
	id    int64
	state []byte
}

func newSinkOperator[T any](b *builder, n *node, sink Sink[T]) (input[T], error) {
	o := &sinkOperator[T]{base: newBase(b, n), ctx: b.a.x.Ctx, size: sizeOf[T]()}
	share, err := b.a.from.dealt(n, b.subtask, b.parallelism)
	if err != nil {
		return nil, err
	}
	subtask := Subtask{Operator: n.name, Index: b.subtask, Parallelism: b.parallelism}
	err = guarded(n, b.subtask, "open", func() (err error) {
		o.writer, err = sink.Open(o.ctx, subtask, share)
		return err
	})
	if err != nil {
		return nil, err
	}
	o.ticker, _ = o.writer.(SinkTicker)
	o.meter, _ = o.writer.(ByteCounter)
	b.a.x.OnClose(o.close)
	return o, nil
}

func (o *sinkOperator[T]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	o.first = nil
	if len(batch) > 0 {
		o.first = &batch[0]
	}
	if err := o.writer.Write(o.ctx, batch); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	o.first = nil
	o.n.out.Add(int64(len(batch)))
	o.n.sent.Add(int64(len(batch)))
	if o.meter == nil {
		o.n.bytesOut.Add(o.size(batch))
	}
	o.counted()
	return nil
}

// counted takes over what the writer says it has written since the last time.
func (o *sinkOperator[T]) counted() {
	if o.meter == nil {
		return
	}
	n := o.meter.BytesWritten()
	o.n.bytesOut.Add(n - o.told)
	o.told = n
}

// element is the first of the batch at work: a writer does not say which one it fails at.
func (o *sinkOperator[T]) element() string { return o.first.print() }

func (o *sinkOperator[T]) signal(s signal) error {
	switch s.Kind {
	case runtime.Cut:
		return o.prepare(s.Barrier.ID)
	case runtime.Committed:
		if err := o.writer.Committed(o.ctx, s.At); err != nil {
			return fmt.Errorf("commit checkpoint %d: %w", s.At, err)
		}
		o.pending = slices.DeleteFunc(o.pending, func(p prepared) bool { return p.id <= s.At })
	case runtime.Tick:
		if o.ticker == nil {
			return nil
		}
		if err := o.ticker.Tick(o.ctx, s.Now); err != nil {
			return fmt.Errorf("tick: %w", err)
		}
		o.counted()
	case runtime.Watermark:
		o.n.watermark.Store(s.At)
	case runtime.Flush, runtime.End, runtime.WatermarkStatus:
	}
	return nil
}

func (o *sinkOperator[T]) prepare(id int64) error {
	state, err := o.writer.Prepare(o.ctx, id)
	if err != nil {
		return fmt.Errorf("prepare checkpoint %d: %w", id, err)
	}
	o.counted()
	if state != nil {
		o.pending = append(o.pending, prepared{id: id, state: state})
	}
	if n := len(o.pending); runtime.Is(runtime.ForgetPrepared) && n > 1 {
		o.pending = o.pending[n-1:]
	}
	var all [][]byte
	for _, p := range o.pending {
		all = append(all, p.state)
	}
	if all != nil {
		o.keepList(preparedState, all)
	}
	return nil
}

func (o *sinkOperator[T]) close() error {
	return guarded(o.node, o.env.subtask, "close", o.writer.Close)
}
