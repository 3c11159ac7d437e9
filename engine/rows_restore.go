package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"taxistream/engine/checkpoint"
	"taxistream/engine/state"
)

// meta is the row that names a table in snapshots that are files.
func (t *rowTable) meta() []byte { return []byte{0, t.id} }

// begin writes the names of the tables.
func (s *keyedState) begin() error {
	if s.format == "" {
		return nil
	}
	for _, t := range s.tables {
		if _, err := s.backend.Put(t.meta(), checkpoint.AppendState(nil, t.as)); err != nil {
			return fmt.Errorf("write state: %w", err)
		}
	}
	return nil
}

// restore reads the rows of the subtask's groups and returns the operator's watermark.
func (s *keyedState) restore(b *builder, n *node) (watermark int64, err error) {
	defer func() {
		if err == nil {
			err = s.loadAll()
		}
		s.loading = rowsLoading{}
	}()
	watermark, err = restoreKeyed(b, n, keyedRestore{
		known: func(name string) (int, bool) {
			return math.MaxInt32, s.named(name) != nil // restoreRow says what does not fit
		},
		entry: func(from checkpoint.State, data []byte) error {
			t := s.named(from.Name)
			return readRows(data, func(key, value []byte) error { return s.restoreRow(t, from, key, value) })
		},
	})
	if err != nil || b.a.from == nil {
		return watermark, err
	}
	first, end := state.Range(b.subtask, s.groups, b.parallelism)
	for _, set := range b.a.from.c.Sets(n.name) {
		if set.First >= end || set.End <= first {
			continue
		}
		if set.Format != s.format {
			return watermark, b.a.from.incompatible("the state of %q is the files of a state backend (format %q), and the job's backend reads %q: set Config.State to that backend", n.name, set.Format, s.format)
		}
		if err := s.restoreSet(b, n, set, first, end); err != nil {
			return watermark, err
		}
	}
	return watermark, nil
}

func (s *keyedState) named(name string) *rowTable {
	for _, t := range s.tables {
		if t.as.Name == name {
			return t
		}
	}
	return nil
}

// restoreRow takes in one row that was written as from.
func (s *keyedState) restoreRow(t *rowTable, from checkpoint.State, key, value []byte) (err error) {
	if from.Layout != t.as.Layout {
		return fmt.Errorf("state %q has layout %d, this program writes %d: it got, or lost, a time to live, or another kind or version of keys", from.Name, from.Layout, t.as.Layout)
	}
	if from.Value != t.as.Value {
		if value, err = t.recodeValue(from.Value, value); err != nil {
			return err
		}
	}
	row, err := t.restoredRow(from.Key, key, s.timer[:0])
	if err != nil {
		return err
	}
	s.timer = row
	return s.load(row, value)
}

// recodeValue brings a value to the version of now.
func (t *rowTable) recodeValue(version int, value []byte) ([]byte, error) {
	if t.ttl == nil {
		return t.value(version, value, nil)
	}
	if len(value) < ttlBytes {
		return nil, errShort
	}
	return t.value(version, value[ttlBytes:], append([]byte(nil), value[:ttlBytes]...))
}

// restoredRow appends the row of a key that a version of the keys' codec wrote.
func (t *rowTable) restoredRow(version int, key, dst []byte) (row []byte, err error) {
	row = append(dst, t.id)
	if t.timers {
		if len(key) < 8 {
			return nil, errShort
		}
		return t.s.recodeKey(version, key[8:], append(row, key[:8]...))
	}
	old, sub, err := readBytes(key)
	if err != nil {
		return nil, err
	}
	group, k := state.Group(old, t.s.groups), old
	if version != t.s.keyVersion {
		if k, err = t.s.recodeKey(version, old, nil); err != nil {
			return nil, err
		}
	}
	if version != t.s.keyVersion && group != state.Group(k, t.s.groups) {
		return nil, errors.New("the keys' codec now puts a key into another key group: that cannot be restored")
	}
	row = binary.BigEndian.AppendUint16(row, uint16(group))
	row = append(binary.AppendUvarint(row, uint64(len(k))), k...)
	return append(row, sub...), nil
}

// restoreSet reads the rows that another backend kept in files.
func (s *keyedState) restoreSet(b *builder, n *node, set *checkpoint.Set, first, end int) (err error) {
	snapshot, err := b.a.config.State.Read(set.Fetch)
	if err != nil {
		return fmt.Errorf("read the state of %q: %w", n.name, err)
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	states := make(map[byte]checkpoint.State)
	var fault error
	err = snapshot.Scan([]byte{0}, []byte{1}, func(key, value []byte) bool {
		states[key[1]], fault = checkpoint.ReadState(value)
		return fault == nil
	})
	for _, id := range sortedKeys(states) {
		if err != nil || fault != nil {
			break
		}
		from := states[id]
		t := s.named(from.Name)
		if t == nil {
			return b.a.from.incompatible("%q has a state %q that this program does not know", n.name, from.Name)
		}
		was := &rowTable{id: id, timers: t.timers}
		err = snapshot.Scan([]byte{id}, []byte{id + 1}, func(row, value []byte) bool {
			group, key := was.groupOf(row, s.groups)
			if group >= first && group < end {
				fault = s.restoreRow(t, from, key, value)
			}
			return fault == nil
		})
	}
	if fault != nil {
		return b.a.from.incompatible("state of %q: %v", n.name, fault)
	}
	return err
}
