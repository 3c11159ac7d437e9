package kinesis

import (
	"sync"
	"sync/atomic"
)

// block is the memory of one segment, used again for another once the segment
// is in a file and no answer is being written from it: a stream that spills makes no garbage.
type block struct {
	bytes []byte
	free  *freeBlocks
	users atomic.Int32 // the segment, and answers
}

func (b *block) pin() { b.users.Add(1) }

func (b *block) unpin() {
	if b.users.Add(-1) == 0 {
		b.free.give(b.bytes)
	}
}

// freeBlocks keeps up to keptBlocks blocks for reuse.
type freeBlocks struct {
	mu     sync.Mutex
	kept   [][]byte
	oldest int // the next of a full list to be dropped, roughly
}

const keptBlocks = 16

// take returns an empty block of at least size bytes.
func (f *freeBlocks) take(size int) *block {
	b := &block{free: f}
	b.users.Store(1)
	f.mu.Lock()
	for i, bytes := range f.kept {
		if cap(bytes) >= size && cap(bytes) <= 2*size {
			last := len(f.kept) - 1
			f.kept[i], f.kept[last] = f.kept[last], nil
			f.kept = f.kept[:last]
			b.bytes = bytes
			break
		}
	}
	f.mu.Unlock()
	if b.bytes == nil {
		b.bytes = make([]byte, 0, size)
	}
	return b
}

func (f *freeBlocks) give(bytes []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.kept) < keptBlocks {
		f.kept = append(f.kept, bytes[:0])
		return
	}
	f.kept[f.oldest] = bytes[:0] // sizes go out of use: the small ones of young shards
	f.oldest = (f.oldest + 1) % keptBlocks
}
