package kinesis

import (
	"fmt"
	"sync"
)

// shard is one range of the key space with its records, oldest first.
type shard struct {
	// Fixed at birth.
	number         int
	id             string
	first, last    hashKey // the range, both ends included
	parent         *shard
	adjacentParent *shard // the second parent of a merge
	form           sequenceForm
	startCounter   uint64
	createdMs      int64
	store          *store

	// Guarded by stream.mu.
	endCounter uint64 // 0 while open
	closedMs   int64
	children   []*shard

	mu          sync.Mutex // guards what follows
	segments    []*segment
	unsealed    bool      // the last segment may still be appended to
	log         *shardLog // nil: nothing is kept over a restart
	lastCounter uint64
	lastArrival int64
	limits      shardLimits
	waiting     chan struct{} // closed when something has come; nil: nobody waits
}

// wait returns what is closed once the shard has a record more, children, or is gone; mu is held.
func (sh *shard) wait() <-chan struct{} {
	if sh.waiting == nil {
		sh.waiting = make(chan struct{})
	}
	return sh.waiting
}

// wake tells those who wait; mu is held.
func (sh *shard) wake() {
	if sh.waiting != nil {
		close(sh.waiting)
		sh.waiting = nil
	}
}

func shardID(number int) string { return fmt.Sprintf("shardId-%012d", number) }

func (sh *shard) open() bool { return sh.endCounter == 0 }

// room returns the segment that takes a record of n bytes; mu is held.
func (sh *shard) room(n, segmentBytes int) (*segment, error) {
	if sh.unsealed {
		g := sh.segments[len(sh.segments)-1]
		if len(g.data)+n <= cap(g.data) {
			return g, nil
		}
		if err := sh.seal(); err != nil {
			return nil, err
		}
	}
	var at place
	if sh.log != nil {
		var err error
		if at, err = sh.log.begin(sh); err != nil {
			return nil, err
		}
	}
	// The first segments are small: most shards of a test hold a few records.
	size := min(segmentBytes, 8<<10<<min(len(sh.segments), 5))
	b := sh.store.free.take(max(size, n))
	g := &segment{data: b.bytes, block: b, place: at}
	sh.charge(g, int64(cap(g.data)))
	sh.segments = append(sh.segments, g)
	sh.unsealed = true
	return g, nil
}

func (sh *shard) charge(g *segment, n int64) {
	g.charged += n
	sh.store.memory.Add(n)
}

// seal gives the last segment to the store; mu is held.
func (sh *shard) seal() error {
	if err := sh.commit(); err != nil || !sh.unsealed {
		return err
	}
	sh.unsealed = false
	sh.store.seal(sh, sh.segments[len(sh.segments)-1])
	return nil
}

// add notes the record that was just appended to g.data; mu is held.
func (sh *shard) add(g *segment, counter uint64, arrival int64, size int) {
	if g.records == 0 {
		g.firstCounter, g.firstArrival = counter, arrival
	}
	if len(g.index) == cap(g.index) {
		grown := make([]entry, len(g.index), max(16, 2*cap(g.index)))
		copy(grown, g.index)
		sh.charge(g, int64(cap(grown)-cap(g.index))*entryBytes)
		g.index = grown
	}
	g.index = append(g.index, entry{counter, arrival, uint32(len(g.data)), uint32(size)})
	g.stored = len(g.data)
	g.records++
	g.dataBytes += int64(size)
	g.lastCounter, g.lastArrival = counter, arrival
	sh.lastCounter, sh.lastArrival = counter, arrival
}

// trim drops the segments whose records all arrived before ms; mu is held.
func (sh *shard) trim(ms int64) {
	drop := 0
	for drop < len(sh.segments) && sh.segments[drop].lastArrival < ms {
		if drop == len(sh.segments)-1 {
			sh.unsealed = false
		}
		sh.store.release(sh.segments[drop])
		drop++
	}
	if drop > 0 {
		sh.segments = append([]*segment(nil), sh.segments[drop:]...)
	}
}

// drop frees everything: the stream is gone.
func (sh *shard) drop() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, g := range sh.segments {
		sh.store.release(g)
	}
	sh.segments, sh.unsealed = nil, false
	sh.wake()
	if sh.log != nil && sh.log.file != nil {
		sh.log.file.unpin()
		sh.log.file = nil
	}
}

// answer is what a read found.
type answer struct {
	parts       []part
	records     int
	dataBytes   int64
	next        uint64 // the counter to go on from
	lastArrival int64  // of the last record found
	more        bool   // records follow
}

// release unpins what the answer's parts lie in.
func (a *answer) release() {
	for _, p := range a.parts {
		p.owner.unpin()
	}
}

// read collects up to limit records and about budget bytes of data, at least one
// record if there is any, from the counter on; records that arrived before
// horizon (ms) are skipped. mu is held. The caller releases the answer, which
// is built on parts.
func (sh *shard) read(from uint64, limit int, budget, horizon int64, parts []part) (answer, error) {
	a := answer{next: from, parts: parts}
	for _, g := range sh.segments[sh.segmentOf(from):] {
		if a.records == limit || (budget <= 0 && a.records > 0) {
			break
		}
		whole := from <= g.firstCounter && g.firstArrival >= horizon &&
			g.records <= limit-a.records && g.dataBytes <= budget
		if whole {
			a.take(g, 0, g.stored, g.records, g.dataBytes, g.lastCounter, g.lastArrival)
			budget -= g.dataBytes
			continue
		}
		index, err := g.entries()
		if err != nil {
			a.release()
			return answer{}, err
		}
		i := max(find(index, from), findTime(index, horizon))
		start, end := startOf(index, i), i
		var size int64
		for end < len(index) && a.records+end-i < limit && (size+int64(index[end].size) <= budget || a.records+end-i == 0) {
			size += int64(index[end].size)
			end++
		}
		if end == i && i < len(index) {
			break // the budget is spent
		}
		if end > i {
			a.take(g, start, int(index[end-1].end), end-i, size, index[end-1].counter, index[end-1].arrival)
			budget -= size
		}
		if end < len(index) {
			break
		}
	}
	a.more = a.records > 0 && a.next <= sh.lastCounter
	return a, nil
}

func (a *answer) take(g *segment, start, end, records int, size int64, counter uint64, arrival int64) {
	a.parts = append(a.parts, g.slice(start, end))
	a.records += records
	a.dataBytes += size
	a.next = counter + 1
	a.lastArrival = arrival
}

func startOf(index []entry, i int) int {
	if i == 0 {
		return 0
	}
	return int(index[i-1].end)
}

// segmentOf returns the position of the first segment with a record at or after the counter.
func (sh *shard) segmentOf(counter uint64) int {
	low, high := 0, len(sh.segments)
	for low < high {
		middle := (low + high) / 2
		if sh.segments[middle].lastCounter < counter {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// counterAt returns the counter of the first record that arrived at ms or
// later, or the one after the last record. mu is held.
func (sh *shard) counterAt(ms int64) (uint64, error) {
	for _, g := range sh.segments {
		if g.lastArrival < ms {
			continue
		}
		index, err := g.entries()
		if err != nil {
			return 0, err
		}
		return index[findTime(index, ms)].counter, nil
	}
	return sh.tip(), nil
}

// tip is the counter after the shard's last record; mu is held.
func (sh *shard) tip() uint64 { return max(sh.lastCounter, sh.startCounter) + 1 }
