package files_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/files"
)

// open makes one writer of a sink by hand.
func open(t *testing.T, s *files.Sink[number], prepared ...[]byte) engine.SinkWriter[number] {
	t.Helper()
	w, err := s.Open(t.Context(), engine.Subtask{Operator: "out", Parallelism: 1}, prepared)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func write(t *testing.T, w engine.SinkWriter[number], values ...int64) {
	t.Helper()
	for _, n := range values {
		if err := w.Write(t.Context(), []engine.Element[number]{{Value: number{n}}}); err != nil {
			t.Fatal(err)
		}
	}
}

func prepare(t *testing.T, w engine.SinkWriter[number], id int64) []byte {
	t.Helper()
	state, err := w.Prepare(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// Ensure a file is visible from its commit on, that a commit covers those before it, and
// that nothing is kept where nothing was written.
func TestSink_Visible(t *testing.T) {
	dir := t.TempDir()
	s := numbers(openFolder(t, dir))
	w := open(t, s)
	if state := prepare(t, w, 1); state != nil {
		t.Errorf("a barrier behind nothing keeps %s", state)
	}
	write(t, w, 0, 1)
	prepare(t, w, 2)
	write(t, w, 2)
	prepare(t, w, 3)
	write(t, w, 3) // behind the barrier
	if visible, hidden := listing(t, dir); len(visible) != 0 || hidden != 4 {
		t.Errorf("before the commit %v are visible, %d hidden", visible, hidden)
	}
	if got := s.Stats(); got != (files.Stats{Written: 4, Pending: 3}) {
		t.Errorf("the figures are %+v", got)
	}
	for _, id := range []int64{2, 3, 3} { // a commit may be repeated
		if err := w.Committed(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if got := s.Stats().Files; got != id { // two files of the first, one of the second
			t.Errorf("after checkpoint %d %d files are visible", id, got)
		}
	}
	if got := s.Stats(); got != (files.Stats{Written: 4, Files: 3, Bytes: 24}) {
		t.Errorf("the figures are %+v", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	exactlyOnce(t, dir, 3)
}

// Ensure a file is finished when it is long enough, or when too many are open.
func TestSink_Rolls(t *testing.T) {
	dir := t.TempDir()
	s := numbers(openFolder(t, dir))
	w := open(t, s)
	for i := range int64(30) {
		write(t, w, 3*i) // all in one bucket
	}
	if got := s.Stats().Pending; got < 5 {
		t.Errorf("of one bucket %d files are finished", got)
	}
	prepare(t, w, 1)
	before := s.Stats().Pending
	write(t, w, 0, 1, 2) // one bucket too many: the first of the three waited longest
	if got := s.Stats().Pending; got != before+1 {
		t.Errorf("%d files are finished, want %d", got, before+1)
	}
}

// Ensure that pending files become visible where they are, by whoever is given their state, once or
// again, and that what no state names is removed.
func TestSink_Restore(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	w := open(t, numbers(openFolder(t, from)))
	write(t, w, 0, 1)
	state := prepare(t, w, 1)
	write(t, w, 2)
	prepare(t, w, 2) // its checkpoint never becomes whole; and the process ends
	for range 2 {
		s := numbers(openFolder(t, to))
		s.Elsewhere = func(place string) (files.Place, error) {
			if want := "file://" + from; place != want {
				t.Errorf("the place is %s, want %s", place, want)
			}
			return files.OpenFolder(strings.TrimPrefix(place, "file://"))
		}
		open(t, s, state)
	}
	s := numbers(openFolder(t, from))
	open(t, s, state)
	if got := s.Stats(); got != (files.Stats{Leftovers: 1}) {
		t.Errorf("the figures are %+v", got)
	}
	exactlyOnce(t, from, 2)
	_, err := numbers(openFolder(t, to)).Open(t.Context(), engine.Subtask{Parallelism: 1}, [][]byte{state})
	if err == nil || !strings.Contains(err.Error(), "files are pending in file://"+from) {
		t.Errorf("another place: %v", err)
	}
}

// Ensure that files that somebody took away are told and counted, and that a damaged one is refused.
func TestSink_Missing(t *testing.T) {
	dir := t.TempDir()
	w := open(t, numbers(openFolder(t, dir)))
	write(t, w, 0)
	state := prepare(t, w, 1)
	pending, err := filepath.Glob(filepath.Join(dir, ".pending/out/*"))
	if err != nil || len(pending) != 1 {
		t.Fatal(pending, err)
	}
	if err := os.WriteFile(pending[0], []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	var damaged *files.DamagedError
	if _, err := numbers(openFolder(t, dir)).Open(t.Context(), engine.Subtask{Parallelism: 1}, [][]byte{state}); !errors.As(err, &damaged) {
		t.Errorf("a damaged file: %v", err)
	}
	if err := os.Remove(pending[0]); err != nil {
		t.Fatal(err)
	}
	s, told := numbers(openFolder(t, dir)), 0
	s.OnMissing = func(files.Pending) { told++ }
	open(t, s, state)
	if s.Stats().Missing != 1 || told != 1 {
		t.Errorf("%+v, told %d times", s.Stats(), told)
	}
}

// Ensure buckets that readers would leave out, or that lead elsewhere, are refused.
func TestSink_Buckets(t *testing.T) {
	for _, bucket := range []string{"../x", "/x", "a/../b", ".x", "a/_b", "a//b", "a/"} {
		s := numbers(openFolder(t, t.TempDir()))
		s.Bucket = func(*engine.Element[number]) string { return bucket }
		w := open(t, s)
		if err := w.Write(t.Context(), make([]engine.Element[number], 1)); err == nil || !strings.Contains(err.Error(), "bucket") {
			t.Errorf("%q: %v", bucket, err)
		}
	}
}

// Ensure a folder in which nothing can be written is refused at once.
func TestOpenFolder_Refused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := files.OpenFolder(name); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("a file: %v", err)
	}
}

// Ensure a job stopped with a savepoint goes on from it at other parallelism, and one that
// drains has nothing pending in the end.
func TestSink_SavepointRescaleDrain(t *testing.T) {
	w := newWorld(t)
	for life, parallelism := range []int{2, 5, 1} {
		if life > 0 { // from a savepoint, with no checkpoint of its own
			to := filepath.Join(t.TempDir(), "savepoint")
			last, _, err := w.store.Latest(t.Context())
			if err == nil {
				_, err = checkpoint.Copy(t.Context(), last, checkpoint.NewSavepoint(to))
			}
			if err == nil {
				w.savepoint, err = checkpoint.Open(t.Context(), to)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.store = checkpoint.NewMemory(2)
		}
		d, sink, err := w.start(openFolder(t, w.out), parallelism)
		if err != nil {
			t.Fatal(err)
		}
		w.more(20)
		end := d.Stop
		if life == 2 {
			end = d.Drain
		}
		if err := errors.Join(d.Run(), end()); err != nil {
			t.Fatal(err)
		}
		if got := sink.Stats(); got.Pending != 0 || got.Written != 20 {
			t.Errorf("life %d: %+v", life, got)
		}
		exactlyOnce(t, w.out, w.next)
	}
}

// Ensure a line feed within a line is refused: it would be two for a reader.
func TestLines_LineFeed(t *testing.T) {
	format := files.Lines(".txt", func(b []byte, e *engine.Element[string]) ([]byte, error) { return append(b, e.Value...), nil })
	var out bytes.Buffer
	if err := format.Encoder(&out).Encode(&engine.Element[string]{Value: "a\nb"}); err == nil || out.Len() > 0 {
		t.Errorf("%v, %q", err, out.String())
	}
}

// Ensure folders of owners with nothing pending go, others stay, and that one that went is made again.
func TestFolder_Tidy(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	f := openFolder(t, dir)
	begin := func(name string) files.File {
		t.Helper()
		file, err := f.Create(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	if err := begin(".pending/a/1").Finish(ctx); err != nil {
		t.Fatal(err)
	}
	begin(".pending/b/1").Abort()
	for range 2 {
		if err := f.Tidy(); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, ".pending")); err != nil || len(left) != 1 || left[0].Name() != "a" {
		t.Errorf("left are %v, %v", left, err)
	}
	begin(".pending/b/2").Abort()
}
