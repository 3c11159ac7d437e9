package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func sample(id int64) *Checkpoint {
	return &Checkpoint{
		ID: id, Job: "taxi", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Fingerprint: map[string]string{"stream": "arn", "window": "10m"},
		MaxParallelism: 128, Parallelism: 2,
	}
}

// states are those of sample.
func states(id int64) map[string][]Entry {
	pairs, splits := State{Name: "pairs", Layout: 2, Key: 1}, State{Name: "splits", Layout: 1}
	return map[string][]Entry{
		"dedupe": {{pairs, 3, []byte("three")}, {pairs, 127, fmt.Append(nil, "last ", id)}},
		"source": {{splits, -1, []byte(`{"id":"a"}`)}, {splits, -1, []byte{}}, {splits, -1, []byte(`{"id":"b"}`)}},
	}
}

// same tells whether c is the sample, with all its states.
func same(c *Checkpoint) bool {
	if c == nil {
		return false
	}
	have, err := Load(c)
	want := sample(c.ID)
	return err == nil && reflect.DeepEqual(have, states(c.ID)) && c.Job == want.Job && c.Time.Equal(want.Time) &&
		reflect.DeepEqual(c.Fingerprint, want.Fingerprint) && c.MaxParallelism == want.MaxParallelism && c.Parallelism == want.Parallelism
}

