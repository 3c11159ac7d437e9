package backfill

import (
	"context"
	"slices"
	"strings"
	"sync"

	"taxistream/engine"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// collector is the sink of one span: it keeps the documents, and leaves the rejects,
// which the job counts, aside.
type collector struct {
	prefix string
	mu     sync.Mutex
	docs   []opensearch.Document
}

// Open implements engine.Sink.
func (c *collector) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[opensearch.Document], error) {
	return c, nil
}

// Write implements engine.SinkWriter.
func (c *collector) Write(_ context.Context, batch []engine.Element[opensearch.Document]) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range batch {
		if d := &batch[i].Value; aliasOf(c.prefix, d.Index) != names.TaxiRejects {
			c.docs = append(c.docs, *d) // its source is its own
		}
	}
	return nil
}

// aliasOf is the alias of a monthly index, without the prefix.
func aliasOf(prefix, index string) string {
	alias := strings.TrimPrefix(index, prefix)
	return alias[:strings.LastIndexByte(alias, '-')]
}

// sorted are the documents by monthly index, and so by alias, and by id.
func (c *collector) sorted() []opensearch.Document {
	slices.SortFunc(c.docs, func(a, b opensearch.Document) int {
		if a.Index != b.Index {
			return strings.Compare(a.Index, b.Index)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return c.docs
}

// Prepare implements engine.SinkWriter.
func (c *collector) Prepare(context.Context, int64) ([]byte, error) { return nil, nil }

// Committed implements engine.SinkWriter.
func (c *collector) Committed(context.Context, int64) error { return nil }

// Close implements engine.SinkWriter.
func (c *collector) Close() error { return nil }
