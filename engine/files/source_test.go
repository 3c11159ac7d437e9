package files_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/engine/files"
)

// text is a source of the lines of a file system in memory.
func text(fsys fstest.MapFS) *files.Source[string] {
	return &files.Source[string]{FS: fsys, ReadBytes: 1, Decode: func(line []byte) (engine.Element[string], error) {
		if string(line) == "bad" {
			return engine.Element[string]{}, errors.New("it is bad")
		}
		return engine.Element[string]{Value: string(line)}, nil
	}}
}

// read takes n reads of a file from an offset; below 0: all.
func read(t *testing.T, s *files.Source[string], split engine.Split, n int) (lines []string, offset []byte, err error) {
	t.Helper()
	r, err := s.Open(t.Context(), split)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for ; n != 0; n-- {
		got, err := r.Next(t.Context())
		if err != nil {
			return lines, offset, err
		}
		offset = got.Offset
		for _, e := range got.Elements {
			lines = append(lines, e.Value)
		}
		if got.End {
			break
		}
	}
	return lines, offset, nil
}

// Ensure every line is read once, whatever the offset that a reader goes on from: empty
// lines, the last without line feed, and those longer than a buffer.
func TestSource_Resume(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for _, content := range []string{"", "a", "a\n", "a\n\nb\n", "\n", long + "\nb", "a\n" + long + "\n" + long} {
		s := text(fstest.MapFS{"f": {Data: []byte(content)}})
		want := strings.Split(content, "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		for n := range len(want) + 1 {
			first, offset, err := read(t, s, engine.Split{ID: "f"}, n)
			if err != nil {
				t.Fatal(err)
			}
			rest, _, err := read(t, s, engine.Split{ID: "f", Offset: offset}, -1)
			if err != nil || !slices.Equal(append(first, rest...), want) {
				t.Errorf("%.20q after %d: %d and %d lines, want %d: %v", content, n, len(first), len(rest), len(want), err)
			}
		}
	}
}

// Ensure a file that is not what it was is noticed, in words.
func TestSource_Changed(t *testing.T) {
	fsys := fstest.MapFS{"f": {Data: []byte("one\ntwo\nthree\n")}}
	s := text(fsys)
	_, offset, err := read(t, s, engine.Split{ID: "f"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"one\ntwo\n":           "it had 14 bytes and has 8",
		"one\ntwo\nthree\n4\n": "it had 14 bytes and has 16",
		"one\nTwo\nthree\n":    "its first 8 bytes are others",
		"":                     "it had 14 bytes and has 0",
		"gone":                 "it is gone",
	} {
		fsys["f"] = &fstest.MapFile{Data: []byte(content)}
		if content == "gone" {
			delete(fsys, "f")
		}
		_, _, err := read(t, s, engine.Split{ID: "f", Offset: offset}, -1)
		var changed *files.ChangedError
		if !errors.As(err, &changed) || changed.Path != "f" || changed.What != want {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// Ensure lines that cannot be read are named by file and byte.
func TestSource_BadLines(t *testing.T) {
	s := text(fstest.MapFS{"a/f": {Data: []byte("good\nbad\n")}, "long": {Data: []byte("ok\n" + strings.Repeat("x", 100_000))}})
	s.LineBytes = 90_000
	for name, want := range map[string]string{
		"a/f":  "file a/f, line at byte 5: it is bad",
		"long": "file long, line at byte 3: it is longer than 90000 bytes",
	} {
		lines, _, err := read(t, s, engine.Split{ID: name}, -1)
		if err == nil || err.Error() != want || len(lines) != 1 {
			t.Errorf("got %d lines and %v", len(lines), err)
		}
	}
}

// Ensure only visible files that match are listed, in order, and how lanes chain them.
func TestSource_Splits(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, name := range []string{"b/2", "b/10", "a", ".pending/out/x", "b/.x", "_temporary/y", "c/_SUCCESS", "d.csv"} {
		fsys[name] = &fstest.MapFile{}
	}
	for lanes, want := range []string{"[a b/10 b/2]", "[a b/10<[a] b/2<[b/10]]", "[a b/10 b/2<[a]]"} {
		s := text(fsys)
		s.Match = func(path string) bool { return !strings.HasSuffix(path, ".csv") }
		s.Lanes = lanes
		splits, err := s.Splits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, split := range splits {
			name := split.ID
			if split.Parents != nil {
				name += fmt.Sprint("<", split.Parents)
			}
			got = append(got, name)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%d lanes: %v, want %s", lanes, got, want)
		}
	}
}

// counted is a file system that counts how often it is walked.
type counted struct {
	fstest.MapFS
	walks int
}

// ReadDir implements fs.ReadDirFS.
func (c *counted) ReadDir(name string) ([]fs.DirEntry, error) {
	c.walks++
	return c.MapFS.ReadDir(name)
}

// Ensure many files are listed once, not at the end of each, and that each is read once.
func TestSource_ListsOnce(t *testing.T) {
	const n = 300
	fsys := &counted{MapFS: fstest.MapFS{}}
	for i := range n {
		fsys.MapFS[fmt.Sprint(i)] = &fstest.MapFile{Data: []byte("x\n")}
	}
	s := text(nil)
	s.FS = fsys
	job := engine.NewJob(engine.Config{Name: "test", Parallelism: 2})
	var out enginetest.Collect[string]
	engine.SinkTo(engine.FromSource(job, "in", s, engine.NoWatermarks[string]()), "out", &out)
	if err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(out.Elements()); got != n || fsys.walks != 1 {
		t.Errorf("%d lines, %d listings", got, fsys.walks)
	}
}

// Ensure a job reads every line once through lanes, and finds files that come later.
func TestSource_Follow(t *testing.T) {
	fsys := fstest.MapFS{}
	add := func(i int) {
		fsys[fmt.Sprintf("%03d", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "%d\n%d\n", 2*i, 2*i+1)}
	}
	for i := range 10 {
		add(i)
	}
	s := text(fsys)
	s.Follow, s.Lanes = true, 2
	clock := engine.NewManualClock(t0)
	job := engine.NewJob(engine.Config{Name: "test", Parallelism: 3, Clock: clock, DiscoverInterval: second})
	var out enginetest.Collect[string]
	engine.SinkTo(engine.FromSource(job, "in", s, engine.NoWatermarks[string]()), "out", &out)
	d, err := enginetest.Drive(t.Context(), job, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 10; i < 14; i++ {
		if err := d.Run(); err != nil {
			t.Fatal(err)
		}
		if got := len(out.Elements()); got != 2*i {
			t.Errorf("%d lines of %d files", got, i)
		}
		add(i)
		clock.Advance(2 * second)
		if err := d.Tick(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
}
