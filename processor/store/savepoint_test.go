package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"taxistream/engine/checkpoint"
	"taxistream/internal/s3"
)

// Ensure a savepoint in S3 is read as it was written, in objects of any size, from where it lies and
// from no other place, and that one that fails leaves nothing behind.
func TestSavepoint(t *testing.T) {
	b := newFake()
	w := &way{fake: b}
	store := mustOpen(t, w, options("first"))
	mustSave(t, store, 7)
	c, _, err := store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := len(b.objects)
	there := s3.Location{Bucket: at.Bucket, Prefix: "savepoints/one"}
	s := newSavepoint(w, there)
	s.size = 5
	w.breaks(func(op, key string) (error, bool) {
		if op == "put" && strings.HasSuffix(key, checkpoint.ManifestName) && strings.HasPrefix(key, "savepoints/") {
			return errAway{}, true
		}
		return nil, false
	})
	if _, err := checkpoint.Copy(t.Context(), c, s); !errors.As(err, new(errAway)) {
		t.Fatalf("a bucket that is away: %v", err)
	}
	w.breaks(nil)
	if n := len(b.objects); n != before {
		t.Errorf("%d objects are left of a savepoint that failed", n-before)
	}
	if _, err := openSavepoint(t.Context(), t.Context(), w, there); err == nil || !strings.Contains(err.Error(), "holds no savepoint") {
		t.Errorf("there is none yet: %v", err)
	}
	if _, err := checkpoint.Copy(t.Context(), c, s); err != nil {
		t.Fatal(err)
	}
	if _, err := checkpoint.Copy(t.Context(), c, s); !errors.Is(err, errTaken) {
		t.Errorf("a place that is taken: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got, err := openSavepoint(ctx, t.Context(), w, there)
	cancel() // the check is over, and the job reads it again
	if err != nil || got.ID != 7 || !same(got) {
		t.Fatalf("it is read as %+v, %v", got, err)
	}
	for key := range b.objects {
		if strings.HasPrefix(key, "savepoints/one/") && !strings.HasSuffix(key, checkpoint.ManifestName) {
			delete(b.objects, key)
			break
		}
	}
	if _, err := openSavepoint(t.Context(), t.Context(), w, there); !errors.Is(err, checkpoint.ErrCorrupt) {
		t.Errorf("without one of its objects: %v", err)
	}
}
