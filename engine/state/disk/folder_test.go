package disk_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"taxistream/engine/state"
	"taxistream/engine/state/disk"
)

// Ensure that a snapshot's sorted files are those of the one before, but for what was
// written since, and that another folder reads what the files hold.
func TestFolder_Incremental(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	folder, err := disk.Open("a", disk.Options{FS: vfs.NewMem(), MemTableBytes: 1 << 16})
	must(err)
	folder.DisableCompactions()
	b, err := folder.Open("window", 0)
	must(err)
	for i := range 3000 { // some memtables: writes wait until all but the newest are files
		_, err := b.Put(fmt.Appendf(nil, "key %d", i), []byte(strings.Repeat("x", 100)))
		must(err)
	}
	snapshot := func() (state.Snapshot, map[string]state.File) {
		s, err := b.Snapshot()
		must(err)
		files, err := s.(state.Files).Files()
		must(err)
		byName := map[string]state.File{}
		for _, f := range files {
			byName[f.Name] = f
		}
		return s, byName
	}
	first, before := snapshot()
	_, err = b.Put([]byte("key 7"), []byte("new"))
	must(err)
	second, after := snapshot()
	shared := 0
	for name, f := range before {
		if !f.Fixed {
			continue
		}
		if _, ok := after[name]; !ok || read(t, f) != read(t, after[name]) {
			t.Errorf("%s is not what it was", name)
		}
		shared++
	}
	if shared == 0 {
		t.Errorf("no fixed files in %d", len(before))
	}
	other, err := disk.Open("b", disk.Options{FS: vfs.NewMem()})
	must(err)
	for want, files := range map[string]map[string]state.File{strings.Repeat("x", 100): before, "new": after} {
		s, err := other.Read(func(put func(name string, r io.Reader) error) error {
			for name, f := range files {
				if err := put(name, strings.NewReader(read(t, f))); err != nil {
					return err
				}
			}
			return nil
		})
		must(err)
		rows, got := 0, ""
		must(s.Scan([]byte("key"), []byte("kez"), func(k, v []byte) bool {
			if rows++; string(k) == "key 7" {
				got = string(v)
			}
			return true
		}))
		if rows != 3000 || got != want {
			t.Errorf("%d rows, key 7 has %q, not %q", rows, got, want)
		}
		must(s.Close())
	}
	must(first.Close())
	must(b.Close()) // second is still open: a job that failed
	if _, err := second.(state.Files).Files(); err == nil {
		t.Error("a snapshot outlives its backend")
	}
	must(folder.Close())
	must(other.Close())
}

func read(t *testing.T, f state.File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Ensure that a folder belongs to one process at a time, and that nothing of the one before is left in it.
func TestOpen_Again(t *testing.T) {
	dir := t.TempDir()
	folder, err := disk.Open(dir, disk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(dir, disk.Options{}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second one: %v", err)
	}
	b, err := folder.Open("window", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put([]byte("k"), nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Close(), folder.Close()); err != nil {
		t.Fatal(err)
	}
	if err := vfs.Default.MkdirAll(dir+"/scratch-000009/deep", 0o755); err != nil { // as a crash leaves it
		t.Fatal(err)
	}
	if folder, err = disk.Open(dir, disk.Options{}); err != nil {
		t.Fatal(err)
	}
	names, err := vfs.Default.List(dir)
	if err != nil || len(names) != 1 || names[0] != "lock" {
		t.Errorf("left: %v, %v", names, err)
	}
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}
}
