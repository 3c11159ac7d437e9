package state

import (
	"slices"
	"sort"
)

// Load implements Backend: rows that stand together become pages of their own.
func (m *Memory) Load(rows []Row) error {
	for len(rows) > 0 {
		p, i, _ := m.find(rows[0].Key)
		n := m.runAt(p, i, rows)
		if n >= pageRows {
			m.splice(p, i, rows[:n])
			rows = rows[n:]
			continue
		}
		for _, r := range rows[:n] {
			if _, err := m.Put(r.Key, r.Value); err != nil {
				return err
			}
		}
		rows = rows[n:]
	}
	return nil
}

// runAt is how many of rows, at least one, come before the row at place i of page p.
func (m *Memory) runAt(p, i int, rows []Row) int {
	var next string
	switch {
	case i < len(m.pages[p].rows):
		next = m.pages[p].rows[i].key
	case p+1 < len(m.pages):
		next = m.pages[p+1].rows[0].key
	default:
		return len(rows)
	}
	return max(1, sort.Search(len(rows), func(n int) bool { return string(rows[n].Key) >= next }))
}

// splice puts pages of rows at place i of page p, which it cuts in two there.
func (m *Memory) splice(p, i int, rows []Row) {
	var fresh []*page
	for part := range slices.Chunk(rows, pageRows-1) {
		fresh = append(fresh, m.pageOf(part))
	}
	own := m.own(p)
	if tail := own.rows[i:]; len(tail) > 0 {
		fresh = append(fresh, &page{epoch: m.epoch, rows: append(make([]row, 0, pageRows), tail...)})
		clear(tail)
	}
	if own.rows = own.rows[:i]; i == 0 {
		m.pages = slices.Replace(m.pages, p, p+1, fresh...)
		return
	}
	m.pages = slices.Insert(m.pages, p+1, fresh...)
}

// pageOf is a page of rows whose keys share memory, and whose values do: three allocations
// where each row would take two.
func (m *Memory) pageOf(rows []Row) *page {
	var keys, values []byte
	for _, r := range rows {
		keys, values = append(keys, r.Key...), append(values, r.Value...)
	}
	all := string(keys)
	p := &page{epoch: m.epoch, rows: make([]row, 0, pageRows)}
	key, value := 0, 0
	for _, r := range rows {
		k, v := key+len(r.Key), value+len(r.Value)
		p.rows = append(p.rows, row{key: all[key:k], value: values[value:v:v]})
		key, value = k, v
	}
	return p
}
