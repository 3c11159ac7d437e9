// Package sink hands the job's documents to one bulk writer. It is idempotent:
// documents have names and versions, so writing one again changes nothing, and
// a checkpoint is answered when everything before it is written.
package sink

import (
	"context"

	"taxistream/engine"
	"taxistream/internal/opensearch"
)

// Sink is an engine.Sink over a writer that all subtasks share.
type Sink struct{ Writer *opensearch.Writer }

// Open implements engine.Sink.
func (s Sink) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[opensearch.Document], error) {
	return writer(s), nil
}

type writer struct{ Writer *opensearch.Writer }

// Write implements engine.SinkWriter.
func (w writer) Write(ctx context.Context, batch []engine.Element[opensearch.Document]) error {
	for i := range batch {
		if err := w.Writer.Add(ctx, batch[i].Value); err != nil {
			return err
		}
	}
	return nil
}

// Prepare implements engine.SinkWriter: it returns when everything is written.
func (w writer) Prepare(ctx context.Context, _ int64) ([]byte, error) {
	return nil, w.Writer.Flush(ctx)
}

// Committed implements engine.SinkWriter.
func (writer) Committed(context.Context, int64) error { return nil }

// Close implements engine.SinkWriter. The writer belongs to the program.
func (writer) Close() error { return nil }
