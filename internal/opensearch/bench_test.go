package opensearch_test

import (
	"fmt"
	"testing"

	"taxistream/internal/opensearch"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// BenchmarkWriter reports the whole way of a document: batch, request, embedded
// store, answer, verdict.
func BenchmarkWriter(b *testing.B) {
	f := newFixture(b, search.Options{})
	w := f.Writer(b, opensearch.WriterOptions{})
	docs := make([]opensearch.Document, 5000)
	for i := range docs {
		docs[i] = storetest.Hotspot(storetest.NewYear+600_000*int64(i/500), fmt.Sprintf("89%013x", i), 7)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := w.Add(b.Context(), docs[i%len(docs)]); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
}
