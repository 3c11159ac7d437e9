package trip

import "math"

// DeriveID is the id of a trip whose source has none: a 63-bit hash of the
// values of its other fields and of its number among equal rows, never 0. It is
// FNV-1a over 8-byte words, finished by MurmurHash3's mixer; a golden test
// holds it, because ids outlive the program.
func DeriveID(t *Trip, occurrence uint64) int64 {
	h := uint64(14695981039346656037)
	amount := uint64(math.MaxUint64) // a NaN that no reader lets pass: absent
	if t.HasAmount {
		amount = bits(t.TotalAmount)
	}
	for _, v := range [...]uint64{
		bits(t.PickupLat), bits(t.PickupLon), bits(t.DropoffLat), bits(t.DropoffLon), amount,
		uint64(t.Pickup), uint64(t.Dropoff), occurrence,
	} {
		h = mix(h ^ v)
	}
	return positive(h)
}

// ShiftID is the id of the trip that a replay at times shifted by ms makes; no shift, no change.
func ShiftID(id, ms int64) int64 {
	if ms == 0 {
		return id
	}
	return positive(mix(mix(uint64(id)) ^ uint64(ms)))
}

func bits(f float64) uint64 {
	if f == 0 {
		f = 0 // -0 is the same value
	}
	return math.Float64bits(f)
}

func mix(h uint64) uint64 {
	h *= 1099511628211
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func positive(h uint64) int64 { return max(int64(h>>1), 1) }
