package source

import (
	"cmp"
	"context"
	"sync"
)

// budget bounds the bytes of records that are read and not yet taken in, over all shards: a call
// waits while there are more. What it aims at is a fair share, so that many shards that are read
// at once do not each bring a megabyte, or, after a pause, ten.
//
// Invariants: held is the sum of the open shares', readers their number; room is closed, and made
// anew when somebody waits, as held falls to the limit or below.
type budget struct {
	mu      sync.Mutex
	held    int
	readers int
	room    chan struct{} // nil: nobody waits
	limit   int           // of held; 0: heldBytes
}

const (
	heldBytes   = 64 << 20 // of all shards
	aimedAtMost = 1 << 20  // of one call
	aimedLeast  = 16 << 10
)

// share is a reader's part of the budget. Reads of an attempt that ends may never be given
// back, so its end gives back all.
type share struct {
	held int
	open bool
}

func (b *budget) open(s *share) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.readers++
	s.open = true
}

func (b *budget) close(s *share) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.readers--
	b.change(s, -s.held)
	s.open = false
}

// inUse reports whether anything is being read.
func (b *budget) inUse() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.readers > 0
}

func (b *budget) most() int { return cmp.Or(b.limit, heldBytes) }

// aim is how many bytes a call should bring.
func (b *budget) aim() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return min(max(b.most()/max(b.readers, 1), aimedLeast), aimedAtMost)
}

// wait returns once there is room.
func (b *budget) wait(ctx context.Context) error {
	for {
		b.mu.Lock()
		if b.held <= b.most() {
			b.mu.Unlock()
			return nil
		}
		if b.room == nil {
			b.room = make(chan struct{})
		}
		room := b.room
		b.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take counts the bytes of a read of a share.
func (b *budget) take(s *share, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.change(s, n)
}

// give takes them back.
func (b *budget) give(s *share, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.open {
		b.change(s, -n)
	}
}

func (b *budget) change(s *share, n int) {
	s.held += n
	b.held += n
	if b.held <= b.most() && b.room != nil {
		close(b.room)
		b.room = nil
	}
}
