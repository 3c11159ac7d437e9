package kinesis

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// store bounds the memory of all shards' records: sealed segments wait in a
// queue, and the oldest move to temporary files when memory is short.
//
// A put waits for the room it needs, so nothing accepted is ever lost and
// no goroutine works behind the requests.
type store struct {
	dir         string
	memoryLimit int64
	diskLimit   int64
	counts      *counters

	memory, disk atomic.Int64
	free         freeBlocks

	spilling sync.Mutex // held while segments move; guards file and scratch
	file     *spillFile // being written
	scratch  []byte

	queue struct {
		sync.Mutex
		sealed []sealed // oldest first
		first  int
	}
	files struct {
		sync.Mutex
		all map[*spillFile]struct{}
	}
}

// sealed is a segment that is complete, with its owner.
type sealed struct {
	shard   *shard
	segment *segment
}

// place is where a segment lies.
type place struct {
	file   *spillFile
	offset int64 // of its records
	index  int64 // of its entries
}

// spillFileBytes is the size at which a new temporary file is begun. A file goes
// when the last segment in it goes.
const spillFileBytes = 64 << 20

func newStore(o Options, counts *counters) *store {
	s := &store{dir: o.Dir, memoryLimit: o.MemoryLimit, diskLimit: o.DiskLimit, counts: counts}
	s.files.all = map[*spillFile]struct{}{}
	return s
}

// segmentBytes is how large a segment of one of n shards is made: small enough that
// the unsealed ones, which cannot be moved, stay well inside the limit.
func (s *store) segmentBytes(shards int) int {
	return int(min(256<<10, max(4<<10, s.memoryLimit/int64(4*max(shards, 1)))))
}

// seal gives a complete segment to the queue.
func (s *store) seal(sh *shard, g *segment) {
	q := &s.queue
	q.Lock()
	defer q.Unlock()
	q.sealed = append(q.sealed, sealed{sh, g})
	for q.sealed[q.first].segment.dead.Load() { // a queue that nobody drains stays short; g itself lives
		s.pop()
	}
}

func (s *store) oldest() (sealed, bool) {
	q := &s.queue
	q.Lock()
	defer q.Unlock()
	if q.first == len(q.sealed) {
		return sealed{}, false
	}
	return s.pop(), true
}

// pop takes the first of a queue that is not empty; queue is locked.
func (s *store) pop() sealed {
	q := &s.queue
	got := q.sealed[q.first]
	q.sealed[q.first] = sealed{}
	q.first++
	if q.first > 64 && q.first*2 > len(q.sealed) {
		kept := copy(q.sealed, q.sealed[q.first:])
		clear(q.sealed[kept:])
		q.sealed, q.first = q.sealed[:kept], 0
	}
	return got
}

// unpop puts back a segment that could not be moved.
func (s *store) unpop(g sealed) {
	q := &s.queue
	q.Lock()
	defer q.Unlock()
	if q.first > 0 {
		q.first--
		q.sealed[q.first] = g
		return
	}
	q.sealed = append([]sealed{g}, q.sealed...)
}

// makeRoom moves segments until memory is under its limit. Its error says
// that a put must be refused and what to do.
func (s *store) makeRoom() error {
	if s.memory.Load() < s.memoryLimit {
		return nil
	}
	s.spilling.Lock()
	defer s.spilling.Unlock()
	for s.memory.Load() >= s.memoryLimit {
		next, ok := s.oldest()
		if !ok {
			return nil // all that is left are unsealed segments and their one record each
		}
		if err := s.move(next); err != nil {
			s.unpop(next)
			return err
		}
	}
	return nil
}

var errDiskFull = errors.New("embedded kinesis is full")

// move writes one segment to the file.
func (s *store) move(next sealed) error {
	next.shard.mu.Lock()
	g := next.segment
	if g.dead.Load() {
		next.shard.mu.Unlock()
		return nil
	}
	if g.place.file != nil { // below a data folder
		s.forget(g)
		next.shard.mu.Unlock()
		return nil
	}
	data, index, block := g.data, g.index, g.block
	block.pin()
	next.shard.mu.Unlock()
	defer block.unpin()
	s.dropEmptyFile()
	length := int64(len(data) + len(index)*diskEntry)
	if s.diskLimit > 0 && s.disk.Load()+length > s.diskLimit {
		return fmt.Errorf("%w: %d bytes in memory and %d on disk; raise its memory or disk limit", errDiskFull, s.memory.Load(), s.disk.Load())
	}
	if err := s.openFile(); err != nil {
		return err
	}
	at := s.file.size
	s.scratch = appendIndex(s.scratch[:0], index, data, 0, at)
	if _, err := s.file.f.WriteAt(data, at); err != nil {
		return fmt.Errorf("move records to disk: %w; free space there or raise the memory limit", err)
	}
	if _, err := s.file.f.WriteAt(s.scratch, at+int64(len(data))); err != nil {
		return fmt.Errorf("move records to disk: %w; free space there or raise the memory limit", err)
	}
	file := s.file
	file.size += length
	s.disk.Add(length)

	next.shard.mu.Lock()
	defer next.shard.mu.Unlock()
	file.pin()
	if g.dead.Load() { // deleted meanwhile: its memory is already given back
		file.unpin()
		return nil
	}
	g.place = place{file, at, at + int64(len(data))}
	s.forget(g)
	return nil
}

// release gives back what a segment holds; the shard's lock is held.
func (s *store) release(g *segment) {
	if g.dead.Swap(true) {
		return
	}
	s.counts.trimmed.Add(int64(g.records))
	if g.place.file != nil {
		g.place.file.unpin()
	}
	if g.data != nil {
		s.forget(g)
	}
}

// forget gives a segment's memory back; the shard's lock is held.
func (s *store) forget(g *segment) {
	s.memory.Add(-g.charged)
	g.block.unpin()
	g.data, g.block, g.index, g.charged = nil, nil, nil, 0
}

// dropEmptyFile gives back the file being written if all that was in it is gone.
func (s *store) dropEmptyFile() {
	if s.file != nil && s.file.size > 0 && s.file.users.Load() == 1 {
		s.file.unpin()
		s.file = nil
	}
}

func (s *store) openFile() error {
	if s.file != nil && s.file.size < spillFileBytes {
		return nil
	}
	f, err := os.CreateTemp(s.dir, "kinesis-*.records")
	if err != nil {
		return fmt.Errorf("make room in %s: %w; free space there or raise the memory limit", s.dir, err)
	}
	// Where the system allows it, the name goes at once: even a killed process leaves nothing.
	unnamed := os.Remove(f.Name()) == nil
	if s.file != nil {
		s.file.unpin()
	}
	s.file = s.keep(&spillFile{f: f, index: f, temporary: true, unnamed: unnamed})
	return nil
}

// keep notes a file, which its writer uses.
func (s *store) keep(f *spillFile) *spillFile {
	f.store = s
	f.users.Store(1)
	s.files.Lock()
	s.files.all[f] = struct{}{}
	s.files.Unlock()
	return f
}

// close closes all files and removes the temporary ones.
func (s *store) close() error {
	s.files.Lock()
	defer s.files.Unlock()
	var all error
	byName := func(a, b *spillFile) int { return strings.Compare(a.f.Name(), b.f.Name()) }
	for _, file := range slices.SortedFunc(maps.Keys(s.files.all), byName) {
		if file.temporary {
			all = errors.Join(all, file.remove())
		} else {
			all = errors.Join(all, file.finish())
		}
	}
	clear(s.files.all)
	s.disk.Store(0)
	s.memory.Store(0)
	return all
}
