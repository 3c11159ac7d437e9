package kinesis

import (
	"encoding/binary"
	"fmt"
	"sort"
	"sync/atomic"
)

// A record is stored as the bytes that GetRecords answers with, a comma after
// it: a read is then a copy, from memory or from a file, and the data's
// base64 is neither decoded nor encoded on its way through.

// segment is a run of records of one shard. Bytes once written never change,
// so an answer may use them, pinned, after the shard's lock is released.
type segment struct {
	data      []byte  // records one after another; nil once in a file
	block     *block  // the memory of data
	index     []entry // one each; nil once in a file
	records   int
	stored    int   // length of data
	dataBytes int64 // of the records' data, decoded

	firstCounter, lastCounter uint64
	firstArrival, lastArrival int64 // ms

	charged int64       // bytes counted as memory
	place   place       // where it is once data is nil
	dead    atomic.Bool // trimmed or deleted
}

// entry is what must be known of a record to start or end an answer at it.
type entry struct {
	counter uint64
	arrival int64  // ms
	end     uint32 // offset after the record in data
	size    uint32 // decoded data, bytes
}

const entryBytes = 24

// find returns the position of the first record at or after the counter.
func find(index []entry, counter uint64) int {
	return sort.Search(len(index), func(i int) bool { return index[i].counter >= counter })
}

// findTime returns the position of the first record that arrived at ms or later.
func findTime(index []entry, ms int64) int {
	return sort.Search(len(index), func(i int) bool { return index[i].arrival >= ms })
}

func appendIndex(dst []byte, index []entry) []byte {
	for _, e := range index {
		dst = binary.LittleEndian.AppendUint64(dst, e.counter)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(e.arrival))
		dst = binary.LittleEndian.AppendUint32(dst, e.end)
		dst = binary.LittleEndian.AppendUint32(dst, e.size)
	}
	return dst
}

// entries returns the segment's index, read back from its file if need be.
func (g *segment) entries() ([]entry, error) {
	if g.data != nil {
		return g.index, nil
	}
	raw := make([]byte, g.records*entryBytes)
	if _, err := g.place.file.f.ReadAt(raw, g.place.offset+int64(g.stored)); err != nil {
		return nil, fmt.Errorf("read back records from %s: %w", g.place.file.f.Name(), err)
	}
	index := make([]entry, g.records)
	for i := range index {
		at := raw[i*entryBytes:]
		index[i] = entry{
			counter: binary.LittleEndian.Uint64(at),
			arrival: int64(binary.LittleEndian.Uint64(at[8:])),
			end:     binary.LittleEndian.Uint32(at[16:]),
			size:    binary.LittleEndian.Uint32(at[20:]),
		}
	}
	return index, nil
}

// part is a stretch of stored records for an answer: bytes, or a file's.
type part struct {
	bytes  []byte
	file   *spillFile
	offset int64
	length int
	owner  interface{ unpin() } // of the bytes or the file
}

// slice returns the records from offset start to end, pinned; the caller
// unpins its owner.
func (g *segment) slice(start, end int) part {
	if g.data != nil {
		g.block.pin()
		return part{bytes: g.data[start:end], length: end - start, owner: g.block}
	}
	g.place.file.pin()
	return part{file: g.place.file, offset: g.place.offset + int64(start), length: end - start, owner: g.place.file}
}
