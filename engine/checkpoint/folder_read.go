package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// read loads one checkpoint and checks every byte of it.
func (f *Folder) read(id int64) (*Checkpoint, error) {
	dir := f.path(id)
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, corrupt("read manifest: %v", err)
	}
	m, err := decodeManifest(data)
	if err != nil {
		return nil, err
	}
	if m.ID != id {
		return nil, corrupt("the manifest in %s is that of checkpoint %d", filepath.Base(dir), m.ID)
	}
	c := &Checkpoint{
		ID: m.ID, Job: m.Job, Time: m.Time, Finished: m.Finished, Fingerprint: m.Fingerprint,
		MaxParallelism: m.MaxParallelism, Parallelism: m.Parallelism, Operators: make(map[string]OperatorState),
	}
	for _, o := range m.Operators {
		if o.File != filepath.Base(o.File) {
			return nil, corrupt("the manifest names a file outside its folder: %q", o.File)
		}
		s, err := readState(filepath.Join(dir, o.File), o)
		if err != nil {
			return nil, fmt.Errorf("state of %q in %s: %w", o.Name, o.File, err)
		}
		c.Operators[o.Name] = s
	}
	return c, nil
}

func readState(name string, o manifestFile) (OperatorState, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return OperatorState{}, corrupt("read: %v", err)
	}
	if int64(len(data)) != o.Bytes {
		return OperatorState{}, corrupt("it has %d bytes instead of %d", len(data), o.Bytes)
	}
	if have := fmt.Sprintf("%08x", checksum(data)); have != o.CRC32C {
		return OperatorState{}, corrupt("its checksum is %s instead of %s", have, o.CRC32C)
	}
	return decodeState(data)
}

// retire removes the oldest checkpoints beyond those retained. One that cannot be
// removed now is tried again after the next checkpoint.
func (f *Folder) retire() {
	ids, err := f.list()
	if err != nil {
		return
	}
	for len(ids) > f.retained {
		// Renamed first, so that a crash in the middle leaves nothing that looks whole.
		gone := filepath.Join(f.dir, fmt.Sprintf("%sretired-%d", halfPrefix, ids[0]))
		if f.files.Rename(f.path(ids[0]), gone) == nil {
			_ = f.files.RemoveAll(gone) // swept at the next opening if not now
		}
		ids = ids[1:]
	}
}

// sweep removes what a crash left half-written or half-removed.
func (f *Folder) sweep() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), halfPrefix) {
			if err := f.files.RemoveAll(filepath.Join(f.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
