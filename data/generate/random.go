package generate

import (
	"math"
	"math/rand/v2"
)

// source is the random stream of one day. PCG's output is specified, so it is the
// same in every version of Go.
func source(seed uint64, d Date) *rand.PCG {
	number := uint64(d.Year)*10_000 + uint64(d.Month)*100 + uint64(d.Day)
	return rand.NewPCG(scramble(seed), scramble(seed^scramble(number)))
}

// scramble spreads neighbouring numbers over all 64 bits (SplitMix64's finalizer).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// upTo turns 32 random bits into a number from 0 to n-1.
func upTo(r uint32, n int64) int64 { return int64(uint64(r) * uint64(n) >> 32) }

// one is the fixed-point 1 of all factors.
const one = 1 << 16

// lognormal holds equally likely factors whose logarithms are normally
// distributed about 0. They are rounded to 1/65536, far more coarsely than the
// last bits in which the mathematical functions of two machines may differ.
func lognormal(deviation float64) []uint32 {
	const quantiles = 4096
	factors := make([]uint32, quantiles)
	for i := range factors {
		z := math.Sqrt2 * math.Erfinv(float64(2*i+1-quantiles)/quantiles)
		factors[i] = uint32(math.Round(float64(math.Exp(float64(deviation*z)) * one)))
	}
	return factors
}
