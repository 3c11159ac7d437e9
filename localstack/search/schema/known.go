package schema

import (
	"hash/maphash"
	"sync/atomic"

	"taxistream/internal/jsonscan"
)

// Known remembers objects that were found valid. A cell's boundary is most
// of a document and comes again with each window: comparing costs a tenth of
// reading. Nil knows none.
type Known struct {
	seed  maphash.Seed
	slots [4096]atomic.Pointer[string]
}

// NewKnown knows nothing yet.
func NewKnown() *Known { return &Known{seed: maphash.MakeSeed()} }

const (
	knownKey  = 96   // as much of its begin finds an object; a shorter one is read faster
	knownMost = 1024 // of one object, to bound the memory
)

// Skip is jsonscan.Value. Its depth must always be the same, for that limits what is valid.
func (k *Known) Skip(b []byte, i, depth int) (int, error) {
	if k == nil || len(b)-i < knownKey || b[i] != '{' {
		return jsonscan.Value(b, i, depth)
	}
	slot := &k.slots[maphash.Bytes(k.seed, b[i:i+knownKey])%uint64(len(k.slots))]
	if known := slot.Load(); known != nil && len(*known) <= len(b)-i && string(b[i:i+len(*known)]) == *known {
		return i + len(*known), nil
	}
	end, err := jsonscan.Value(b, i, depth)
	if err == nil && end-i >= knownKey && end-i <= knownMost {
		object := string(b[i:end])
		slot.Store(&object)
	}
	return end, err
}
