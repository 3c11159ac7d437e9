package kinesis

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
)

// recovered is the largest segment that records are read back as.
const recovered = 256 << 10

// load finds the shard's records in its files of these numbers, in ascending order.
// A write that was cut off is taken back, and told to notify. The shard is not shared yet.
func (sh *shard) load(numbers []int, notify func(string)) error {
	for i, number := range numbers {
		last := i == len(numbers)-1
		if err := sh.loadPair(number, last, notify); err != nil {
			return err
		}
		if !last || !sh.open() {
			if err := sh.log.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (sh *shard) loadPair(number int, last bool, notify func(string)) error {
	l := sh.log
	path := l.path(number, "index")
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read back a shard: %w", err)
	}
	l.number = number
	if last && len(raw) < diskEntry { // being begun
		return errors.Join(os.Remove(path), os.Remove(l.path(number, "records")))
	}
	if err := sh.loadHeader(raw); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	records, err := os.OpenFile(l.path(number, "records"), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("read back a shard: %w", err)
	}
	index, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		records.Close()
		return fmt.Errorf("read back a shard: %w", err)
	}
	l.file = sh.store.keep(&spillFile{f: records, index: index})
	info, err := records.Stat()
	if err != nil {
		return fmt.Errorf("read back a shard: %w", err)
	}
	var data []byte // of the last pair: the pairs before it were synced
	if last {
		if data, err = os.ReadFile(records.Name()); err != nil {
			return fmt.Errorf("read back a shard: %w", err)
		}
	}
	size, entries := sh.loadEntries(raw[diskEntry:], data, info.Size())
	indexSize := int64(entries+1) * diskEntry
	cut := info.Size() - size + int64(len(raw)) - indexSize
	if cut > 0 && !last {
		return fmt.Errorf("%s is damaged behind entry %d: put the file back, or remove the stream's folder", path, entries)
	}
	if cut > 0 {
		notify(fmt.Sprintf("shard %s: %d bytes of a write that was cut off are taken back (%s)", sh.id, cut, path))
		if err := errors.Join(records.Truncate(size), index.Truncate(indexSize)); err != nil {
			return fmt.Errorf("take back a write that was cut off: %w", err)
		}
	}
	l.file.size, l.file.indexSize = size, indexSize
	sh.store.disk.Add(size + indexSize)
	return nil
}

// loadHeader reads what the shard had before a pair of files.
func (sh *shard) loadHeader(raw []byte) error {
	if len(raw) < diskEntry ||
		crc32.Checksum(raw[:diskEntry-4], castagnoli) != binary.LittleEndian.Uint32(raw[diskEntry-4:]) {
		return errors.New("the file's header is damaged: put it back, or remove the stream's folder")
	}
	magic, version := binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint32(raw[4:])
	if magic != indexMagic || version != indexVersion {
		return fmt.Errorf("the file has version %d, this program reads version %d: use the program that wrote it",
			version, indexVersion)
	}
	sh.lastCounter = max(sh.lastCounter, binary.LittleEndian.Uint64(raw[8:]))
	sh.lastArrival = max(sh.lastArrival, int64(binary.LittleEndian.Uint64(raw[16:])))
	return nil
}

// loadEntries makes segments of a pair's entries up to the first that is not whole, and
// returns where these end. data, if there is any, are the records to hold them against;
// size is the length of the records.
func (sh *shard) loadEntries(raw, data []byte, size int64) (end int64, entries int) {
	var g *segment
	for ; (entries+1)*diskEntry <= len(raw); entries++ {
		at := raw[entries*diskEntry:][:diskEntry]
		e := readEntry(at)
		next := int64(e.end)
		if next <= end || next > size || e.counter <= sh.lastCounter || e.arrival < sh.lastArrival ||
			data != nil && !wholeEntry(at, data[end:next]) {
			break
		}
		if g == nil || g.stored+int(next-end) > recovered {
			at := place{sh.log.file, end, int64(entries+1) * diskEntry}
			g = &segment{firstCounter: e.counter, firstArrival: e.arrival, place: at}
			sh.log.file.pin()
			sh.segments = append(sh.segments, g)
		}
		g.records++
		g.stored += int(next - end)
		g.dataBytes += int64(e.size)
		g.lastCounter, g.lastArrival = e.counter, e.arrival
		sh.lastCounter, sh.lastArrival = e.counter, e.arrival
		end = next
	}
	return end, entries
}
