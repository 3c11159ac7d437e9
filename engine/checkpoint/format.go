package checkpoint

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ManifestName is the file that makes a checkpoint whole. It names all others
// with their lengths and checksums.
const ManifestName = "manifest.json"

// Write hands the files of a checkpoint to put, one after the other and the
// manifest last, and returns how many bytes they have. A store makes the others
// durable before the manifest can be seen: what has no manifest is no checkpoint.
func Write(ctx context.Context, c *Checkpoint, put func(name string, data []byte) error) (bytes int64, err error) {
	m := &manifest{
		Version: FormatVersion, ID: c.ID, Job: c.Job, Time: c.Time.UTC(), Finished: c.Finished,
		Fingerprint: c.Fingerprint, MaxParallelism: c.MaxParallelism, Parallelism: c.Parallelism, Operators: []manifestFile{},
	}
	for i, name := range slices.Sorted(maps.Keys(c.Operators)) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		data := encodeState(c.Operators[name])
		file := fmt.Sprintf("operator-%03d.state", i)
		if err := put(file, data); err != nil {
			return 0, err
		}
		m.Operators = append(m.Operators, manifestFile{Name: name, File: file, Bytes: int64(len(data)), CRC32C: fmt.Sprintf("%08x", checksum(data))})
		bytes += int64(len(data))
	}
	data, err := encodeManifest(m)
	if err != nil {
		return 0, err
	}
	return bytes + int64(len(data)), put(ManifestName, data)
}

// Read loads checkpoint id from the files that get returns and checks every byte
// of it. What is wrong with them wraps ErrCorrupt; an error of get is returned as
// it is, so that a file that is not there now is told from one that is gone: get
// wraps ErrCorrupt in the latter.
func Read(id int64, get func(name string) ([]byte, error)) (*Checkpoint, error) {
	data, err := get(ManifestName)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	m, err := decodeManifest(data)
	if err != nil {
		return nil, err
	}
	if m.ID != id {
		return nil, corrupt("the manifest of checkpoint %d is that of checkpoint %d", id, m.ID)
	}
	c := &Checkpoint{
		ID: m.ID, Job: m.Job, Time: m.Time, Finished: m.Finished, Fingerprint: m.Fingerprint,
		MaxParallelism: m.MaxParallelism, Parallelism: m.Parallelism, Operators: make(map[string]OperatorState),
	}
	for _, o := range m.Operators {
		if o.File == "" || o.File == ".." || strings.ContainsAny(o.File, `/\`) {
			return nil, corrupt("the manifest names a file outside its folder: %q", o.File)
		}
		s, err := readState(get, o)
		if err != nil {
			return nil, fmt.Errorf("state of %q in %s: %w", o.Name, o.File, err)
		}
		c.Operators[o.Name] = s
	}
	return c, nil
}

func readState(get func(string) ([]byte, error), o manifestFile) (OperatorState, error) {
	data, err := get(o.File)
	if err != nil {
		return OperatorState{}, fmt.Errorf("read: %w", err)
	}
	if int64(len(data)) != o.Bytes {
		return OperatorState{}, corrupt("it has %d bytes instead of %d", len(data), o.Bytes)
	}
	if have := fmt.Sprintf("%08x", checksum(data)); have != o.CRC32C {
		return OperatorState{}, corrupt("its checksum is %s instead of %s", have, o.CRC32C)
	}
	return decodeState(data)
}
