package enginetest

import (
	"context"
	"fmt"
	"strings"

	"taxistream/engine"
	"taxistream/engine/files"
)

// fileSink writes one line an element into short files, in three buckets, by way of a place that fails.
func fileSink[T any](w *world, name string) engine.Sink[T] {
	return &files.Sink[T]{
		Place: &faultyPlace{w.out.files, w}, FileBytes: 30, OpenFiles: 2,
		Format:    files.Lines(".txt", func(b []byte, e *engine.Element[T]) ([]byte, error) { return fmt.Append(b, e.Value), nil }),
		Bucket:    func(e *engine.Element[T]) string { return fmt.Sprintf("%s/%d", name, e.EventTime%3) },
		OnMissing: func(p files.Pending) { w.out.wrong("file %s is missing", p.Visible) },
		ID: func() string {
			w.out.next++
			return fmt.Sprint(w.out.next)
		},
	}
}

// readFiles adds the lines of visible files to what is outside, by sink.
func (o *outside) readFiles(got map[string][]string) error {
	for path, text := range o.files.Files() {
		name, _, _ := strings.Cut(path, "/")
		if strings.HasPrefix(name, ".") {
			return fmt.Errorf("the file %s is left", path)
		}
		for line := range strings.Lines(text) {
			got[name] = append(got[name], strings.TrimSuffix(line, "\n"))
		}
	}
	return nil
}

// faultyPlace is a place whose calls fail, some of them after they have taken effect.
type faultyPlace struct {
	*files.Memory
	w *world
}

func (p *faultyPlace) call(do func() error) error {
	if err := p.w.store.fault("file call fails", 100); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = p.w.store.fault("file answer lost", 100)
	}
	return err
}

// Create implements files.Place.
func (p *faultyPlace) Create(ctx context.Context, name string) (f files.File, err error) {
	err = p.call(func() error { f, err = p.Memory.Create(ctx, name); return err })
	return &faultyFile{f, p}, err
}

// Publish implements files.Place.
func (p *faultyPlace) Publish(ctx context.Context, file files.Pending) (fresh bool, err error) {
	err = p.call(func() error { fresh, err = p.Memory.Publish(ctx, file); return err })
	return fresh, err
}

// List implements files.Place.
func (p *faultyPlace) List(ctx context.Context, folder string) (names []string, err error) {
	err = p.call(func() error { names, err = p.Memory.List(ctx, folder); return err })
	return names, err
}

// Remove implements files.Place.
func (p *faultyPlace) Remove(ctx context.Context, name string) error {
	return p.call(func() error { return p.Memory.Remove(ctx, name) })
}

type faultyFile struct {
	files.File
	p *faultyPlace
}

// Finish implements files.File.
func (f *faultyFile) Finish(ctx context.Context) error {
	return f.p.call(func() error { return f.File.Finish(ctx) })
}
