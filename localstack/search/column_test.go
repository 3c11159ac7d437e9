package search

import (
	"fmt"
	"math"
	"testing"
)

// A whole number's column says what its source says, the least long included.
func TestNumberColumn(t *testing.T) {
	d, failed := parseDefinition([]byte(`{"mappings":{"properties":{"n":{"type":"long"},"at":{"type":"date"},"small":{"type":"byte"}}}}`))
	if failed != nil {
		t.Fatal(failed)
	}
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ix, failed := s.store.create("i", &d)
	if failed != nil {
		t.Fatal(failed)
	}
	e := executor{s: s}
	values := []string{`0`, `-1`, `"12"`, `3.9`, `-3.9`, `1e3`, `""`, `null`, ` 7 `, fmt.Sprint(math.MinInt64), fmt.Sprint(math.MaxInt64)}
	for round := range 2 { // written, then overwritten with another
		for i := range values {
			raw := values[(i+round)%len(values)]
			e.do(&action{index: "i", write: write{id: fmt.Sprint(i), source: fmt.Appendf(nil, `{"small":%d,"n":%s}`, i, raw)}}, nil)
		}
		e.do(&action{index: "i", write: write{id: "none", source: []byte(`{}`)}}, nil)
		for slot := range ix.docs {
			for _, name := range []string{"n", "small"} {
				f := ix.mapping.field(name)
				want, wantOK := int64(0), false
				if raw := plainBytes(ix.value(slot, f)); raw != nil {
					n, err := f.integer(raw)
					want, wantOK = n, err == nil
				}
				v, n, ok := ix.number(slot, f)
				if ok != wantOK || ok && (n != want || v != float64(want)) {
					t.Errorf("%s of %s: got %v, %d, %v, want %d, %v", name, ix.docs[slot].source, v, n, ok, want, wantOK)
				}
			}
		}
	}
	if len(ix.docs) != len(values)+1 {
		t.Errorf("%d documents were taken", len(ix.docs))
	}
}
