package sort

import (
	"io"
	"slices"

	"taxistream/internal/trip"
)

// Trips are kept in blocks, so that growing copies nothing and leaves no garbage.
const (
	blockBits = 14
	blockSize = 1 << blockBits
)

// sorter takes trips in any order and makes sorted runs of them.
type sorter struct {
	dir    string
	limit  int // trips in memory
	blocks [][]trip.Trip
	count  int
	keys   []key // kept for the next run
	spare  []key
	runs   []input
	disk   int64 // bytes
}

// key is what decides nearly always: sorting moves these, not the trips.
type key struct {
	time  int64
	index uint32
}

// bytesPerTrip is what a trip takes while it is sorted: itself and two keys.
const bytesPerTrip = 72 + 2*16

func newSorter(dir string, memory int64) *sorter {
	return &sorter{dir: dir, limit: int(min(max(memory/bytesPerTrip, 1), 1<<32-1))}
}

func (s *sorter) add(t *trip.Trip) error {
	if s.count == s.limit {
		run := s.order()
		disk, err := spill(s.dir, run)
		if err != nil {
			return err
		}
		s.runs = append(s.runs, disk)
		s.disk += int64(s.count) * tripSize
		s.count = 0
	}
	if s.count>>blockBits == len(s.blocks) {
		s.blocks = append(s.blocks, make([]trip.Trip, min(blockSize, s.limit)))
	}
	s.blocks[s.count>>blockBits][s.count&(blockSize-1)] = *t
	s.count++
	return nil
}

func (s *sorter) at(k key) *trip.Trip {
	return &s.blocks[k.index>>blockBits][k.index&(blockSize-1)]
}

// order sorts by time digit by digit, then the trips of one time among themselves.
func (s *sorter) order() *memoryRun {
	if cap(s.keys) < s.count {
		s.keys, s.spare = make([]key, s.count), make([]key, s.count)
	}
	keys, spare := s.keys[:s.count], s.spare[:s.count]
	sorted := true
	for i := range keys {
		keys[i] = key{s.at(key{index: uint32(i)}).Dropoff, uint32(i)}
		sorted = sorted && (i == 0 || keys[i-1].time <= keys[i].time)
	}
	if !sorted {
		keys = radix(keys, spare)
	}
	for i := 0; i < len(keys); {
		j := i + 1
		for j < len(keys) && keys[j].time == keys[i].time {
			j++
		}
		if j > i+1 {
			slices.SortFunc(keys[i:j], func(a, b key) int { return compare(s.at(a), s.at(b)) })
		}
		i = j
	}
	return &memoryRun{sorter: s, keys: keys}
}

// finish returns the runs; the last one stays in memory.
func (s *sorter) finish() []input {
	if s.count > 0 {
		s.runs = append(s.runs, s.order())
	}
	s.keys, s.spare = nil, nil
	return s.runs
}

const digitBits = 11

// radix sorts keys by time, using as much room again, and returns the one of
// the two that holds the result. It takes as many rounds as the span of the
// times asks for: four for a month, none for one instant.
func radix(keys, spare []key) []key {
	if len(keys) == 0 {
		return keys
	}
	low, high := keys[0].time, keys[0].time
	for _, k := range keys {
		low, high = min(low, k.time), max(high, k.time)
	}
	span := uint64(high) - uint64(low)
	for shift := 0; shift < 64 && span>>shift > 0; shift += digitBits {
		var starts [1 << digitBits]uint32
		digit := func(k key) uint64 { return (uint64(k.time) - uint64(low)) >> shift & (1<<digitBits - 1) }
		for _, k := range keys {
			starts[digit(k)]++
		}
		var sum uint32
		for d, n := range starts {
			starts[d] = sum
			sum += n
		}
		for _, k := range keys {
			d := digit(k)
			spare[starts[d]] = k
			starts[d]++
		}
		keys, spare = spare, keys
	}
	return keys
}

// memoryRun is what a sorter holds, in order.
type memoryRun struct {
	sorter *sorter
	keys   []key
	read   int
}

func (r *memoryRun) next(t *trip.Trip) error {
	if r.read == len(r.keys) {
		return io.EOF
	}
	*t = *r.sorter.at(r.keys[r.read])
	r.read++
	return nil
}

func (r *memoryRun) rewind() error { r.read = 0; return nil }
func (r *memoryRun) close() error  { r.sorter, r.keys, r.read = nil, nil, 0; return nil }
