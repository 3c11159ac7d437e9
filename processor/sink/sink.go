// Package sink hands the job's documents to one bulk writer. It is idempotent:
// documents have names and versions, so writing one again changes nothing, and
// a checkpoint is answered when everything before it is written.
package sink

import (
	"context"

	"taxistream/engine"
	"taxistream/internal/mutant"
	"taxistream/internal/opensearch"
)

// Sink is an engine.Sink over a writer that all subtasks share.
type Sink struct{ Writer *opensearch.Writer }

// Open implements engine.Sink.
func (s Sink) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[opensearch.Document], error) {
	return &writer{Writer: s.Writer}, nil
}

type writer struct {
	Writer *opensearch.Writer
	bytes  int64 // of the documents it was given
}

// Write implements engine.SinkWriter.
func (w *writer) Write(ctx context.Context, batch []engine.Element[opensearch.Document]) error {
	for i := range batch {
		if err := w.Writer.Add(ctx, batch[i].Value); err != nil {
			return err
		}
		w.bytes += int64(len(batch[i].Value.Source))
	}
	return nil
}

// Prepare implements engine.SinkWriter: it returns when everything is written.
func (w *writer) Prepare(ctx context.Context, _ int64) ([]byte, error) {
	if mutant.Is(mutant.Unflushed) {
		return nil, nil
	}
	return nil, w.Writer.Flush(ctx)
}

// Committed implements engine.SinkWriter.
func (*writer) Committed(context.Context, int64) error { return nil }

// Close implements engine.SinkWriter. The writer belongs to the program.
func (*writer) Close() error { return nil }

// BytesWritten implements engine.ByteCounter: the documents of this subtask, without what a bulk request puts around them.
func (w *writer) BytesWritten() int64 { return w.bytes }
