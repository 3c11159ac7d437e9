package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/internal/durable"
	"taxistream/internal/fault"
	"taxistream/internal/s3"
)

// Options are the limits of a store, and whom it tells.
type Options struct {
	// Retained is the number of checkpoints kept; 3.
	Retained int
	// Lease is how long the place stays taken after its holder died; 15 s, at least
	// 30 ms, at most 10 min.
	Lease time.Duration
	// Signs is a folder of this machine in which living stores show that they are: a holder that was killed here
	// is then followed at once. Empty: every lease is waited for.
	Signs string
	// TakeOver takes the place from a living holder, too, which then ends.
	TakeOver bool
	// Holder names this process for people: host and process id.
	Holder string
	// Clock is the time; needed.
	Clock func() time.Time
	// Notify is told, once of each kind, what the store waits for or could not
	// clean up; nil: nobody.
	Notify func(string)
	// OnLost is told once, by the goroutine that finds it out, that the lease is lost:
	// *LostError, or the refusal of credentials that were renewed in vain. It must not call the store. nil: nobody.
	OnLost func(error)
}

const (
	defaultLease = 15 * time.Second
	minLease     = 30 * time.Millisecond
	maxLease     = 10 * time.Minute
	// fileLimit is the most bytes of one object: what S3 takes in one put.
	fileLimit = 5 << 30
	// closeTimeout bounds the release of the lease.
	closeTimeout = 5 * time.Second
)

// bucket is what the store needs of S3; *s3.Client has it.
type bucket interface {
	Put(ctx context.Context, l s3.Location, key string, data []byte) (etag string, err error)
	PutIfAbsent(ctx context.Context, l s3.Location, key string, data []byte) (etag string, err error)
	PutIfMatch(ctx context.Context, l s3.Location, key string, data []byte, etag string) (string, error)
	Copy(ctx context.Context, l s3.Location, from, to string) error
	Get(ctx context.Context, l s3.Location, key string, limit int64) (data []byte, etag string, err error)
	List(ctx context.Context, l s3.Location, fn func(s3.Object) error) error
	Delete(ctx context.Context, l s3.Location, key string) error
}

// Store is a checkpoint store below a prefix. Begin, Commit, Abort and Latest are for
// one goroutine at a time, Put and Link of a Writer for many.
type Store struct {
	o      Options
	bucket bucket
	at     s3.Location // its prefix ends in a slash, or is empty
	lease  *lease
	told   sync.Map       // kinds of notices given
	mu     sync.Mutex     // of kept
	kept   []*kept        // what is there as far as known, oldest first
	gone   []*kept        // to be removed: half-written or retired
	shown  *durable.Lock  // this store's sign; nil: it has none
	stop   func()         // ends the renewals
	ended  sync.WaitGroup // of them
}

var _ checkpoint.Store = (*Store)(nil)

// Open takes the lease of a place and clears what a crash left half-written. It
// waits for S3 while that cannot be reached, for the rest of a dead holder's
// lease, and as long as ctx lives. *LockedError: a living processor is there, and
// Options.TakeOver is not set.
func Open(ctx context.Context, client *s3.Client, at s3.Location, o Options) (*Store, error) {
	return open(ctx, client, at, o)
}

