package kinesis

import (
	"encoding/binary"
	"hash/crc32"
	"sort"
	"sync/atomic"
)

// A record is stored as the bytes that GetRecords answers with, a comma after
// it: a read is then a copy, from memory or from a file, and the data's
// base64 is neither decoded nor encoded on its way through.

// segment is a run of records of one shard. Bytes once written never change,
// so an answer may use them, pinned, after the shard's lock is released.
type segment struct {
	data      []byte  // records one after another; nil once in a file only
	block     *block  // the memory of data
	index     []entry // one each; nil once in a file
	records   int
	stored    int   // length of data
	dataBytes int64 // of the records' data, decoded

	firstCounter, lastCounter uint64
	firstArrival, lastArrival int64 // ms

	charged int64       // bytes counted as memory
	place   place       // where it is once data is nil; below a data folder from the start
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

// diskEntry is the length of an entry in a file: counter, arrival, end (in the file),
// size, and the checksum of these and of the record's bytes.
const diskEntry = entryBytes + 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendIndex writes entries of records that lie in data from an offset on; data begins
// at base in the file.
func appendIndex(dst []byte, index []entry, data []byte, from int, base int64) []byte {
	for _, e := range index {
		begin := len(dst)
		dst = binary.LittleEndian.AppendUint64(dst, e.counter)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(e.arrival))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(base)+e.end)
		dst = binary.LittleEndian.AppendUint32(dst, e.size)
		dst = binary.LittleEndian.AppendUint32(dst, entrySum(dst[begin:], data[from:e.end]))
		from = int(e.end)
	}
	return dst
}

func entrySum(fields, record []byte) uint32 {
	return crc32.Update(crc32.Checksum(fields, castagnoli), castagnoli, record)
}

// readEntry reads an entry whose end is one in the file.
func readEntry(at []byte) entry {
	return entry{
		counter: binary.LittleEndian.Uint64(at),
		arrival: int64(binary.LittleEndian.Uint64(at[8:])),
		end:     binary.LittleEndian.Uint32(at[16:]),
		size:    binary.LittleEndian.Uint32(at[20:]),
	}
}

// wholeEntry says whether an entry is that of the record.
func wholeEntry(at, record []byte) bool {
	return binary.LittleEndian.Uint32(at[entryBytes:]) == entrySum(at[:entryBytes], record)
}

// entries returns the segment's index, read back from its file if need be.
func (g *segment) entries() ([]entry, error) {
	if g.data != nil {
		return g.index, nil
	}
	raw := make([]byte, g.records*diskEntry)
	if err := g.place.file.readAt(g.place.file.index, raw, g.place.index); err != nil {
		return nil, err
	}
	index := make([]entry, g.records)
	for i := range index {
		index[i] = readEntry(raw[i*diskEntry:])
		index[i].end -= uint32(g.place.offset)
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
