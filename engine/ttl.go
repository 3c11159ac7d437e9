package engine

import (
	"encoding/binary"
	"time"
)

// TTL is how long state lives: an entry that was not written for that long in processing
// time is not returned any more, and removed some time later. Of a list and a map each
// element lives by itself.
type TTL struct {
	// After is the time from the last write to the end.
	After time.Duration
	// OnRead begins it again when the entry is read.
	OnRead bool
}

// StateOption changes how a state is kept.
type StateOption func(*rowTable)

// WithTTL gives the entries of a state a time to live. A state that got one, or lost it,
// cannot go on from older checkpoints.
func WithTTL(ttl TTL) StateOption {
	return func(t *rowTable) { t.ttl, t.as.Layout = &ttl, t.as.Layout+ttlLayout }
}

// ttlLayout is added to the layout of a state whose values begin with their end.
const ttlLayout = 1 << 16

// ttlBytes are before each value: when it ends, in ms since the epoch.
const ttlBytes = 8

// stamp puts the time of its end before a value.
func (ttl *TTL) stamp(value []byte, now time.Time) []byte {
	dst := make([]byte, 0, ttlBytes+len(value))
	return append(binary.BigEndian.AppendUint64(dst, uint64(now.Add(ttl.After).UnixMilli())), value...)
}

// alive takes the time of its end from a value; ok: it is still to come.
func (ttl *TTL) alive(value []byte, now time.Time) (_ []byte, ok bool) {
	return value[ttlBytes:], int64(binary.BigEndian.Uint64(value)) > now.UnixMilli()
}

// sweptAtOnce is the number of rows that are looked at in one tick.
const sweptAtOnce = 1000

// sweep looks at some rows of tables with a time to live, in turn, and removes those whose
// time is over.
func (s *keyedState) sweep() (removed bool) {
	if s.swept == nil {
		for _, t := range s.tables {
			if t.ttl != nil {
				s.sweeps = append(s.sweeps, t)
			}
		}
		s.swept = []byte{}
	}
	if len(s.sweeps) == 0 {
		return false
	}
	t := s.sweeps[0]
	from, to := append([]byte(nil), s.swept...), []byte{t.id + 1}
	if len(from) == 0 {
		from = []byte{t.id}
	}
	now, looked := s.now(), 0
	var over [][]byte
	s.swept = s.swept[:0]
	err := s.backend.Scan(from, to, func(key, value []byte) bool {
		if looked++; looked > sweptAtOnce {
			s.swept = append(s.swept, key...)
			return false
		}
		if _, ok := t.ttl.alive(value, now); !ok {
			over = append(over, append([]byte(nil), key...))
		}
		return true
	})
	t.check("scan", err)
	if len(s.swept) == 0 { // the table's end
		s.sweeps = append(s.sweeps[1:], t)
	}
	for _, row := range over {
		t.unset(row)
	}
	return len(over) > 0
}