func open(ctx context.Context, client bucket, at s3.Location, o Options) (*Store, error) {
	if at.Prefix != "" && !strings.HasSuffix(at.Prefix, "/") {
		at.Prefix += "/"
	}
	o = o.filled()
	s := &Store{o: o, bucket: client, at: at}
	s.lease = &lease{
		bucket: client, at: at, key: at.Prefix + leaseName, clock: o.Clock, onLost: o.OnLost, turn: newTurn(),
		mine: held{Version: leaseVersion, Owner: rand.Text(), Holder: o.Holder, Millis: o.Lease.Milliseconds()},
	}
	s.show()
	if err := s.acquire(ctx); err != nil {
		s.hide()
		return nil, err
	}
	living, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.ended.Go(func() { s.lease.keep(living) }) // ended by Close
	if err := s.sweep(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (o Options) filled() Options {
	if o.Retained == 0 {
		o.Retained = 3
	}
	o.Retained = max(o.Retained, 1)
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	o.Lease = min(max(o.Lease, minLease), maxLease)
	if o.OnLost == nil {
		o.OnLost = func(error) {}
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	return o
}

func (s *Store) tell(kind, text string) {
	if _, told := s.told.LoadOrStore(kind, true); !told {
		s.o.Notify(text)
	}
}

// list looks at what is there, oldest first.
func (s *Store) list(ctx context.Context) ([]*kept, error) {
	var names []string
	below := s3.Location{Bucket: s.at.Bucket, Prefix: s.at.Prefix + wholePrefix}
	err := s.bucket.List(ctx, below, func(o s3.Object) error {
		names = append(names, strings.TrimPrefix(o.Key, s.at.Prefix))
		return nil
	})
	return group(names), err
}

// Latest implements checkpoint.Store. An object that cannot be read now is no
// damage, and is read again: to fall back then would be to forget. Where no manifest is there, what
// else is left of a checkpoint counts as damage, unless none was ever whole.
func (s *Store) Latest(ctx context.Context) (*checkpoint.Checkpoint, []checkpoint.Damage, error) {
	var all []*kept
	err := s.patiently(ctx, func() (err error) {
		all, err = s.list(ctx)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var damaged []checkpoint.Damage
	for _, k := range slices.Backward(all) {
		if !k.whole {
			continue
		}
		c, err := s.read(ctx, k)
		switch {
		case err == nil:
			return c, damaged, nil
		case !errors.Is(err, checkpoint.ErrCorrupt):
			return nil, damaged, fmt.Errorf("read checkpoint %d: %w", k.id, err)
		}
		damaged = append(damaged, checkpoint.Damage{ID: k.id, Err: err})
	}
	if len(damaged) == 0 {
		damaged = s.headless(all)
	}
	return nil, damaged, checkpoint.ErrNone
}

// patiently is the one of this place; a person is told.
func (s *Store) patiently(ctx context.Context, read func() error) error {
	return patiently(ctx, func(err error) {
		s.tell("unread", fmt.Sprintf("checkpoints in %s cannot be read now; trying again: %v", s.at, err))
	}, read)
}

// patiently reads again what S3 does not give now, for as long as ctx lives: a job has nothing
// else to go on from. A connection that was cut is no damage then, to whoever reads a file.
func patiently(ctx context.Context, failed func(error), read func() error) error {
	for tries := (fault.Tries{}); ; {
		err := read()
		if !s3.Transient(err) {
			return err
		}
		failed(err)
		pause, final := tries.Failed(err)
		if final != nil {
			return final
		}
		if fault.Sleep(ctx, pause) != nil {
			return fault.GaveUp(ctx, err)
		}
	}
}

// headless are checkpoints without manifest, the newest first, unless the lease says that
// none was ever whole: they failed, or a crash ended them. Where it says nothing, a
// checkpoint that is not the first stands for a whole one before it.
func (s *Store) headless(all []*kept) (damaged []checkpoint.Damage) {
	some, none := s.lease.known()
	for _, k := range slices.Backward(all) {
		if !none && (some || k.id > 1) {
			damaged = append(damaged, checkpoint.Damage{ID: k.id, Err: fmt.Errorf("%w: it has no %s", checkpoint.ErrCorrupt, checkpoint.ManifestName)})
		}
	}
	return damaged
}

// read checks a checkpoint that has a manifest.
func (s *Store) read(ctx context.Context, k *kept) (*checkpoint.Checkpoint, error) {
	manifest, err := s.get(ctx, k, checkpoint.ManifestName)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return checkpoint.Read(ctx, k.id, manifest, func(f checkpoint.File) (io.ReadCloser, error) {
		return io.NopCloser(&objects{get: func(name string) ([]byte, error) { return s.get(ctx, k, name) }, file: f}), nil
	})
}

// objects reads a file from its objects, one in memory at a time.
type objects struct {
	get  func(name string) ([]byte, error)
	file checkpoint.File
	n    int   // objects read
	read int64 // bytes of them
	data []byte
}

// Read implements io.Reader.
func (o *objects) Read(p []byte) (int, error) {
	for len(o.data) == 0 {
		if o.n > 0 && o.read >= o.file.Bytes {
			return 0, io.EOF
		}
		data, err := o.get(object(o.file.Name, o.n))
		if err != nil {
			return 0, err
		}
		o.n++
		if o.data, o.read = data, o.read+int64(len(data)); len(data) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, o.data)
	o.data = o.data[n:]
	return n, nil
}

func (s *Store) get(ctx context.Context, k *kept, name string) ([]byte, error) {
	var data []byte
	err := s.patiently(ctx, func() (err error) {
		data, _, err = s.bucket.Get(ctx, s.at, s.at.Prefix+k.folder()+name, fileLimit)
		return err
	})
	if errors.Is(err, s3.ErrMissing) {
		return nil, fmt.Errorf("%w: %w", checkpoint.ErrCorrupt, err)
	}
	return data, err
}

// Close implements checkpoint.Store: it ends the renewals and frees the lease.
func (s *Store) Close() error {
	s.stop()
	s.ended.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	defer s.hide()
	if err := s.lease.release(ctx); err != nil {
		return fmt.Errorf("free the checkpoints in %s; the next start waits for the end of the lease: %w", s.at, err)
	}
	return nil
}
