package opensearch_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// Ensure Top is what adding up or counting every document gives, over months too, with equal
// sums in the order of their keys, and nothing where nothing is.
func TestTop(t *testing.T) {
	f := newFixture(t, search.Options{})
	if top, err := f.Client.Top(t.Context(), names.PickupCount, "cell", "pickup_count", 3); len(top) != 0 || err != nil {
		t.Fatalf("before the first document: got %v, %v", top, err)
	}
	if err := results.PutTemplates(t.Context(), f.Client, "", storetest.Rules, nil); err != nil {
		t.Fatal(err)
	}
	w := f.Writer(t, opensearch.WriterOptions{})
	want := map[string]opensearch.Group{}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 500 {
		cell := fmt.Sprint("cell-", rng.IntN(40))
		d := storetest.Hotspot(storetest.NewYear+int64(i)*6*3_600_000, cell, 1+rng.Int64N(3))
		storetest.Add(t, w, d)
		g := want[cell]
		want[cell] = opensearch.Group{Key: cell, Documents: g.Documents + 1, Sum: g.Sum + float64(d.Version)}
	}
	storetest.Flush(t, w)
	all := slices.SortedFunc(maps.Values(want), func(a, b opensearch.Group) int {
		return cmp.Or(cmp.Compare(b.Sum, a.Sum), cmp.Compare(a.Key, b.Key))
	})
	for _, n := range []int{1, 10, 1000} {
		top, err := f.Client.Top(t.Context(), names.PickupCount, "cell", "pickup_count", n)
		if err != nil || !slices.Equal(top, all[:min(n, len(all))]) {
			t.Errorf("the first %d: got %v, %v, want %v", n, top, err, all[:min(n, len(all))])
		}
	}
	slices.SortFunc(all, func(a, b opensearch.Group) int {
		return cmp.Or(cmp.Compare(b.Documents, a.Documents), cmp.Compare(a.Key, b.Key))
	})
	for i := range all {
		all[i].Sum = 0
	}
	if top, err := f.Client.Top(t.Context(), names.PickupCount, "cell", "", 5); err != nil || !slices.Equal(top, all[:5]) {
		t.Errorf("with the most documents: got %v, %v, want %v", top, err, all[:5])
	}
	if _, err := f.Client.Top(t.Context(), names.PickupCount, "location", "pickup_count", 3); err == nil {
		t.Error("by a field that is no keyword: got no error")
	}
}
