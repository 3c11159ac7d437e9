package files_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/files"
)

var errDead = errors.New("the process is dead")

// dying is the way to a place of a process that dies at its last call there: half of a write is there, any other
// call has taken effect (arrive), or not. The store is told by dead.
type dying struct {
	files.Place
	t      *testing.T
	store  *checkpoint.Memory
	last   int // 0: it lives
	arrive bool

	mu    sync.Mutex
	calls int
}

func (d *dying) dead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last > 0 && d.calls >= d.last
}

// call does one, unless the process is dead.
func (d *dying) call(do func() error) error {
	d.mu.Lock()
	d.calls++
	died, now := d.last > 0 && d.calls >= d.last, d.calls == d.last
	d.mu.Unlock()
	switch {
	case !died:
		return do()
	case now && d.arrive:
		_ = do()
	}
	return errDead
}

func (d *dying) Create(ctx context.Context, name string) (f files.File, err error) {
	err = d.call(func() error { f, err = d.Place.Create(ctx, name); return err })
	return &dyingFile{f, d}, err
}

// Publish sees to it that nothing becomes visible before its checkpoint is whole.
func (d *dying) Publish(ctx context.Context, p files.Pending) (fresh bool, err error) {
	if !held(d.t, d.store, p.Hidden) {
		d.t.Errorf("%s becomes visible and no whole checkpoint holds it", p.Visible)
	}
	err = d.call(func() error { fresh, err = d.Place.Publish(ctx, p); return err })
	return fresh, err
}

func (d *dying) List(ctx context.Context, folder string) (names []string, err error) {
	err = d.call(func() error { names, err = d.Place.List(ctx, folder); return err })
	return names, err
}

func (d *dying) Remove(ctx context.Context, name string) error {
	return d.call(func() error { return d.Place.Remove(ctx, name) })
}

type dyingFile struct {
	files.File
	d *dying
}

func (f *dyingFile) Write(b []byte) (n int, err error) {
	err = f.d.call(func() error {
		if f.d.dead() {
			b = b[:len(b)/2]
		}
		n, err = f.File.Write(b)
		return err
	})
	return n, err
}

func (f *dyingFile) Finish(ctx context.Context) error {
	return f.d.call(func() error { return f.File.Finish(ctx) })
}

func (f *dyingFile) Abort() {
	if !f.d.dead() {
		f.File.Abort()
	}
}

// held tells whether the newest whole checkpoint names a pending file.
func held(t *testing.T, store *checkpoint.Memory, name string) bool {
	t.Helper()
	c, _, err := store.Latest(t.Context())
	if err != nil {
		return false
	}
	states, err := checkpoint.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range states["out"] {
		if bytes.Contains(e.Data, []byte(strconv.Quote(name))) {
			return true
		}
	}
	return false
}

// number is the test's element.
type number struct {
	N int64 `json:"n"`
}

// numbers are lines of JSON, in three buckets.
func numbers(place files.Place) *files.Sink[number] {
	return &files.Sink[number]{
		Place: place, FileBytes: 40, OpenFiles: 2,
		Format: files.Lines(".ndjson", func(b []byte, e *engine.Element[number]) ([]byte, error) {
			return fmt.Appendf(b, `{"n":%d}`, e.Value.N), nil
		}),
		Bucket: func(e *engine.Element[number]) string { return fmt.Sprintf("by/%d", e.Value.N%3) },
	}
}

// readNumbers is the source of what numbers wrote.
func readNumbers(dir string) *files.Source[number] {
	return &files.Source[number]{FS: files.Dir(dir), Decode: func(line []byte) (engine.Element[number], error) {
		var n number
		err := json.Unmarshal(line, &n)
		return engine.Element[number]{Value: n, EventTime: n.N}, err
	}}
}

func openFolder(t *testing.T, dir string) *files.Folder {
	t.Helper()
	f, err := files.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// listing is every file below a folder: visible ones by what they hold, and how many are hidden.
func listing(t *testing.T, dir string) (visible map[string]string, hidden int) {
	t.Helper()
	visible = map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if strings.HasPrefix(name, ".") {
			hidden++
			return nil
		}
		data, err := os.ReadFile(path)
		visible[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return visible, hidden
}

// exactlyOnce checks that the visible files below dir hold what they should, and that nothing
// else is left.
func exactlyOnce(t *testing.T, dir string, n int64) {
	t.Helper()
	visible, hidden := listing(t, dir)
	if hidden > 0 {
		t.Errorf("%d hidden files are left", hidden)
	}
	hold(t, visible, n)
}

// hold checks that files hold 0 to n-1, each once and in its bucket, and that none is longer
// than it should be.
func hold(t *testing.T, all map[string]string, n int64) {
	t.Helper()
	seen := map[int64]int{}
	for name, text := range all {
		if len(text) > 50 || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s holds %q", name, text)
		}
		for line := range strings.Lines(text) {
			var v number
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatalf("%s: %q: %v", name, line, err)
			}
			if want := fmt.Sprintf("by/%d/part-", v.N%3); !strings.HasPrefix(name, want) {
				t.Errorf("%d is in %s", v.N, name)
			}
			seen[v.N]++
		}
	}
	for i := range n {
		if seen[i] != 1 {
			t.Errorf("%d is there %d times", i, seen[i])
		}
	}
	if int64(len(seen)) != n {
		t.Errorf("%d numbers are there, want %d", len(seen), n)
	}
}
