package engine

import (
	"encoding/binary"

	"taxistream/engine/checkpoint"
)

// timers are an operator's timers of one kind: at most one for each key and time. They are
// a table of its state, ordered by time and then by key, so that they are kept, restored and
// dealt out as all state is, and fire in one order whatever the parallelism.
//
// Invariants: no row lies before low; earliest is a time at or before that of the first
// timer, or the greatest one.
type timers struct {
	t        *rowTable
	low      []byte
	earliest int64
}

// The names of the tables of timers. No state of a user's has a slash in its name.
const (
	eventTimers      = "timers/event"
	processingTimers = "timers/processing"
)

func newTimers(s *keyedState, name string, keyVersion int) *timers {
	t := s.table(checkpoint.State{Name: name, Layout: 1, Key: keyVersion})
	t.timers = true
	return &timers{t: t, low: []byte{t.id}, earliest: MaxWatermark}
}

// timerRow is the row of a timer, valid until the next call of the state.
func (s *timers) timerRow(at int64, key []byte) []byte {
	dst := append(s.t.s.timer[:0], s.t.id)
	dst = binary.BigEndian.AppendUint64(dst, uint64(at)^1<<63)
	dst = append(dst, key...)
	s.t.s.timer = dst
	return dst
}

// set adds a timer of an encoded key, unless it is there.
func (s *timers) set(at int64, key []byte) {
	row := s.timerRow(at, key)
	s.t.set(row, nil)
	s.noted(at, row)
}

// noted takes a row in that is new.
func (s *timers) noted(at int64, row []byte) {
	s.earliest = min(s.earliest, at)
	if string(row) < string(s.low) {
		s.low = append(s.low[:0], row...)
	}
}

// unset removes a timer, if it is there.
func (s *timers) unset(at int64, key []byte) { s.t.unset(s.timerRow(at, key)) }

// due tells whether a timer may be due at a time.
func (s *timers) due(now int64) bool { return s.earliest <= now }

// next takes out the first timer that is due at a time. key is valid until the next call.
func (s *timers) next(now int64) (at int64, key []byte, ok bool) {
	s.earliest = MaxWatermark
	found := false
	err := s.t.s.backend.Scan(s.low, []byte{s.t.id + 1}, func(row, _ []byte) bool {
		s.low = append(s.low[:0], row...)
		found = true
		return false
	})
	s.t.check("scan", err)
	if !found {
		return 0, nil, false
	}
	at, key = timerOf(s.low)
	s.earliest = at
	if at > now {
		return 0, nil, false
	}
	s.t.unset(s.low)
	return at, key, true
}

// timerOf reads a timer's row.
func timerOf(row []byte) (at int64, key []byte) {
	return int64(binary.BigEndian.Uint64(row[1:]) ^ 1<<63), row[1+8:]
}
