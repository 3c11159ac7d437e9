package also

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"taxistream/engine/files"
	"taxistream/internal/fault"
	"taxistream/internal/s3"
)

// client is what a Bucket needs of S3; *s3.Client has it.
type client interface {
	Put(ctx context.Context, l s3.Location, key string, data []byte) (etag string, err error)
	Copy(ctx context.Context, l s3.Location, from, to string) error
	List(ctx context.Context, l s3.Location, fn func(s3.Object) error) error
	Delete(ctx context.Context, l s3.Location, key string) error
}

// Bucket is a place in S3. A file is in memory until it is finished, and then an object under
// its hidden name; to become visible it is copied within S3, and the hidden one deleted.
// While S3 does not answer, calls wait for it, as long as their context lives.
type Bucket struct {
	client client
	at     s3.Location // its prefix ends in a slash, or is empty
	notify func(string)
	calls  atomic.Int64 // that have no answer yet
}

var _ files.Place = (*Bucket)(nil)

// NewBucket names the place. notify is told, by several goroutines, when S3 does not answer, and when it does again.
func NewBucket(c *s3.Client, at s3.Location, notify func(string)) *Bucket {
	return newBucket(c, at, notify)
}

func newBucket(c client, at s3.Location, notify func(string)) *Bucket {
	if at.Prefix != "" {
		at.Prefix = strings.TrimRight(at.Prefix, "/") + "/"
	}
	return &Bucket{client: c, at: at, notify: notify}
}

// String implements files.Place.
func (b *Bucket) String() string { return b.at.String() }

// Check tries what the sinks will do: writing, copying, listing and removing.
func (b *Bucket) Check(ctx context.Context) error {
	p := files.Pending{Hidden: ".pending/rights-check", Visible: ".pending/rights-checked"}
	f, err := b.Create(ctx, p.Hidden)
	if err == nil {
		err = f.Finish(ctx)
	}
	if err == nil {
		_, err = b.Publish(ctx, p)
	}
	if err == nil {
		err = b.Remove(ctx, p.Visible)
	}
	return err
}

// Waiting tells whether some call has no answer yet.
func (b *Bucket) Waiting() bool { return b.calls.Load() > 0 }

// patiently makes a call until S3 answers.
func (b *Bucket) patiently(ctx context.Context, call func() error) error {
	b.calls.Add(1)
	defer b.calls.Add(-1)
	var told atomic.Bool
	tell := func(why string) {
		if !told.Swap(true) {
			b.notify(fmt.Sprintf("files cannot go to %s; waiting: %s", b.at, why))
		}
	}
	silent := time.AfterFunc(fault.Silence, func() { tell("nothing came for " + fault.Silence.String()) })
	defer silent.Stop()
	for tries := (fault.Tries{}); ; {
		err := call()
		if !s3.Transient(err) {
			silent.Stop()
			if told.Load() && ctx.Err() == nil {
				b.notify(fmt.Sprintf("S3 answers again: files go to %s", b.at))
			}
			return err
		}
		tell(fault.Cause(err))
		pause, final := tries.Failed(err)
		if final != nil {
			return final
		}
		if fault.Sleep(ctx, pause) != nil {
			return fault.GaveUp(ctx, err)
		}
	}
}

// Create implements files.Place.
func (b *Bucket) Create(_ context.Context, name string) (files.File, error) {
	return &object{b: b, name: name}, nil
}

// object is a file that is being written.
type object struct {
	bytes.Buffer
	b    *Bucket
	name string
}

// Finish implements files.File.
func (o *object) Finish(ctx context.Context) error {
	return o.b.patiently(ctx, func() error {
		_, err := o.b.client.Put(ctx, o.b.at, o.b.at.Prefix+o.name, o.Bytes())
		return err
	})
}

// Abort implements files.File: nothing is there yet.
func (o *object) Abort() {}

// Publish implements files.Place. An object that a crash has copied and not deleted is
// copied again, to the same bytes.
func (b *Bucket) Publish(ctx context.Context, p files.Pending) (fresh bool, err error) {
	err = b.patiently(ctx, func() error {
		return b.client.Copy(ctx, b.at, b.at.Prefix+p.Hidden, b.at.Prefix+p.Visible)
	})
	if errors.Is(err, s3.ErrMissing) {
		return false, b.published(ctx, p.Visible)
	}
	if err != nil {
		return false, err
	}
	return true, b.Remove(ctx, p.Hidden)
}

// errFound ends a listing.
var errFound = errors.New("it is there")

func (b *Bucket) published(ctx context.Context, name string) error {
	below := s3.Location{Bucket: b.at.Bucket, Prefix: b.at.Prefix + name}
	err := b.patiently(ctx, func() error { return b.client.List(ctx, below, func(s3.Object) error { return errFound }) })
	switch {
	case errors.Is(err, errFound):
		return nil
	case err == nil:
		return files.ErrMissing
	}
	return err
}

// List implements files.Place.
func (b *Bucket) List(ctx context.Context, folder string) (names []string, err error) {
	below := s3.Location{Bucket: b.at.Bucket, Prefix: b.at.Prefix + folder + "/"}
	err = b.patiently(ctx, func() error {
		names = nil
		return b.client.List(ctx, below, func(o s3.Object) error {
			if !strings.Contains(strings.TrimPrefix(o.Key, below.Prefix), "/") {
				names = append(names, strings.TrimPrefix(o.Key, b.at.Prefix))
			}
			return nil
		})
	})
	return names, err
}

// Remove implements files.Place.
func (b *Bucket) Remove(ctx context.Context, name string) error {
	return b.patiently(ctx, func() error { return b.client.Delete(ctx, b.at, b.at.Prefix+name) })
}
