package generate

import "math"

// alias draws from a fixed set of weights in constant time (Walker's alias
// method): every slot is shared by at most two outcomes. The construction is
// integer arithmetic, so the slots are the same on every machine.
type alias []slot

// slot i yields i where the low half of the random word is below cut, else other.
type slot struct {
	cut   uint32
	other int32
}

// newAlias needs at least one weight above 0, and a product of the weights' sum
// and their number below 2^63.
func newAlias(weights []uint64) alias {
	n, sum := uint64(len(weights)), uint64(0)
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		panic("generate: nothing to draw from")
	}
	slots := make(alias, n)
	left := make([]uint64, n) // of each weight, in 1/n of the sum
	var small, large []int32
	for i, w := range weights {
		left[i] = w * n
		if left[i] < sum {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		slots[s] = slot{cut: share(left[s], sum), other: l}
		if left[l] -= sum - left[s]; left[l] < sum {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		slots[i] = slot{cut: math.MaxUint32, other: i}
	}
	return slots
}

// share is a/b < 1 in units of 2^-32.
func share(a, b uint64) uint32 {
	for b >= 1<<31 { // keep the shifted dividend inside 64 bits
		a, b = a>>1, b>>1
	}
	return uint32(min(a<<32/b, math.MaxUint32))
}

// pick turns one random word into an outcome.
func (a alias) pick(r uint64) int {
	i := r >> 32 * uint64(len(a)) >> 32
	if s := a[i]; uint32(r) >= s.cut {
		return int(s.other)
	}
	return int(i)
}
