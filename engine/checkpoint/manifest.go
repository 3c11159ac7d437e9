package checkpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// ManifestName is the file that makes a checkpoint whole. It names all others
// with their lengths and checksums.
const ManifestName = "manifest.json"

// manifest is the one file that makes a checkpoint: JSON, then a line with the
// checksum of all before it. Fields are only ever added within a version.
type manifest struct {
	Version        int                `json:"version"`
	ID             int64              `json:"id"`
	Job            string             `json:"job"`
	Time           time.Time          `json:"time"`
	Finished       bool               `json:"finished"`
	Fingerprint    map[string]string  `json:"fingerprint"`
	MaxParallelism int                `json:"max_parallelism"`
	Parallelism    int                `json:"parallelism"`
	Operators      []manifestOperator `json:"operators"`
}

// manifestOperator is one operator; in version 1 with its one file.
type manifestOperator struct {
	Name      string         `json:"name"`
	Watermark *int64         `json:"watermark,omitempty"`
	Files     []manifestFile `json:"files,omitempty"`
	manifestFile
}

type manifestFile struct {
	File   string `json:"file,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	CRC32C string `json:"crc32c,omitempty"`
	First  int    `json:"first_group,omitempty"`
	End    int    `json:"end_group,omitempty"`
	Set    string `json:"set,omitempty"`
	Format string `json:"format,omitempty"`
}

const checksumLine = "\ncrc32c %08x\n"

// EncodeManifest is the manifest of c, for stores.
func EncodeManifest(c *Checkpoint) ([]byte, error) {
	m := manifest{
		Version: FormatVersion, ID: c.ID, Job: c.Job, Time: c.Time.UTC(), Finished: c.Finished,
		Fingerprint: c.Fingerprint, MaxParallelism: c.MaxParallelism, Parallelism: c.Parallelism, Operators: []manifestOperator{},
	}
	for _, name := range sorted(c.Operators) {
		o := manifestOperator{Name: name, Watermark: c.Operators[name].Watermark}
		for _, f := range c.Operators[name].Files {
			o.Files = append(o.Files, manifestFile{File: f.Name, Bytes: f.Bytes, CRC32C: fmt.Sprintf("%08x", f.CRC32C), First: f.First, End: f.End, Set: f.Set, Format: f.Format})
		}
		m.Operators = append(m.Operators, o)
	}
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return fmt.Appendf(body, checksumLine, checksum(body)), nil
}

// Read checks the checkpoint with this id (0: any) whose manifest is data and every byte of the files that
// open gives. What is wrong with them wraps ErrCorrupt; an error of open is returned
// as it is, so that a file that is not there now is told from one that is gone: open
// wraps ErrCorrupt in the latter.
func Read(ctx context.Context, id int64, data []byte, open func(File) (io.ReadCloser, error)) (*Checkpoint, error) {
	c, err := DecodeManifest(data)
	if err != nil {
		return nil, err
	}
	if id != 0 && c.ID != id {
		return nil, corrupt("the manifest of checkpoint %d is that of checkpoint %d", id, c.ID)
	}
	c.open = open
	return c, c.verify(ctx)
}

// DecodeManifest reads a manifest of any version; the checkpoint's files cannot be read.
func DecodeManifest(data []byte) (*Checkpoint, error) {
	end := len(data) - len(fmt.Sprintf(checksumLine, 0))
	if end < 0 {
		return nil, corrupt("the manifest is cut short")
	}
	body := data[:end]
	if !bytes.Equal(data[end:], fmt.Appendf(nil, checksumLine, checksum(body))) {
		return nil, corrupt("the manifest's checksum does not match")
	}
	var m manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, corrupt("decode manifest: %v", err)
	}
	if m.Version < 1 || m.Version > FormatVersion {
		return nil, corrupt("the manifest has version %d, this program reads 1 to %d", m.Version, FormatVersion)
	}
	if m.MaxParallelism < 1 || m.Parallelism < 1 || m.ID < 1 {
		return nil, corrupt("the manifest is not valid: checkpoint %d, parallelism %d of %d", m.ID, m.Parallelism, m.MaxParallelism)
	}
	c := &Checkpoint{
		ID: m.ID, Job: m.Job, Time: m.Time, Finished: m.Finished, Fingerprint: m.Fingerprint,
		MaxParallelism: m.MaxParallelism, Parallelism: m.Parallelism, Operators: make(map[string]Operator, len(m.Operators)),
	}
	for _, o := range m.Operators {
		if m.Version == 1 {
			o.Files = []manifestFile{o.manifestFile}
		}
		operator := Operator{Watermark: o.Watermark}
		for _, f := range o.Files {
			file, err := f.file()
			if err != nil {
				return nil, err
			}
			operator.Files = append(operator.Files, file)
		}
		c.Operators[o.Name] = operator
	}
	return c, nil
}

func (f manifestFile) file() (File, error) {
	if f.File == "" || f.File == ".." || strings.ContainsAny(f.File, `/\`) {
		return File{}, corrupt("the manifest names a file outside its folder: %q", f.File)
	}
	sum, err := strconv.ParseUint(f.CRC32C, 16, 32)
	if err != nil || f.Bytes < 0 {
		return File{}, corrupt("the manifest gives %s no length or checksum that can be read", f.File)
	}
	return File{Name: f.File, Bytes: f.Bytes, CRC32C: uint32(sum), First: f.First, End: f.End, Set: f.Set, Format: f.Format}, nil
}
