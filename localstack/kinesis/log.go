package kinesis

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"taxistream/internal/durable"
)

// A shard below a data folder keeps its records in pairs of files that are only
// appended to: N.records has them as GetRecords answers with them, N.index an entry
// for each, written after it. A record is there once its entry is: bytes behind the
// last entry, and an entry whose checksum is not its record's, are of a write that
// was cut off, and of which nobody was told that it is done.
//
// The files are written before a put is answered and before a reader sees the
// records, so they survive the end of the process, however it ends. They are synced
// only when they are full and when the shard is closed: a loss of power may take
// the newest records of each shard's last pair.

// logFileBytes is the size of records at which the next pair is begun.
const logFileBytes = 16 << 20

// The index begins with a header as long as an entry: what it is, its version, and the
// shard's last counter and arrival before this pair, which may be all that is left of them.
const (
	indexMagic   = 0x4b494458 // "KIDX"
	indexVersion = 1
)

// shardLog is the files of one shard; guarded by shard.mu.
type shardLog struct {
	name    string // of the files, without number and ending
	number  int    // of the last pair
	file    *spillFile
	scratch []byte

	// What is in the files of the segment that is appended to, and the shard's last
	// record there: a put that cannot be written goes back to here.
	written     int // entries
	dataBytes   int64
	lastCounter uint64
	lastArrival int64
}

func (l *shardLog) path(number int, ending string) string {
	return fmt.Sprintf("%s-%06d.%s", l.name, number, ending)
}

// begin gives the place of a new segment; mu is held.
func (l *shardLog) begin(sh *shard) (place, error) {
	if l.file != nil && l.file.size >= logFileBytes {
		if err := l.finish(); err != nil {
			return place{}, err
		}
	}
	if l.file == nil {
		if err := l.create(sh); err != nil {
			return place{}, fmt.Errorf("begin a file of records: %w", err)
		}
	}
	l.written, l.dataBytes = 0, 0
	l.lastCounter, l.lastArrival = sh.lastCounter, sh.lastArrival
	l.file.pin()
	return place{l.file, l.file.size, l.file.indexSize}, nil
}

func (l *shardLog) create(sh *shard) error {
	records, err := os.OpenFile(l.path(l.number+1, "records"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	index, err := os.OpenFile(l.path(l.number+1, "index"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err == nil {
		_, err = index.WriteAt(appendHeader(nil, sh.lastCounter, sh.lastArrival), 0)
		err = errors.Join(err, index.Sync(), durable.SyncFolder(filepath.Dir(l.name)))
	}
	if err != nil {
		records.Close()
		return err
	}
	l.number++
	sh.store.disk.Add(diskEntry)
	l.file = sh.store.keep(&spillFile{f: records, index: index, indexSize: diskEntry})
	return nil
}

// finish syncs and closes the last pair: what is read of it from now on opens it again. mu is held.
func (l *shardLog) finish() error {
	if l.file == nil {
		return nil
	}
	if err := l.file.finish(); err != nil {
		return err
	}
	l.file.unpin()
	l.file = nil
	return nil
}

// commit writes what was appended to the last segment since the last commit. What
// cannot be written is taken out of the segment again. mu is held.
func (sh *shard) commit() error {
	l := sh.log
	if l == nil || !sh.unsealed {
		return nil
	}
	g := sh.segments[len(sh.segments)-1]
	if l.written == g.records {
		return nil
	}
	from, file := startOf(g.index, l.written), l.file
	l.scratch = appendIndex(l.scratch[:0], g.index[l.written:], g.data, from, g.place.offset)
	_, err := file.f.WriteAt(g.data[from:], file.size)
	if err == nil {
		_, err = file.index.WriteAt(l.scratch, file.indexSize)
	}
	if err != nil {
		sh.takeBack(g)
		_ = file.cut() // else entries that were written before the disk was full are records after a kill; finish tries again
		return fmt.Errorf("write records to the data folder: %w", err)
	}
	file.size += int64(len(g.data) - from)
	file.indexSize += int64(len(l.scratch))
	sh.store.disk.Add(int64(len(g.data) - from + len(l.scratch)))
	l.written, l.dataBytes, l.lastCounter, l.lastArrival = g.records, g.dataBytes, sh.lastCounter, sh.lastArrival
	return nil
}

// takeBack makes the last segment what its files hold; mu is held.
func (sh *shard) takeBack(g *segment) {
	l := sh.log
	sh.lastCounter, sh.lastArrival = l.lastCounter, l.lastArrival
	if l.written == 0 {
		g.records = 0
		sh.store.release(g)
		sh.segments, sh.unsealed = sh.segments[:len(sh.segments)-1], false
		return
	}
	g.stored = startOf(g.index, l.written)
	g.data, g.index = g.data[:g.stored], g.index[:l.written]
	g.records, g.dataBytes = l.written, l.dataBytes
	g.lastCounter, g.lastArrival = l.lastCounter, l.lastArrival
}

func appendHeader(dst []byte, lastCounter uint64, lastArrival int64) []byte {
	begin := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, indexMagic)
	dst = binary.LittleEndian.AppendUint32(dst, indexVersion)
	dst = binary.LittleEndian.AppendUint64(dst, lastCounter)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(lastArrival))
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[begin:], castagnoli))
}

// shardName is what the names of a shard's files begin with.
func (st *stream) shardName(number int) string { return filepath.Join(st.dir, fmt.Sprint(number)) }
