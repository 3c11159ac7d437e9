package files

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"

	"taxistream/engine"
)

// writer is one subtask's.
//
// Invariant: a file is in exactly one of open (in progress), finished (pending, and in no
// barrier yet) and prepared (pending for a barrier that no commit has covered).
type writer[T any] struct {
	s      *Sink[T]
	folder string // of what is not visible
	name   string // begins the files'
	files  int    // begun so far
	uses   int64

	open     map[string]*part[T] // by bucket
	finished []Pending
	prepared []barrier // oldest first
}

// barrier is what one checkpoint makes visible.
type barrier struct {
	id    int64
	files []Pending
}

// part is a file in progress. It counts what is written to it.
type part[T any] struct {
	File
	Pending
	encoder Encoder[T]
	used    int64 // by which use it was the last
}

// Write implements io.Writer.
func (p *part[T]) Write(b []byte) (int, error) {
	n, err := p.File.Write(b)
	p.Bytes += int64(n)
	return n, err
}

// Write implements engine.SinkWriter.
func (w *writer[T]) Write(ctx context.Context, batch []engine.Element[T]) error {
	for i := range batch {
		bucket := ""
		if w.s.Bucket != nil {
			bucket = w.s.Bucket(&batch[i])
		}
		p, err := w.part(ctx, bucket)
		if err != nil {
			return err
		}
		if err := p.encoder.Encode(&batch[i]); err != nil {
			return fmt.Errorf("write %s: %w", p.Visible, err)
		}
		w.s.figures.written.Add(1)
		if p.Bytes >= w.s.fileBytes() {
			if err := w.finish(ctx, bucket); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Sink[T]) fileBytes() int64 {
	if s.FileBytes > 0 {
		return s.FileBytes
	}
	return 32 << 20
}

func (s *Sink[T]) openFiles() int {
	if s.OpenFiles > 0 {
		return s.OpenFiles
	}
	return 8
}

// part is the file of a bucket, a new one where there is none.
func (w *writer[T]) part(ctx context.Context, bucket string) (*part[T], error) {
	w.uses++
	if p := w.open[bucket]; p != nil {
		p.used = w.uses
		return p, nil
	}
	if err := checkBucket(bucket); err != nil {
		return nil, err
	}
	if len(w.open) >= w.s.openFiles() {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(w.open)), func(a, b string) int { return int(w.open[a].used - w.open[b].used) })
		if err := w.finish(ctx, oldest); err != nil {
			return nil, err
		}
	}
	w.files++
	name := fmt.Sprintf("%s-%d%s", w.name, w.files, w.s.Format.Extension())
	p := &part[T]{used: w.uses, Pending: Pending{Hidden: path.Join(w.folder, name), Visible: path.Join(bucket, name)}}
	var err error
	if p.File, err = w.s.Place.Create(ctx, p.Hidden); err != nil {
		return nil, fmt.Errorf("begin %s: %w", p.Visible, err)
	}
	p.encoder = w.s.Format.Encoder(p)
	w.open[bucket] = p
	return p, nil
}

// finish makes the file of a bucket pending.
func (w *writer[T]) finish(ctx context.Context, bucket string) error {
	p := w.open[bucket]
	err := p.encoder.Close()
	if err == nil {
		err = p.Finish(ctx)
	}
	if err != nil {
		return fmt.Errorf("finish %s: %w", p.Visible, err)
	}
	delete(w.open, bucket)
	w.finished = append(w.finished, p.Pending)
	w.s.figures.pending.Add(1)
	return nil
}

// Prepare implements engine.SinkWriter: every file is finished.
func (w *writer[T]) Prepare(ctx context.Context, checkpointID int64) ([]byte, error) {
	for _, bucket := range slices.Sorted(maps.Keys(w.open)) {
		if err := w.finish(ctx, bucket); err != nil {
			return nil, err
		}
	}
	if len(w.finished) == 0 {
		return nil, nil
	}
	b := barrier{id: checkpointID, files: w.finished}
	w.finished, w.prepared = nil, append(w.prepared, b)
	return json.Marshal(state{Place: w.s.Place.String(), Files: b.files})
}

// Committed implements engine.SinkWriter.
func (w *writer[T]) Committed(ctx context.Context, checkpointID int64) error {
	for len(w.prepared) > 0 && w.prepared[0].id <= checkpointID {
		b := w.prepared[0]
		if err := w.s.publish(ctx, w.s.Place, b.files); err != nil {
			return err
		}
		w.s.figures.pending.Add(-int64(len(b.files)))
		w.prepared = w.prepared[1:]
	}
	return nil
}

// Close implements engine.SinkWriter. What is pending stays: a checkpoint may name it.
func (w *writer[T]) Close() error {
	for _, p := range w.open {
		p.Abort()
	}
	pending := len(w.finished)
	for _, b := range w.prepared {
		pending += len(b.files)
	}
	w.s.closed(int64(pending))
	return nil
}
