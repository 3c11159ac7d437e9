package checkpoint

import (
	"errors"
	"fmt"
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
		Operators: map[string]OperatorState{
			"dedupe": {Groups: map[int][]byte{3: []byte("three"), 127: fmt.Append(nil, "last ", id)}, List: [][]byte{[]byte("12345678")}},
			"source": {List: [][]byte{[]byte(`{"id":"a"}`), {}, []byte(`{"id":"b"}`)}},
		},
	}
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
	if _, err := f.Save(t.Context(), sample(id)); err != nil {
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
	if err != nil || len(damaged) != 0 || !reflect.DeepEqual(got, sample(7)) {
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

func (f *failing) Write(name string, data []byte) error {
	if err := f.step(); err != nil {
		return errors.Join(err, os.WriteFile(name, data[:len(data)/2], 0o644))
	}
	return f.diskFiles.Write(name, data)
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
		_, saveErr := f.Save(t.Context(), sample(4))
		_ = f.Close() // the process dies

		g := mustOpen(t, dir)
		c, damaged, err := g.Latest(t.Context())
		if err != nil || len(damaged) != 0 || !reflect.DeepEqual(c, sample(c.ID)) {
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

// Ensure that the bytes on disk do not change unnoticed.
func TestFolder_Golden(t *testing.T) {
	dir := t.TempDir()
	f := mustOpen(t, dir)
	mustSave(t, f, 7)
	golden := filepath.Join("testdata", "golden-v1")
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
}

// Ensure that no bytes make the decoder of states fail otherwise than by an error,
// and that what it accepts is encoded again to a state that reads the same.
func FuzzDecodeState(f *testing.F) {
	for _, s := range sample(1).Operators {
		f.Add(encodeState(s))
	}
	f.Add([]byte("txst\x01g\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeState(data)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%v is not ErrCorrupt", err)
			}
			return
		}
		again, err := decodeState(encodeState(s))
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v is read again as %+v, %v", s, again, err)
		}
	})
}

// Ensure that no bytes make the decoder of manifests fail otherwise than by an error.
func FuzzDecodeManifest(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "golden-v1", ManifestName))
	if err == nil {
		f.Add(golden)
	}
	f.Add([]byte("{}\ncrc32c 00000000\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := decodeManifest(data); err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%v is not ErrCorrupt", err)
		}
	})
}
