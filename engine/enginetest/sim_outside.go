package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/files"
)

// outside is what survives every crash: what was published.
type outside struct {
	published map[int64]tx
	byID      map[string]string  // of the idempotent sink
	places    map[string][]Place // by key and window, sorted
	files     *files.Memory      // of file sinks
	next      int64
	drained   bool
	err       error // the first thing that must not be
}

// tx is a transaction of a two-phase sink: it is published once, however often that is asked for.
type tx struct {
	ID    int64
	Name  string
	Lines []string
}

func newOutside() *outside {
	return &outside{published: map[int64]tx{}, byID: map[string]string{}, places: map[string][]Place{}, files: files.NewMemory()}
}

func (o *outside) wrong(format string, args ...any) {
	if o.err == nil {
		o.err = fmt.Errorf(format, args...)
	}
}

// compare holds what is outside against the model.
func (o *outside) compare(want map[string][]string, places map[string][]Place) error {
	if o.err != nil {
		return o.err
	}
	got := map[string][]string{}
	for _, t := range o.published {
		got[t.Name] = append(got[t.Name], t.Lines...)
	}
	for _, line := range o.byID {
		got["second"] = append(got["second"], line)
	}
	if o.drained {
		// A drain whose last checkpoint failed is repeated, with perhaps less read than before. What it let
		// out by then a sink that is idempotent keeps; one of two phases has published none of it.
		got["second"] = slices.DeleteFunc(got["second"], func(line string) bool { return !slices.Contains(want["second"], line) })
		maps.DeleteFunc(o.places, func(name string, _ []Place) bool { return places[name] == nil })
	}
	err := o.readFiles(got)
	if err != nil {
		return err
	}
	if got["first"], err = folded(got["first"]); err != nil {
		return err
	}
	for _, name := range []string{"late", "item", "delayed", "first", "second"} {
		slices.Sort(got[name])
		if !slices.Equal(got[name], want[name]) {
			return fmt.Errorf("%s: outside are\n%v, the model has\n%v", name, got[name], want[name])
		}
	}
	if !maps.EqualFunc(o.places, places, slices.Equal) {
		return fmt.Errorf("order: outside are\n%v, the model has\n%v", o.places, places)
	}
	return nil
}

// txSink is a two-phase sink: the simplest there is, or rolling files.
func txSink[T any](w *world, name string) engine.Sink[T] {
	if w.program.files {
		return fileSink[T](w, name)
	}
	return &twoPhase[T]{w: w, name: name}
}

type twoPhase[T any] struct {
	w    *world
	name string
}

func (s *twoPhase[T]) Open(_ context.Context, _ engine.Subtask, prepared [][]byte) (engine.SinkWriter[T], error) {
	for _, p := range prepared {
		var t tx
		if err := json.Unmarshal(p, &t); err != nil {
			return nil, err
		}
		s.w.out.published[t.ID] = t
	}
	return &twoPhaseWriter[T]{s: s, prepared: map[int64]tx{}}, nil
}

type twoPhaseWriter[T any] struct {
	s        *twoPhase[T]
	lines    []string
	prepared map[int64]tx // by checkpoint
}

func (t *twoPhaseWriter[T]) Write(_ context.Context, batch []engine.Element[T]) error {
	for _, e := range batch {
		t.lines = append(t.lines, fmt.Sprint(e.Value))
	}
	return t.s.w.fails("sink fails")
}

func (t *twoPhaseWriter[T]) Prepare(_ context.Context, id int64) ([]byte, error) {
	if len(t.lines) == 0 {
		return nil, nil
	}
	t.s.w.out.next++
	p := tx{ID: t.s.w.out.next, Name: t.s.name, Lines: t.lines}
	t.lines, t.prepared[id] = nil, p
	return json.Marshal(p)
}

func (t *twoPhaseWriter[T]) Committed(_ context.Context, id int64) error {
	for _, prepared := range slices.Sorted(maps.Keys(t.prepared)) {
		if prepared <= id {
			p := t.prepared[prepared]
			t.s.w.out.published[p.ID] = p
			delete(t.prepared, prepared)
		}
	}
	return nil
}

func (t *twoPhaseWriter[T]) Close() error { return nil }

// idSink is an idempotent sink of window results, each of which may be written often but
// is always the same.
func idSink(w *world, name string) engine.Sink[item] {
	return &Collect[item]{OnWrite: func(batch []engine.Element[item]) error {
		for _, e := range batch {
			id, line := fmt.Sprint(name, e.Value.Key%5, e.Value.At), fmt.Sprint(e.Value)
			if had, ok := w.out.byID[id]; ok && had != line && !w.draining {
				w.out.wrong("result %s was %s and is now %s", id, had, line)
			}
			w.out.byID[id] = line
		}
		return nil
	}}
}

// neverSink is for what must not come.
func neverSink[T any](w *world, name string) engine.Sink[T] {
	return &Collect[T]{OnWrite: func(batch []engine.Element[T]) error {
		w.out.wrong("%s takes %v for late", name, batch)
		return nil
	}}
}

// faultyStore is a store that fails.
type faultyStore struct {
	*checkpoint.Memory
	w *world
}

func newFaultyStore(w *world) *faultyStore {
	return &faultyStore{Memory: checkpoint.NewMemory(1 + w.rand.IntN(3)), w: w}
}

func (s *faultyStore) fault(kind string, oneIn int) error {
	if s.w.healthy || s.w.rand.IntN(oneIn) != 0 || !s.w.occurs(kind) {
		return nil
	}
	return fmt.Errorf("simulated: %s", kind)
}

// Begin implements checkpoint.Store.
func (s *faultyStore) Begin(ctx context.Context, id int64) (checkpoint.Writer, error) {
	if err := s.fault("store begin fails", 20); err != nil {
		return nil, err
	}
	inner, err := s.Memory.Begin(ctx, id)
	return &faultyWriter{inner, s}, err
}

// Latest implements checkpoint.Store.
func (s *faultyStore) Latest(ctx context.Context) (*checkpoint.Checkpoint, []checkpoint.Damage, error) {
	if err := s.fault("store read fails", 20); err != nil {
		return nil, nil, err
	}
	return s.Memory.Latest(ctx)
}

type faultyWriter struct {
	checkpoint.Writer
	s *faultyStore
}

// Put implements checkpoint.Writer: a file that fails may have been read in part.
func (f *faultyWriter) Put(ctx context.Context, name string, r io.Reader) (checkpoint.File, error) {
	if err := f.s.fault("store put fails", 40); err != nil {
		_, _ = io.CopyN(io.Discard, r, int64(f.s.w.rand.IntN(50)))
		return checkpoint.File{}, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return checkpoint.File{}, err
	}
	return f.Writer.Put(ctx, name, bytes.NewReader(data))
}

// Link implements checkpoint.Writer.
func (f *faultyWriter) Link(ctx context.Context, id int64, file checkpoint.File) (checkpoint.File, error) {
	if err := f.s.fault("store link fails", 4); err != nil {
		return file, err
	}
	return f.Writer.Link(ctx, id, file)
}

// Commit implements checkpoint.Writer: its answer may be lost, too.
func (f *faultyWriter) Commit(ctx context.Context, c *checkpoint.Checkpoint) (int64, error) {
	if err := f.s.fault("store commit fails", 5); err != nil {
		return 0, err
	}
	bytes, err := f.Writer.Commit(ctx, c)
	if err == nil {
		err = f.s.fault("store answer lost", 5)
	}
	return bytes, err
}
