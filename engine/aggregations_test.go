package engine_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"taxistream/engine"
	"taxistream/engine/window"
)

// fold takes values in as parts that were encoded, decoded and merged.
func fold[A, V any](t *testing.T, r *rand.Rand, agg engine.Aggregation[string, int64, A, engine.Aggregated[string, V]], values []int64) string {
	t.Helper()
	var total A
	for len(values) > 0 {
		n := 1 + r.IntN(len(values))
		var part A
		for _, v := range values[:n] {
			agg.Add(&part, &engine.Element[int64]{Value: v})
		}
		values = values[n:]
		data := agg.Codec.Append([]byte("x"), part)
		for cut := range len(data) - 1 {
			if _, _, err := agg.Codec.Decode(data[1 : 1+cut]); err == nil {
				t.Fatalf("%v is read from %d of %d bytes", part, cut, len(data)-1)
			}
		}
		again, rest, err := agg.Codec.Decode(append(data[1:], 'y'))
		if err != nil || string(rest) != "y" {
			t.Fatalf("decode: rest %q, %v", rest, err)
		}
		agg.Merge(&total, &again)
	}
	result, ok := agg.Result("k", window.Window{Start: 1, End: 2}, &total)
	if !ok || result.Key != "k" || result.Window.End != 2 {
		t.Fatalf("result %+v, %v", result, ok)
	}
	return fmt.Sprint(result.Value)
}

// Ensure that aggregations give what the plainest account gives, however the values are
// parted, kept and merged.
func TestAggregations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	same := func(v *int64) int64 { return *v }
	for range 300 {
		values := make([]int64, 1+r.IntN(20))
		sum := int64(0)
		for i := range values {
			values[i] = r.Int64N(2000) - 1000
			sum += values[i]
		}
		sorted := slices.Sorted(slices.Values(values))
		slices.Reverse(sorted)
		for name, c := range map[string][2]string{
			"count": {fold(t, r, engine.Count[string, int64](), values), fmt.Sprint(len(values))},
			"sum":   {fold(t, r, engine.Sum[string](same), values), fmt.Sprint(sum)},
			"halves": {
				fold(t, r, engine.Sum[string](func(v *int64) float64 { return float64(*v) / 2 }), values), fmt.Sprint(float64(sum) / 2),
			},
			"mean": {fold(t, r, engine.Mean[string](same), values), fmt.Sprint(float64(sum) / float64(len(values)))},
			"min":  {fold(t, r, engine.Min[string](same), values), fmt.Sprint(sorted[len(sorted)-1])},
			"max":  {fold(t, r, engine.Max[string](same), values), fmt.Sprint(sorted[0])},
			"top":  {fold(t, r, engine.TopK[string](3, cmp.Compare[int64], engine.Int64Codec{}), values), fmt.Sprint(sorted[:min(3, len(sorted))])},
		} {
			if c[0] != c[1] {
				t.Errorf("%s of %v is %s, want %s", name, values, c[0], c[1])
			}
		}
	}
}
