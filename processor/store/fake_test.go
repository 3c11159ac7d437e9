package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/internal/s3"
)

// errAway is what a bucket in trouble answers.
type errAway struct{}

func (errAway) Error() string   { return "connection refused" }
func (errAway) Timeout() bool   { return true }
func (errAway) Temporary() bool { return true }

// fake is a bucket in memory, without a network, so that tests can run on a clock
// of their own.
type fake struct {
	mu      sync.Mutex
	objects map[string][]byte
	etags   map[string]string
	puts    int
}

func newFake() *fake { return &fake{objects: map[string][]byte{}, etags: map[string]string{}} }

// way is one store's way to the bucket. fault is asked at every call: what
// happens, and whether the call takes effect all the same.
type way struct {
	*fake
	fault func(op, key string) (err error, effect bool)
}

// breaks sets the fault; the store's goroutine may be at work.
func (w *way) breaks(fault func(op, key string) (error, bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = fault
}

func (w *way) call(op, key string, do func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault == nil {
		return do()
	}
	err, effect := w.fault(op, key)
	if err == nil || effect {
		if done := do(); err == nil {
			return done
		}
	}
	return err
}

func (w *way) put(op, key string, data []byte, allowed func(etag string, there bool) error) (etag string, err error) {
	err = w.call(op, key, func() error {
		old, there := w.etags[key]
		if err := allowed(old, there); err != nil {
			return fmt.Errorf("write %s: %w", key, err)
		}
		w.puts++
		w.objects[key], w.etags[key] = slices.Clone(data), fmt.Sprint(w.puts)
		etag = w.etags[key]
		return nil
	})
	return etag, err
}

func (w *way) Put(_ context.Context, _ s3.Location, key string, data []byte) (string, error) {
	return w.put("put", key, data, func(string, bool) error { return nil })
}

func (w *way) PutIfAbsent(_ context.Context, _ s3.Location, key string, data []byte) (string, error) {
	return w.put("put-if-absent", key, data, func(_ string, there bool) error {
		if there {
			return s3.ErrPrecondition
		}
		return nil
	})
}

func (w *way) PutIfMatch(_ context.Context, _ s3.Location, key string, data []byte, etag string) (string, error) {
	return w.put("put-if-match", key, data, func(old string, there bool) error {
		switch {
		case !there:
			return s3.ErrMissing
		case old != etag:
			return s3.ErrPrecondition
		}
		return nil
	})
}

func (w *way) Get(ctx context.Context, _ s3.Location, key string, _ int64) (data []byte, etag string, err error) {
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	err = w.call("get", key, func() error {
		if _, there := w.objects[key]; !there {
			return fmt.Errorf("read %s: %w", key, s3.ErrMissing)
		}
		data, etag = slices.Clone(w.objects[key]), w.etags[key]
		return nil
	})
	return data, etag, err
}

func (w *way) Copy(_ context.Context, _ s3.Location, from, to string) error {
	return w.call("copy", to, func() error {
		data, there := w.objects[from]
		if !there {
			return fmt.Errorf("copy %s: %w", from, s3.ErrMissing)
		}
		w.puts++
		w.objects[to], w.etags[to] = slices.Clone(data), fmt.Sprint(w.puts)
		return nil
	})
}

func (w *way) List(_ context.Context, l s3.Location, fn func(s3.Object) error) error {
	return w.call("list", l.Prefix, func() error {
		for _, key := range slices.Sorted(maps.Keys(w.objects)) {
			if !strings.HasPrefix(key, l.Prefix) {
				continue
			}
			if err := fn(s3.Object{Key: key, Size: int64(len(w.objects[key]))}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *way) Delete(_ context.Context, _ s3.Location, key string) error {
	return w.call("delete", key, func() error {
		delete(w.objects, key)
		delete(w.etags, key)
		return nil
	})
}

var at = s3.Location{Bucket: "bucket", Prefix: "jobs/taxi/"}

func options(holder string) Options { return Options{Holder: holder, Clock: time.Now} }

func mustOpen(t *testing.T, b bucket, o Options) *Store {
	t.Helper()
	s, err := open(t.Context(), b, at, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// die ends a store as the end of its process does: without a word to the bucket.
func (s *Store) die() {
	s.stop()
	s.ended.Wait()
}

func sample(id int64) *checkpoint.Checkpoint {
	return &checkpoint.Checkpoint{
		ID: id, Job: "taxi", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Fingerprint: map[string]string{"stream": "arn"},
		MaxParallelism: 128, Parallelism: 2,
	}
}

// states are those of sample.
func states(id int64) map[string][]checkpoint.Entry {
	pairs, splits := checkpoint.State{Name: "pairs", Layout: 2, Key: 1}, checkpoint.State{Name: "splits", Layout: 1}
	return map[string][]checkpoint.Entry{
		"distinct": {{State: pairs, Group: 3, Data: []byte("three")}, {State: pairs, Group: 127, Data: fmt.Append(nil, "last ", id)}},
		"source":   {{State: splits, Group: -1, Data: []byte(`{"id":"a"}`)}, {State: splits, Group: -1, Data: []byte{}}},
	}
}

// same tells whether c is the sample, with all its states.
func same(c *checkpoint.Checkpoint) bool {
	if c == nil {
		return false
	}
	have, err := checkpoint.Load(c)
	return err == nil && reflect.DeepEqual(have, states(c.ID)) && c.Job == "taxi" && c.Time.Equal(sample(1).Time) && c.Fingerprint["stream"] == "arn"
}

func (s *Store) save(ctx context.Context, id int64) (int64, error) {
	return checkpoint.Save(ctx, s, sample(id), states(id))
}

func mustSave(t *testing.T, s *Store, id int64) {
	t.Helper()
	if _, err := s.save(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// latest is the id of the newest whole checkpoint, 0 without one.
func latest(t *testing.T, s *Store) (int64, []checkpoint.Damage) {
	t.Helper()
	c, damaged, err := s.Latest(t.Context())
	if errors.Is(err, checkpoint.ErrNone) {
		return 0, damaged
	}
	if err != nil {
		t.Fatal(err)
	}
	return c.ID, damaged
}
