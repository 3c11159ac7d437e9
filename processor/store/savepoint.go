package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"taxistream/engine/checkpoint"
	"taxistream/internal/s3"
)

// Savepoint is the place of one savepoint in S3: a prefix of its own, which no lease guards
// and no store retires.
type Savepoint struct {
	bucket bucket
	at     s3.Location // its prefix ends in a slash
	size   int         // of objects
}

var _ checkpoint.Place = (*Savepoint)(nil)

// NewSavepoint names the place. Nothing must be there yet.
func NewSavepoint(client *s3.Client, at s3.Location) *Savepoint { return newSavepoint(client, at) }

func newSavepoint(client bucket, at s3.Location) *Savepoint {
	at.Prefix = strings.TrimRight(at.Prefix, "/") + "/"
	return &Savepoint{bucket: client, at: at, size: objectSize}
}

// Begin implements checkpoint.Place.
func (s *Savepoint) Begin(ctx context.Context, _ int64) (checkpoint.Writer, error) {
	err := s.bucket.List(ctx, s.at, func(s3.Object) error { return errTaken })
	if err != nil {
		return nil, fmt.Errorf("write savepoint %s: %w", s.at, err)
	}
	return &savepointWriter{s: s}, nil
}

var errTaken = errors.New("there is something already")

// savepointWriter writes a savepoint.
//
// Invariants: put names every object that may be there, so that all can be removed; mu guards it.
type savepointWriter struct {
	s   *Savepoint
	mu  sync.Mutex
	put []string
}

// Put implements checkpoint.Writer.
func (w *savepointWriter) Put(ctx context.Context, name string, r io.Reader) (checkpoint.File, error) {
	file, err := cut(name, r, w.s.size, func(object string, data []byte) error { return w.object(ctx, object, data) })
	if err != nil {
		return file, fmt.Errorf("write savepoint %s: %w", w.s.at, err)
	}
	return file, nil
}

func (w *savepointWriter) object(ctx context.Context, name string, data []byte) error {
	w.mu.Lock()
	w.put = append(w.put, name)
	w.mu.Unlock()
	_, err := w.s.bucket.Put(ctx, w.s.at, w.s.at.Prefix+name, data)
	return err
}

// Link implements checkpoint.Writer: a savepoint holds every file itself.
func (w *savepointWriter) Link(_ context.Context, _ int64, f checkpoint.File) (checkpoint.File, error) {
	return f, fmt.Errorf("write savepoint %s: it must hold every file itself", w.s.at)
}

// Commit implements checkpoint.Writer.
func (w *savepointWriter) Commit(ctx context.Context, c *checkpoint.Checkpoint) (int64, error) {
	data, err := checkpoint.EncodeManifest(c)
	if err == nil {
		err = w.object(ctx, checkpoint.ManifestName, data)
	}
	if err != nil {
		w.Abort()
		return 0, fmt.Errorf("write savepoint %s: %w", w.s.at, err)
	}
	return c.Size() + int64(len(data)), nil
}

// Abort implements checkpoint.Writer. Without its manifest, which goes first, what cannot be removed is no savepoint.
func (w *savepointWriter) Abort() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range slices.Backward(w.put) {
		if w.s.bucket.Delete(ctx, w.s.at, w.s.at.Prefix+name) != nil {
			return
		}
	}
}

// OpenSavepoint reads a savepoint, every byte checked. What is read of it after that is read as
// long as life lives: the job that starts from it asks for it again.
func OpenSavepoint(ctx, life context.Context, client *s3.Client, at s3.Location) (*checkpoint.Checkpoint, error) {
	return openSavepoint(ctx, life, client, at)
}

func openSavepoint(ctx, life context.Context, client bucket, at s3.Location) (*checkpoint.Checkpoint, error) {
	s := newSavepoint(client, at)
	manifest, err := s.get(ctx, checkpoint.ManifestName)
	if errors.Is(err, s3.ErrMissing) {
		return nil, fmt.Errorf("%s holds no savepoint: it has no %s; name the place that the savepoint was written to", s.at, checkpoint.ManifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("read savepoint: %w", err)
	}
	reading := ctx
	c, err := checkpoint.Read(ctx, 0, manifest, func(f checkpoint.File) (io.ReadCloser, error) {
		ctx := reading
		return io.NopCloser(&objects{get: func(name string) ([]byte, error) { return s.get(ctx, name) }, file: f}), nil
	})
	if err != nil {
		return nil, fmt.Errorf("read savepoint %s: %w", s.at, err)
	}
	reading = life
	return c, nil
}

func (s *Savepoint) get(ctx context.Context, name string) ([]byte, error) {
	var data []byte
	err := patiently(ctx, func(error) {}, func() (err error) {
		data, _, err = s.bucket.Get(ctx, s.at, s.at.Prefix+name, fileLimit)
		return err
	})
	if errors.Is(err, s3.ErrMissing) {
		return nil, fmt.Errorf("%w: %w", checkpoint.ErrCorrupt, err)
	}
	return data, err
}
