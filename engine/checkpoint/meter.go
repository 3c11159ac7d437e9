package checkpoint

import (
	"hash/crc32"
	"io"
	"maps"
	"slices"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(data []byte) uint32 { return crc32.Checksum(data, castagnoli) }

// meter counts and sums what is read through it.
type meter struct {
	r     io.Reader
	bytes int64
	sum   uint32
}

func newMeter(r io.Reader) *meter { return &meter{r: r} }

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.bytes += int64(n)
	m.sum = crc32.Update(m.sum, castagnoli, p[:n])
	return n, err
}

// Measure returns a reader of the same bytes and, for when it has been read, the file
// that they make.
func Measure(name string, r io.Reader) (io.Reader, func() File) {
	m := newMeter(r)
	return m, func() File { return File{Name: name, Bytes: m.bytes, CRC32C: m.sum} }
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// File is one stream of states.
type File struct {
	Name   string // within the checkpoint
	Bytes  int64
	CRC32C uint32
	// First and End bound the key groups in it, End excluded; both 0: any.
	First, End int
	// Set and Format are of a file that is not a stream of states but, with the others of its
	// set, the files of a state backend, whose format that is. Its name there is that behind
	// Set and a hyphen.
	Set, Format string
}
