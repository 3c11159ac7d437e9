package files

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"taxistream/engine"
)

// Sink is an engine.Sink that writes rolling files, exactly once. It is used by pointer, in one
// job; its fields are not changed once that runs. Files become visible with checkpoints only: a job needs
// Config.Store, and Config.CheckpointInterval is how long a file waits.
//
// A subtask has at most OpenFiles files open, each of at most FileBytes and one element, and
// holds them in memory where its Place and Format do.
type Sink[T any] struct {
	Place  Place     // needed
	Format Format[T] // needed
	// Bucket is the folder of an element's file below the place; nil: all lie in the place itself.
	Bucket func(e *engine.Element[T]) string
	// Owner names the sink among all that write below the place, the same after a restart; by
	// default the operator's name. What it finds of its own and no checkpoint names, it
	// removes: two that run at once must not share it.
	Owner string
	// FileBytes is the length at which a file is finished before the next barrier; 32 MiB.
	FileBytes int64
	// OpenFiles is the most that a subtask writes at once, one a bucket; above it the one that waited longest
	// is finished; 8.
	OpenFiles int
	// Elsewhere opens the place that a checkpoint names where it is another one: what is
	// pending there becomes visible there. nil: that is an error.
	Elsewhere func(place string) (Place, error)
	// OnMissing is told of a file that a checkpoint holds and that is under neither of its
	// names; nil: it is only counted.
	OnMissing func(Pending)
	// ID makes a text that no file's name had before; nil: at random.
	ID func() string

	figures figures
	mu      sync.Mutex
	live    int // writers that are open
}

// Stats are a sink's figures since its process began.
type Stats struct {
	Written   int64 // elements
	Files     int64 // that became visible
	Bytes     int64 // of those
	Pending   int64 // files that wait for their checkpoint
	Missing   int64 // files that a checkpoint holds and that are gone
	Leftovers int64 // files that no checkpoint held, removed
}

type figures struct{ written, files, bytes, pending, missing, leftovers atomic.Int64 }

// Stats may be asked at any time.
func (s *Sink[T]) Stats() Stats {
	f := &s.figures
	return Stats{
		Written: f.written.Load(), Files: f.files.Load(), Bytes: f.bytes.Load(),
		Pending: f.pending.Load(), Missing: f.missing.Load(), Leftovers: f.leftovers.Load(),
	}
}

// state is what a barrier keeps.
type state struct {
	Place string    `json:"place"`
	Files []Pending `json:"files"`
}

var errUnfit = errors.New("a file sink needs a Place and a Format")

// Open implements engine.Sink: it makes visible what the checkpoint holds. The last of the
// subtasks to do so removes what is left.
func (s *Sink[T]) Open(ctx context.Context, subtask engine.Subtask, prepared [][]byte) (engine.SinkWriter[T], error) {
	if s.Place == nil || s.Format == nil {
		return nil, errUnfit
	}
	for _, p := range prepared {
		if err := s.restore(ctx, p); err != nil {
			return nil, err
		}
	}
	folder := path.Join(pendingFolder, url.PathEscape(cmp.Or(s.Owner, subtask.Operator)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live+1 == subtask.Parallelism { // nobody has begun to write
		if err := s.sweep(ctx, folder); err != nil {
			return nil, err
		}
	}
	s.live++
	return &writer[T]{s: s, folder: folder, name: fmt.Sprintf("part-%d-%s", subtask.Index, s.id()), open: map[string]*part[T]{}}, nil
}

func (s *Sink[T]) id() string {
	if s.ID != nil {
		return s.ID()
	}
	return strings.ToLower(rand.Text()[:13])
}

func (s *Sink[T]) restore(ctx context.Context, encoded []byte) error {
	var held state
	if err := json.Unmarshal(encoded, &held); err != nil {
		return fmt.Errorf("decode pending files: %w", err)
	}
	place := s.Place
	if held.Place != place.String() {
		if s.Elsewhere == nil {
			return fmt.Errorf("files are pending in %s, and the sink writes to %s: start it there first", held.Place, place)
		}
		other, err := s.Elsewhere(held.Place)
		if err != nil {
			return fmt.Errorf("make pending files in %s visible: %w", held.Place, err)
		}
		place = other
	}
	return s.publish(ctx, place, held.Files)
}

// publish makes files visible that may be so already.
func (s *Sink[T]) publish(ctx context.Context, place Place, pending []Pending) error {
	for _, p := range pending {
		fresh, err := place.Publish(ctx, p)
		switch {
		case errors.Is(err, ErrMissing):
			s.figures.missing.Add(1)
			if s.OnMissing != nil {
				s.OnMissing(p)
			}
		case err != nil:
			return fmt.Errorf("make %s visible: %w", p.Visible, err)
		case fresh:
			s.figures.files.Add(1)
			s.figures.bytes.Add(p.Bytes)
		}
	}
	return nil
}

// sweep removes what earlier attempts left.
func (s *Sink[T]) sweep(ctx context.Context, folder string) error {
	left, err := s.Place.List(ctx, folder)
	for _, name := range left {
		if err == nil {
			err = s.Place.Remove(ctx, name)
		}
		if err == nil {
			s.figures.leftovers.Add(1)
		}
	}
	if err != nil {
		return fmt.Errorf("remove what an earlier run left in %s/%s: %w", s.Place, folder, err)
	}
	return nil
}

// closed notes that a writer is, and that its pending files are counted no more.
func (s *Sink[T]) closed(pending int64) {
	s.figures.pending.Add(-pending)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live--
}
