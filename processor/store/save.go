package store

import (
	"context"
	"fmt"
	"slices"

	"taxistream/engine/checkpoint"
)

// sweep learns what is there, and removes what writers before this one left
// half-written. Where nothing else is there, that stays until the next checkpoint is
// whole: it may tell Latest that others are missing.
func (s *Store) sweep(ctx context.Context) error {
	var all []*kept
	err := s.patiently(ctx, func() (err error) {
		all, err = s.list(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.whole {
			s.kept = append(s.kept, k)
		} else {
			s.gone = append(s.gone, k)
		}
	}
	if len(s.kept) > 0 {
		s.remove(ctx)
	}
	return nil
}

// goneLimit is the most checkpoints that wait for their removal; beyond it the
// oldest are left to the next opening.
const goneLimit = 100

func (s *Store) discard(all ...*kept) {
	s.gone = append(s.gone, all...)
	if n := len(s.gone) - goneLimit; n > 0 {
		s.gone = slices.Delete(s.gone, 0, n)
	}
}

// retire takes a new checkpoint in and removes the oldest ones beyond those retained.
func (s *Store) retire(ctx context.Context, k *kept) {
	s.mu.Lock()
	s.kept = append(s.kept, k)
	n := max(0, len(s.kept)-s.o.Retained)
	old := slices.Clone(s.kept[:n])
	s.kept = slices.Delete(s.kept, 0, n)
	s.mu.Unlock()
	s.discard(old...)
	s.remove(ctx)
}

// remove deletes what is to go. What cannot be removed now is tried again after
// the next checkpoint, or at the next opening.
func (s *Store) remove(ctx context.Context) {
	for len(s.gone) > 0 {
		k := s.gone[0]
		// The manifest goes first, so that an end in the middle leaves nothing that looks whole.
		slices.SortStableFunc(k.files, func(a, b string) int { return manifestFirst(a) - manifestFirst(b) })
		for len(k.files) > 0 {
			if err := s.bucket.Delete(ctx, s.at, s.at.Prefix+k.folder()+k.files[0]); err != nil {
				s.tell("remove", fmt.Sprintf("an old checkpoint in %s cannot be removed now; trying again after each checkpoint: %v", s.at, err))
				return
			}
			k.files = k.files[1:]
		}
		s.gone = s.gone[1:]
	}
}

func manifestFirst(name string) int {
	if name == checkpoint.ManifestName {
		return 0
	}
	return 1
}
