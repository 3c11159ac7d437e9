package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"taxistream/engine/checkpoint"
)

// Save implements checkpoint.Store. The lease is renewed before the manifest is
// put: a processor that lost its place adds no checkpoint. An error after the
// manifest was sent leaves a checkpoint that may be whole.
func (s *Store) Save(ctx context.Context, c *checkpoint.Checkpoint) (int64, error) {
	k := &kept{place: place{s.lease.epoch(), c.ID}}
	bytes, err := checkpoint.Write(ctx, c, func(name string, data []byte) error {
		k.files = append(k.files, name)
		return s.put(ctx, k, name, data)
	})
	if err != nil {
		s.discard(k)
		return 0, fmt.Errorf("write checkpoint %d: %w", c.ID, err)
	}
	k.whole = true
	s.lease.saved(c.ID)
	s.kept = append(s.kept, k)
	s.retire(ctx)
	return bytes, nil
}

func (s *Store) put(ctx context.Context, k *kept, name string, data []byte) error {
	if name == checkpoint.ManifestName {
		began, err := s.lease.renew(ctx)
		if err != nil {
			return err
		}
		// A manifest that is on its way when the lease ends is given up.
		left := s.o.Lease - s.lease.clock().Sub(began)
		bounded, cancel := context.WithTimeoutCause(ctx, left, errors.New("the lease ended before the manifest was written"))
		defer cancel()
		ctx = bounded
	}
	_, err := s.bucket.Put(ctx, s.at, s.at.Prefix+k.folder()+name, data)
	return err
}

// sweep learns what is there, and removes what writers before this one left
// half-written. Where nothing else is there, that stays until the next checkpoint is
// whole: it may tell Latest that others are missing.
func (s *Store) sweep(ctx context.Context) error {
	all, err := s.list(ctx)
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

// retire removes the oldest checkpoints beyond those retained.
func (s *Store) retire(ctx context.Context) {
	if n := len(s.kept) - s.o.Retained; n > 0 {
		s.discard(s.kept[:n]...)
		s.kept = slices.Delete(s.kept, 0, n)
	}
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
