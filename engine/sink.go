package engine

import (
	"context"
	"time"
)

// Subtask tells an operator or sink which of its parallel instances it is.
type Subtask struct {
	Operator    string
	Index       int
	Parallelism int
	base        *base
	sides       map[string]any // *Collector[R] by tag
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
