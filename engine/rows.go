package engine

import (
	"encoding/binary"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/state"
)

// keyedState is the keyed state of one subtask of an operator that works with states and
// timers: tables of rows in one backend. A row of a table for states has the key
//
//	table (a byte), key group (2 bytes), length of the key (uvarint), key, sub
//
// so that what belongs to a key stands together, in the order of sub; one of a table for
// timers
//
//	table (a byte), time (8 bytes, ordered), key
//
// so that timers stand in the order in which they fire. Row {0, table} names a table, for
// snapshots that are files.
//
// Invariants: tables are added before the first row is read; at is the current key's
// place, made by setKey, and its first byte is any table's.
type keyedState struct {
	operator string
	backend  state.Backend
	format   string // of the files of the backend's snapshots
	tables   []*rowTable
	groups   int
	n        *counters
	now      func() time.Time
	// recodeKey makes what an older version of the keys' codec wrote into what it writes now.
	recodeKey  func(version int, src, dst []byte) ([]byte, error)
	keyVersion int
	sealed     bool // tables are not added any more

	at  []byte // of the current key: a table, its group, length and bytes
	key int    // where the key begins in at

	loading rowsLoading // while a checkpoint is restored

	timer  []byte      // scratch for timers' and restored rows
	sweeps []*rowTable // those with a time to live, the one at work first
	swept  []byte      // the row to be looked at next; empty: the first of the table; nil: not begun
}

// rowTable is one named state of an operator.
type rowTable struct {
	s      *keyedState
	id     byte
	as     checkpoint.State // as it is written
	timers bool
	ttl    *TTL // nil: rows stay until they are deleted
	// value makes what an older version of the codec wrote into what is written now; nil: there
	// are no values.
	value func(version int, src, dst []byte) ([]byte, error)
}

// greatestTables is the number of tables of an operator.
const greatestTables = 255

// table adds a table; nil: there is one of that name.
func (s *keyedState) table(as checkpoint.State) *rowTable {
	for _, t := range s.tables {
		if t.as.Name == as.Name {
			return nil
		}
	}
	t := &rowTable{s: s, id: byte(len(s.tables) + 1), as: as}
	s.tables = append(s.tables, t)
	return t
}

// setKey makes an encoded key the one that tables work on.
func (s *keyedState) setKey(key []byte) {
	s.at = binary.BigEndian.AppendUint16(append(s.at[:0], 0), uint16(state.Group(key, s.groups)))
	s.at = binary.AppendUvarint(s.at, uint64(len(key)))
	s.key = len(s.at)
	s.at = append(s.at, key...)
}

// current is the encoded key that tables work on.
func (s *keyedState) current() []byte { return s.at[s.key:] }

// row is the place of one row of the current key, valid until the next call.
func (t *rowTable) row(sub []byte) []byte {
	r := append(t.s.at, sub...)
	t.s.at = r[:len(t.s.at)]
	r[0] = t.id
	return r
}

// get returns a row of the current key, valid until the next call of the state.
func (t *rowTable) get(sub []byte) ([]byte, bool) {
	value, ok, err := t.s.backend.Get(t.row(sub))
	t.check("read", err)
	if !ok || t.ttl == nil {
		return value, ok
	}
	now := t.s.now()
	value, ok = t.ttl.alive(value, now)
	if ok && t.ttl.OnRead {
		stamped := t.ttl.stamp(value, now)
		t.set(t.row(sub), stamped)
		value = stamped[ttlBytes:]
	}
	return value, ok
}

// put sets a row of the current key.
func (t *rowTable) put(sub, value []byte) {
	if t.ttl != nil {
		value = t.ttl.stamp(value, t.s.now())
	}
	t.set(t.row(sub), value)
}

func (t *rowTable) set(row, value []byte) {
	added, err := t.s.backend.Put(row, value)
	t.check("write", err)
	if added {
		t.s.n.entries.Add(1)
	}
}

// remove deletes a row of the current key.
func (t *rowTable) remove(sub []byte) { t.unset(t.row(sub)) }

func (t *rowTable) unset(row []byte) {
	deleted, err := t.s.backend.Delete(row)
	t.check("delete", err)
	if deleted {
		t.s.n.entries.Add(-1)
	}
}

// kept is a row that was copied while a table was scanned.
type kept struct{ sub, value []byte }

// scannedAtOnce is the number of rows that are copied before f sees them.
const scannedAtOnce = 128

// each calls f with the rows of the current key whose sub is from included to end excluded
// (nil: to the last), in their order, until it returns false. f may use and change the state.
func (t *rowTable) each(from, end []byte, f func(sub, value []byte) bool) {
	prefix := len(t.s.at)
	to := after(append([]byte(nil), t.row(nil)...))
	if end != nil {
		to = append([]byte(nil), t.row(end)...)
	}
	next := append([]byte(nil), t.row(from)...)
	now := t.s.now()
	for more := true; more; {
		var rows []kept
		more = false
		err := t.s.backend.Scan(next, to, func(key, value []byte) bool {
			if len(rows) == scannedAtOnce {
				more = true
				return false
			}
			rows = append(rows, kept{append([]byte(nil), key...), append([]byte(nil), value...)})
			return true
		})
		t.check("scan", err)
		for _, r := range rows {
			next = append(r.sub, 0)
			if t.ttl != nil {
				var ok bool
				if r.value, ok = t.ttl.alive(r.value, now); !ok {
					continue
				}
			}
			if !f(r.sub[prefix:], r.value) {
				return
			}
		}
	}
}

// clear deletes all rows of the current key.
func (t *rowTable) clear() {
	t.each(nil, nil, func(sub, _ []byte) bool {
		t.remove(sub)
		return true
	})
}

// after is the first key behind all that begin with prefix, in its place.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i]++; prefix[i] != 0 {
			return prefix[:i+1]
		}
	}
	return prefix // only 0xff: no table has that id
}

// check ends the operator's call where the backend fails: a function never sees state that
// is not true.
func (t *rowTable) check(what string, err error) {
	if err != nil {
		panic(&StateError{State: t.as.Name, Err: err, what: what})
	}
}

// contain makes the failure of a backend that ended a call the call's error.
func contain(err *error) {
	switch v := recover().(type) {
	case nil:
	case *StateError:
		*err = v
	default:
		panic(v)
	}
}
