package enginetest

import (
	"fmt"
	"slices"
	"sync"

	"taxistream/engine"
)

// Record is what a Log holds: a value, or a watermark of its split.
type Record[T any] struct {
	Value T
	// Split and Number are the record's place.
	Split  string
	Number int
	// Current is the watermark of the record's split before it, as Watermarks stamps it.
	Current int64
	// Time is the record's event time, for keys and conditions that see values only.
	Time int64
	// IsWatermark: this is a watermark record, and EventTime of its element is the watermark.
	IsWatermark bool
}

// Log is a stream of splits in memory, as a shard service keeps it: appended to,
// split, merged and sealed while jobs read it, and read again from any place. It is
// safe for many goroutines.
type Log[T any] struct {
	mu      sync.Mutex
	splits  map[string]*logSplit[T]
	order   []string
	sealed  bool
	changed chan struct{} // closed and renewed at each change
}

type logSplit[T any] struct {
	parents []string
	records []engine.Element[Record[T]]
	closed  bool
	// readOnce: some reader has come to its end.
	readOnce bool
}

// NewLog returns a log with the given open splits.
func NewLog[T any](splits ...string) *Log[T] {
	l := &Log[T]{splits: make(map[string]*logSplit[T]), changed: make(chan struct{})}
	for _, id := range splits {
		l.add(id, nil)
	}
	return l
}

func (l *Log[T]) add(id string, parents []string) {
	if l.splits[id] != nil {
		panic(fmt.Sprintf("enginetest: split %q is there already", id))
	}
	l.splits[id] = &logSplit[T]{parents: parents}
	l.order = append(l.order, id)
}

// Append adds a value to a split.
func (l *Log[T]) Append(split string, value T, eventTime int64) {
	l.append(split, engine.Element[Record[T]]{Value: Record[T]{Value: value}, EventTime: eventTime})
}

// Watermark adds a watermark record to a split.
func (l *Log[T]) Watermark(split string, watermark int64) {
	l.append(split, engine.Element[Record[T]]{Value: Record[T]{IsWatermark: true}, EventTime: watermark})
}

// WatermarkAll adds a watermark record to every open split.
func (l *Log[T]) WatermarkAll(watermark int64) {
	for _, id := range l.Open() {
		l.Watermark(id, watermark)
	}
}

func (l *Log[T]) append(split string, e engine.Element[Record[T]]) {
	l.change(func() {
		s := l.open(split)
		e.Value.Split, e.Value.Number, e.Value.Time = split, len(s.records), e.EventTime
		s.records = append(s.records, e)
	})
}

// cut takes back all but the first n records of a split.
func (l *Log[T]) cut(split string, n int) {
	l.change(func() { l.splits[split].records = l.splits[split].records[:n:n] })
}

// Split closes a split and opens children in its place.
func (l *Log[T]) Split(parent string, children ...string) {
	l.change(func() {
		l.open(parent).closed = true
		for _, child := range children {
			l.add(child, []string{parent})
		}
	})
}

// Merge closes two splits and opens a child in their place.
func (l *Log[T]) Merge(a, b, child string) {
	l.change(func() {
		l.open(a).closed = true
		l.open(b).closed = true
		l.add(child, []string{a, b})
	})
}

// Seal ends the log: its open splits end without children, and a source of it is bounded.
func (l *Log[T]) Seal() { l.change(func() { l.sealed = true }) }

// Open lists the open splits, in the order of their making.
func (l *Log[T]) Open() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.order), func(id string) bool { return l.splits[id].closed })
}

// Records are a split's records, for models.
func (l *Log[T]) Records(split string) []engine.Element[Record[T]] {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.splits[split].records)
}

// Splits lists all splits with their parents, parents before children.
func (l *Log[T]) Splits() (splits []engine.Split) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range l.order {
		splits = append(splits, engine.Split{ID: id, Parents: l.splits[id].parents})
	}
	return splits
}

func (l *Log[T]) open(split string) *logSplit[T] {
	s := l.splits[split]
	if s == nil || s.closed || l.sealed {
		panic(fmt.Sprintf("enginetest: split %q is not open", split))
	}
	return s
}

func (l *Log[T]) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	close(l.changed)
	l.changed = make(chan struct{})
}
