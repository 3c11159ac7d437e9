package generate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Ensure that the slots give each outcome the probability of its weight.
func TestAlias(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Uint64Range(0, 1_000_000), 1, 50).Draw(t, "weights")
		weights[0]++ // not all may be 0
		sum := 0.0
		for _, w := range weights {
			sum += float64(w)
		}
		a := newAlias(weights)
		got := make([]float64, len(weights))
		for i, s := range a {
			p := float64(s.cut) / (1 << 32)
			got[i] += p / float64(len(a))
			got[s.other] += (1 - p) / float64(len(a))
		}
		for i, w := range weights {
			if want := float64(w) / sum; math.Abs(got[i]-want) > 1e-8 {
				t.Fatalf("outcome %d has probability %v, want %v", i, got[i], want)
			}
		}
	})
}

// Ensure that pick reads the slots as TestAlias does, at their bounds.
func TestAliasPick(t *testing.T) {
	a := alias{{cut: 10, other: 1}, {cut: math.MaxUint32, other: 1}}
	for _, tt := range []struct {
		random uint64
		want   int
	}{{0, 0}, {9, 0}, {10, 1}, {1<<32 - 1, 1}, {1<<63 - 1, 1}, {1 << 63, 1}, {math.MaxUint64, 1}} {
		if got := a.pick(tt.random); got != tt.want {
			t.Errorf("pick(%#x) = %d, want %d", tt.random, got, tt.want)
		}
	}
}

// Ensure that no weights at all are a fault of the program, not a draw.
func TestAliasOfNothing(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	newAlias([]uint64{0, 0})
}
