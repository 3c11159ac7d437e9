package enginetest

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"taxistream/engine"
)

// LogSource reads a Log. It may be changed only before the job runs.
type LogSource[T any] struct {
	Log *Log[T]
	// ReadSize is the greatest number of records of one read; 16.
	ReadSize int
	// NameChildren: a reader names the children of a split that ended; otherwise
	// the runtime has to list them.
	NameChildren bool
	// HideUnborn: only as much of the log's history is listed as readers can know of:
	// a split appears, with all made before it, once one of its parents was read to
	// its end by some job.
	HideUnborn bool
	// Eager: a reader with nothing to read says so at once, for jobs under a Driver.
	Eager bool
	// Ends: the source is bounded though its log is not sealed yet: it ends when that is.
	Ends bool
	// FailList, if not nil, is asked before each listing; its error is the listing's.
	FailList func() error
	// Fail, if not nil, is asked before each read; its error is the reader's.
	Fail func(split string, offset int) error
	// Gate, if not nil, gives how many records of a split may be read; call Log changes
	// to have it asked again.
	Gate func(split string) int
}

// Splits implements engine.Source.
func (s *LogSource[T]) Splits(context.Context) ([]engine.Split, error) {
	if s.FailList != nil {
		if err := s.FailList(); err != nil {
			return nil, err
		}
	}
	all := s.Log.Splits()
	if !s.HideUnborn {
		return all, nil
	}
	s.Log.mu.Lock()
	defer s.Log.mu.Unlock()
	born := 0
	for i, split := range all {
		if len(split.Parents) == 0 || slices.ContainsFunc(split.Parents, func(parent string) bool { return s.Log.splits[parent].readOnce }) {
			born = i + 1
		}
	}
	return all[:born], nil
}

// Bounded implements engine.Bounded: a sealed log ends.
func (s *LogSource[T]) Bounded() bool {
	s.Log.mu.Lock()
	defer s.Log.mu.Unlock()
	return s.Ends || s.Log.sealed
}

// Open implements engine.Source. An offset is the number of records read, eight bytes.
func (s *LogSource[T]) Open(_ context.Context, split engine.Split) (engine.SplitReader[Record[T]], error) {
	r := &logReader[T]{source: s, id: split.ID}
	if split.Offset != nil {
		r.next = int(binary.BigEndian.Uint64(split.Offset))
	}
	return r, nil
}

type logReader[T any] struct {
	source *LogSource[T]
	id     string
	next   int
}

// tipPause is how long a reader waits at the tip before it says so.
const tipPause = 5 * time.Millisecond

func (r *logReader[T]) Next(ctx context.Context) (engine.Read[Record[T]], error) {
	if fail := r.source.Fail; fail != nil {
		if err := fail(r.id, r.next); err != nil {
			return engine.Read[Record[T]]{}, err
		}
	}
	read, changed := r.read()
	if len(read.Elements) > 0 || read.End || r.source.Eager {
		return read, nil
	}
	wait := time.NewTimer(tipPause)
	defer wait.Stop()
	select {
	case <-changed:
		read, _ = r.read()
		return read, nil
	case <-wait.C:
		return read, nil
	case <-ctx.Done():
		return read, ctx.Err()
	}
}

func (r *logReader[T]) read() (read engine.Read[Record[T]], changed <-chan struct{}) {
	l := r.source.Log
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.splits[r.id]
	size := r.source.ReadSize
	if size == 0 {
		size = 16
	}
	end := min(len(s.records), r.next+size)
	if gate := r.source.Gate; gate != nil {
		end = max(r.next, min(end, gate(r.id)))
	}
	// Copied: the runtime may write into what it is given.
	read.Elements = append(read.Elements, s.records[r.next:end]...)
	r.next = end
	read.Offset = binary.BigEndian.AppendUint64(nil, uint64(end))
	if end == len(s.records) {
		read.AtTip = true
		read.End = s.closed || l.sealed
		s.readOnce = s.readOnce || read.End
	}
	if read.End && r.source.NameChildren {
		for _, id := range l.order {
			for _, parent := range l.splits[id].parents {
				if parent == r.id {
					read.Children = append(read.Children, engine.Split{ID: id, Parents: l.splits[id].parents})
				}
			}
		}
	}
	return read, l.changed
}

func (r *logReader[T]) Close() error { return nil }

// Watermarks is the strategy for logs: watermark records move their split's
// watermark and go no further; every other record is stamped with it.
func Watermarks[T any]() engine.WatermarkStrategy[Record[T]] {
	return func(engine.Split) engine.WatermarkGenerator[Record[T]] { return stamper[T]{} }
}

type stamper[T any] struct{}

func (stamper[T]) OnElement(e *engine.Element[Record[T]], current int64) (int64, bool) {
	if e.Value.IsWatermark {
		return e.EventTime, false
	}
	e.Value.Current = current
	return current, true
}

func (stamper[T]) OnTick(_ time.Time, current int64) int64 { return current }