func mustOpen(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := OpenFolder(dir, FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // perhaps a second time
	return f
}

func mustSave(t *testing.T, f *Folder, id int64) {
	t.Helper()
	if _, err := Save(t.Context(), f, sample(id), states(id)); err != nil {
		t.Fatal(err)
	}
}

// Ensure that what is read is what was saved, and that no more is kept than asked.
func TestFolder_RoundTripAndRetention(t *testing.T) {
	f := mustOpen(t, filepath.Join(t.TempDir(), "new", "folder"))
	if _, _, err := f.Latest(t.Context()); !errors.Is(err, ErrNone) {
		t.Fatalf("an empty folder: %v", err)
	}
	for id := range int64(7) {
		mustSave(t, f, id+1)
	}
	got, damaged, err := f.Latest(t.Context())
	if err != nil || len(damaged) != 0 || !same(got) {
		t.Errorf("latest = %+v, %v, %v", got, damaged, err)
	}
	if ids, _ := f.list(); !slices.Equal(ids, []int64{5, 6, 7}) {
		t.Errorf("retained %v", ids)
	}
}

// Ensure that a folder has one user at a time, and that a closed store frees it.
func TestFolder_Lock(t *testing.T) {
	dir := t.TempDir()
	f := mustOpen(t, dir)
	var locked *LockedError
	if _, err := OpenFolder(dir, FolderOptions{}); !errors.As(err, &locked) || locked.Dir != dir {
		t.Errorf("second opener: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, dir)
}

// Ensure that any flipped byte, missing or cut file is found, and the one before used.
func TestFolder_Damage(t *testing.T) {
	dir := t.TempDir()
	f := mustOpen(t, dir)
	mustSave(t, f, 1)
	mustSave(t, f, 2)
	files, err := filepath.Glob(filepath.Join(dir, "chk-0000000002", "*"))
	if err != nil || len(files) != 3 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, name := range files {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		damages := map[string]func() error{
			"missing": func() error { return os.Remove(name) },
			"empty":   func() error { return os.Truncate(name, 0) },
			"cut":     func() error { return os.Truncate(name, int64(len(whole)-1)) },
			"longer":  func() error { return os.WriteFile(name, append(slices.Clone(whole), 'x'), 0o644) },
		}
		for i := 0; i < len(whole); i += 3 {
			damages[fmt.Sprint("flipped at ", i)] = func() error {
				changed := slices.Clone(whole)
				changed[i] ^= 0x20
				return os.WriteFile(name, changed, 0o644)
			}
		}
		for what, damage := range damages {
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			c, damaged, err := f.Latest(t.Context())
			if err != nil || c.ID != 1 || len(damaged) != 1 || damaged[0].ID != 2 || !errors.Is(damaged[0].Err, ErrCorrupt) {
				t.Fatalf("%s %s: checkpoint %+v, damage %v, %v", filepath.Base(name), what, c, damaged, err)
			}
			if strings.Contains(damaged[0].Err.Error(), "\n") {
				t.Errorf("more than one line: %q", damaged[0].Err)
			}
			if err := os.WriteFile(name, whole, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c, damaged, err := f.Latest(t.Context()); err != nil || c.ID != 2 || len(damaged) != 0 {
		t.Errorf("mended: %v, %v, %v", c, damaged, err)
	}
}

// failing fails its steps from the n-th on, as a full disk or a crash does; a crash
// may leave half of a file.
type failing struct {
	diskFiles
	left int
}

var errFull = errors.New("no space left on device")

func (f *failing) step() error {
	f.left--
	if f.left < 0 {
		return errFull
	}
	return nil
}

func (f *failing) Mkdir(dir string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.diskFiles.Mkdir(dir)
}

func (f *failing) Write(name string, r io.Reader) error {
	if err := f.step(); err != nil {
		data, _ := io.ReadAll(r)
		return errors.Join(err, os.WriteFile(name, data[:len(data)/2], 0o644))
	}
	return f.diskFiles.Write(name, r)
}

func (f *failing) Rename(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.diskFiles.Rename(from, to)
}

func (f *failing) SyncDir(dir string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.diskFiles.SyncDir(dir)
}

func (f *failing) RemoveAll(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.diskFiles.RemoveAll(name)
}

// Ensure that a crash at any step of writing leaves the checkpoint before or the
// new one, whole, and that the next opening sweeps up.
func TestFolder_CrashAtEveryStep(t *testing.T) {
	for steps := 0; ; steps++ {
		dir := t.TempDir()
		f := mustOpen(t, dir)
		mustSave(t, f, 1)
		mustSave(t, f, 2)
		mustSave(t, f, 3)
		f.files = &failing{left: steps}
		_, saveErr := Save(t.Context(), f, sample(4), states(4))
		_ = f.Close() // the process dies

		g := mustOpen(t, dir)
		c, damaged, err := g.Latest(t.Context())
		if err != nil || len(damaged) != 0 || !same(c) {
			t.Fatalf("after %d steps: %+v, %v, %v", steps, c, damaged, err)
		}
		if saveErr == nil && c.ID != 4 {
			t.Fatalf("after %d steps the save succeeded and %d is the newest", steps, c.ID)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, halfPrefix+"*")); len(left) != 0 {
			t.Errorf("after %d steps %v is left", steps, left)
		}
		if f.files.(*failing).left > 0 {
			return
		}
	}
}

// Ensure that the bytes on disk do not change unnoticed, and that those of version 1
// are read for ever.
func TestFolder_Golden(t *testing.T) {
	dir := t.TempDir()
	f := mustOpen(t, dir)
	mustSave(t, f, 7)
	golden := filepath.Join("testdata", "golden-v2")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.CopyFS(golden, os.DirFS(filepath.Join(dir, "chk-0000000007"))); err != nil {
			t.Fatal(err)
		}
	}
	read := func(dir string) map[string]string {
		files := make(map[string]string)
		names, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = string(data)
		}
		return files
	}
	got, want := read(filepath.Join(dir, "chk-0000000007")), read(golden)
	if !maps.Equal(got, want) {
		t.Errorf("the format has changed: raise FormatVersion and keep reading the old one\n got %q\nwant %q", got, want)
	}

	old := t.TempDir()
	if err := os.CopyFS(filepath.Join(old, "chk-0000000007"), os.DirFS(filepath.Join("testdata", "golden-v1"))); err != nil {
		t.Fatal(err)
	}
	c, damaged, err := mustOpen(t, old).Latest(t.Context())
	if err != nil || len(damaged) != 0 {
		t.Fatalf("version 1: %v, %v", damaged, err)
	}
	entries, err := Load(c)
	v1 := map[string][]Entry{
		"dedupe": {{legacy, 3, []byte("three")}, {legacy, 127, []byte("last 7")}, {legacy, -1, []byte("12345678")}},
		"source": {{legacy, -1, []byte(`{"id":"a"}`)}, {legacy, -1, []byte{}}, {legacy, -1, []byte(`{"id":"b"}`)}},
	}
	if err != nil || !reflect.DeepEqual(entries, v1) {
		t.Errorf("version 1 is read as %+v, %v", entries, err)
	}
}

// Ensure that a folder which is moved away, replaced, or loses its lock is noticed also while no checkpoint is
// taken, and told once.
func TestFolder_Watch(t *testing.T) {
	for name, lose := range map[string]func(dir string) error{
		"Moved":    func(dir string) error { return os.Rename(dir, dir+"-moved") },
		"Unlocked": func(dir string) error { return os.Remove(filepath.Join(dir, "lock")) },
		"Removed":  os.RemoveAll,
		"Replaced": func(dir string) error {
			return errors.Join(os.Rename(dir, dir+"-moved"), os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "checkpoints")
			told := make(chan error, 10)
			f, err := OpenFolder(dir, FolderOptions{Watch: time.Millisecond, OnLost: func(err error) { told <- err }})
			if err != nil {
				t.Fatal(err)
			}
			if err := lose(dir); err != nil {
				t.Fatal(err)
			}
			var lost *LostError
			if err := <-told; !errors.As(err, &lost) {
				t.Errorf("told %v", err)
			}
			if _, err := f.Begin(t.Context(), 1); !errors.As(err, &lost) {
				t.Errorf("a checkpoint: %v", err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			if len(told) > 0 {
				t.Error("told twice")
			}
		})
	}
}
