package kinesis

import (
	"crypto/md5"
	"encoding/binary"
	"math/big"
	"math/bits"
)

// hashKey is a place in the stream's key space, 0 to 2^128-1.
type hashKey struct{ high, low uint64 }

var lastHashKey = hashKey{^uint64(0), ^uint64(0)}

// hashOf is where a partition key belongs: its MD5, read as a big-endian number.
func hashOf(partitionKey []byte) hashKey {
	sum := md5.Sum(partitionKey)
	return hashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// parseHashKey reads the decimal form that the API uses: no sign, no leading zero.
func parseHashKey[T string | []byte](text T) (hashKey, bool) {
	if len(text) == 0 || len(text) > 39 || (text[0] == '0' && len(text) > 1) {
		return hashKey{}, false
	}
	var k hashKey
	for i := range len(text) {
		digit := uint64(text[i] - '0')
		if digit > 9 {
			return hashKey{}, false
		}
		carry, low := bits.Mul64(k.low, 10)
		over, high := bits.Mul64(k.high, 10)
		low, c := bits.Add64(low, digit, 0)
		high, c2 := bits.Add64(high, carry, c)
		if over != 0 || c2 != 0 {
			return hashKey{}, false
		}
		k = hashKey{high, low}
	}
	return k, true
}

func (k hashKey) String() string { return k.big().String() }

func (k hashKey) big() *big.Int {
	n := new(big.Int).SetUint64(k.high)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(k.low))
}

func (k hashKey) less(other hashKey) bool {
	return k.high < other.high || (k.high == other.high && k.low < other.low)
}

// plus is the key so many behind, the last one at most.
func (k hashKey) plus(n uint64) hashKey {
	low, carry := bits.Add64(k.low, n, 0)
	high, over := bits.Add64(k.high, 0, carry)
	if over != 0 {
		return lastHashKey
	}
	return hashKey{high, low}
}

func (k hashKey) next() hashKey {
	low, carry := bits.Add64(k.low, 1, 0)
	return hashKey{k.high + carry, low}
}

func (k hashKey) previous() hashKey {
	low, borrow := bits.Sub64(k.low, 1, 0)
	return hashKey{k.high - borrow, low}
}

// evenStarts returns the first keys of n equal ranges, as the service divides
// them: multiples of floor(2^128 / n), the rest in the last range.
func evenStarts(n int) []hashKey {
	size := new(big.Int).Lsh(big.NewInt(1), 128)
	size.Quo(size, big.NewInt(int64(n)))
	starts := make([]hashKey, n)
	mask := new(big.Int).SetUint64(^uint64(0))
	for i := range starts {
		at := new(big.Int).Mul(size, big.NewInt(int64(i)))
		starts[i].low = new(big.Int).And(at, mask).Uint64()
		starts[i].high = at.Rsh(at, 64).Uint64()
	}
	return starts
}
