// Package statetest holds what every backend of state must do, as tests for one.
package statetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"taxistream/engine/state"
)

// Run holds a backend that open makes against the simplest account of one: a map that is sorted
// for each scan. Operations are drawn from fixed seeds.
func Run(t *testing.T, open func(t *testing.T) state.Backend) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			m := &machine{t: t, r: rand.New(rand.NewPCG(seed, 1)), b: open(t), rows: map[string]string{}}
			for range 2000 {
				m.step()
			}
			m.look(m.b.Scan, m.rows, nil, []byte{0xff})
			for _, f := range m.frozen {
				m.close(f)
			}
			if err := m.b.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

type machine struct {
	t      *testing.T
	r      *rand.Rand
	b      state.Backend
	rows   map[string]string
	frozen []frozen
}

type frozen struct {
	snapshot state.Snapshot
	rows     map[string]string
}

// key draws one of few, so that rows meet again; many share the beginning of others.
func (m *machine) key() []byte {
	return bytes.Repeat([]byte{byte(m.r.IntN(4)), byte(m.r.IntN(200))}, 1+m.r.IntN(3))
}

func (m *machine) step() {
	key := m.key()
	had, ok := m.rows[string(key)]
	switch n := m.r.IntN(100); {
	case n == 1:
		m.load()
	case n < 50:
		value := fmt.Appendf(nil, "%d", m.r.IntN(1000))
		if n == 0 {
			value = nil
		}
		added, err := m.b.Put(key, value)
		m.check(err == nil && added == !ok, "put %x: added %v, had %v, %v", key, added, ok, err)
		m.rows[string(key)] = string(value)
		clear(value) // it is the caller's again
	case n < 70:
		deleted, err := m.b.Delete(key)
		m.check(err == nil && deleted == ok, "delete %x: deleted %v, had %v, %v", key, deleted, ok, err)
		delete(m.rows, string(key))
	case n < 94:
		value, found, err := m.b.Get(key)
		m.check(err == nil && found == ok && string(value) == had, "get %x: %q %v, had %q %v, %v", key, value, found, had, ok, err)
	case n < 96:
		m.look(m.b.Scan, m.rows, key, m.key())
	case n < 98:
		s, err := m.b.Snapshot()
		m.check(err == nil, "snapshot: %v", err)
		rows := make(map[string]string, len(m.rows))
		for k, v := range m.rows {
			rows[k] = v
		}
		m.frozen = append(m.frozen, frozen{s, rows})
	case len(m.frozen) > 0:
		i := m.r.IntN(len(m.frozen))
		m.close(m.frozen[i])
		m.frozen = slices.Delete(m.frozen, i, i+1)
	}
}

// load makes all or some of the rows that are not there from one key to another.
func (m *machine) load() {
	from, to, most := m.key(), m.key(), 1+m.r.IntN(2000)
	var rows []state.Row
	for a := range byte(4) {
		for b := range byte(200) {
			for n := range 3 {
				key := bytes.Repeat([]byte{a, b}, 1+n)
				if _, ok := m.rows[string(key)]; !ok && bytes.Compare(key, from) >= 0 && bytes.Compare(key, to) < 0 && len(rows) < most {
					rows = append(rows, state.Row{Key: key, Value: fmt.Appendf(nil, "%d", m.r.IntN(1000))})
				}
			}
		}
	}
	slices.SortFunc(rows, func(a, b state.Row) int { return bytes.Compare(a.Key, b.Key) })
	for _, r := range rows {
		m.rows[string(r.Key)] = string(r.Value)
	}
	err := m.b.Load(rows)
	m.check(err == nil, "load %d rows: %v", len(rows), err)
	for _, r := range rows { // they are the caller's again
		clear(r.Key)
		clear(r.Value)
	}
}

// close reads a snapshot and lets it go.
func (m *machine) close(f frozen) {
	m.look(f.snapshot.Scan, f.rows, nil, []byte{0xff})
	m.look(f.snapshot.Scan, f.rows, m.key(), m.key())
	for range 2 { // the second has no effect
		m.check(f.snapshot.Close() == nil, "a snapshot does not close")
	}
}

// look holds a scan against the rows that should be there; some end before their end.
func (m *machine) look(scan func(from, to []byte, f func(k, v []byte) bool) error, rows map[string]string, from, to []byte) {
	var want, got []string
	for k, v := range rows {
		if k >= string(from) && k < string(to) {
			want = append(want, fmt.Sprintf("%x %s", k, v))
		}
	}
	slices.Sort(want)
	most := len(want) + 1
	if m.r.IntN(4) == 0 && len(want) > 0 {
		most = 1 + m.r.IntN(len(want))
		want = want[:most]
	}
	err := scan(from, to, func(k, v []byte) bool {
		got = append(got, fmt.Sprintf("%x %s", k, v))
		return len(got) < most
	})
	m.check(err == nil && slices.Equal(got, want), "scan from %x to %x: %v, not %v, %v", from, to, got, want, err)
}

func (m *machine) check(ok bool, format string, args ...any) {
	m.t.Helper()
	if !ok {
		m.t.Fatalf(format, args...)
	}
}
