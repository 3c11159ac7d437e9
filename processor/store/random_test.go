package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taxistream/engine/checkpoint"
)

// history is what an observer who sees everything knows: the order of what
// stores were told to be done.
type history struct {
	t  *testing.T
	mu sync.Mutex
	// told is the newest checkpoint of which a Save said that it is whole, by epoch.
	told map[int64]int64
	// tried are all that a Save began.
	tried map[place]bool
	lost  int
}

// Ensure over random schedules of processors that are killed, cut off, slow, or
// lose answers: the newest checkpoint that a new holder finds was begun by
// somebody, checks, is not older than what a Save of the highest epoch was told
// is whole, and no Save succeeds after a successor's.
func TestStore_Random(t *testing.T) {
	seeds := uint64(15)
	if os.Getenv("TAXI_MATRIX") == "all" {
		seeds = 60
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &history{t: t, told: map[int64]int64{}, tried: map[place]bool{}}
				b := newFake()
				var all sync.WaitGroup
				for worker := range uint64(3) {
					all.Go(func() { h.work(b, rand.New(rand.NewPCG(seed, worker))) })
				}
				all.Wait()
				t.Logf("%d checkpoints begun, %d holders, %d lost", len(h.tried), len(h.told), h.lost)
				if len(h.told) < 5 {
					t.Errorf("only %d holders wrote checkpoints", len(h.told))
				}
			})
		})
	}
}

// work lives the lives of one processor after the other for ten minutes.
func (h *history) work(b *fake, r *rand.Rand) {
	end := time.Now().Add(10 * time.Minute)
	for time.Now().Before(end) {
		time.Sleep(time.Duration(r.IntN(20)) * time.Second)
		h.life(b, r)
	}
}

// life is one processor's, from its start to its death or end.
func (h *history) life(b *fake, r *rand.Rand) {
	w := &way{fake: b}
	o := options("worker")
	s, err := open(h.t.Context(), w, at, o)
	var locked *LockedError
	switch {
	case errors.As(err, &locked):
		return
	case err != nil:
		h.t.Error(err)
		return
	}
	last := h.found(s)
	troubled, fate := r.IntN(2) == 0, rand.New(rand.NewPCG(r.Uint64(), 0))
	w.breaks(func(op, _ string) (error, bool) { // calls come one at a time
		if troubled && fate.IntN(4) == 0 {
			return errAway{}, op != "get" && fate.IntN(2) == 0
		}
		return nil, false
	})
	for range 1 + r.IntN(20) {
		time.Sleep(time.Duration(r.IntN(6)) * time.Second)
		if r.IntN(10) == 0 { // cut off, perhaps for longer than a lease
			h.cutOff(w, time.Duration(r.IntN(40))*time.Second)
		}
		last++
		if h.save(s, last) {
			break
		}
	}
	if r.IntN(2) == 0 {
		_ = s.Close() // its error is that of a service that is away
	} else {
		s.die()
	}
}

func (h *history) cutOff(w *way, d time.Duration) {
	w.mu.Lock()
	before := w.fault
	w.fault = func(string, string) (error, bool) { return errAway{}, false }
	w.mu.Unlock()
	time.Sleep(d)
	w.breaks(before)
}

// found checks what a new holder finds, and returns its id.
func (h *history) found(s *Store) int64 {
	c, damaged, err := s.Latest(h.t.Context())
	h.mu.Lock()
	defer h.mu.Unlock()
	var epoch, want int64
	for e, id := range h.told {
		if e > epoch {
			epoch, want = e, id
		}
	}
	switch {
	case errors.Is(err, checkpoint.ErrNone):
		if want > 0 {
			h.t.Errorf("none is found, %d of epoch %d was whole", want, epoch)
		}
		return 0
	case err != nil:
		h.t.Error(err)
		return 0
	}
	from := s.kept[len(s.kept)-1].place
	if len(damaged) > 0 || !h.tried[from] || from.id != c.ID || from.epoch < epoch || from.epoch == epoch && c.ID < want {
		h.t.Errorf("found %+v, damage %v; epoch %d was told that %d is whole", from, damaged, epoch, want)
	}
	return c.ID
}

// save tries to add a checkpoint; over: this processor has lost its place.
func (h *history) save(s *Store, id int64) (over bool) {
	p := place{s.lease.epoch(), id}
	h.mu.Lock()
	h.tried[p] = true
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	_, err := s.save(ctx, id)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		for epoch := range h.told {
			if epoch > p.epoch {
				h.t.Errorf("%+v became whole after epoch %d's", p, epoch)
			}
		}
		h.told[p.epoch] = max(h.told[p.epoch], id)
	}
	var lost *LostError
	if over = errors.As(err, &lost); over {
		h.lost++
	}
	return over
}
