package live

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// change is what differs between two frames, copied out under the lock and
// written as JSON outside of it. Cell wires and ids are immutable and shared.
type change struct {
	since, frame uint64
	oldest       int64 // windows up to this start are forgotten; NoTime: none are
	filled       fillState
	firstCell    int
	cells        []cellRow
	windows      []windowRow
	current      *content
	airports     []hourRow
}

type windowRow struct {
	start, end, trips, top int64
	cells                  int
}

type hourRow struct {
	hourKey
	point
}

// content is a whole window.
type content struct {
	start, end int64
	cells      []int32
	counts     []int64
}

// publish makes the next frame of what changed and settled since the last one,
// and hands it to the viewers. Without a change it makes one only for status.
func (s *Server) publish(status bool) {
	now := s.o.Clock()
	s.mu.Lock()
	next := s.frame + 1
	changed := false
	for _, w := range s.windows {
		if w.dirty && s.settled(w, now) {
			w.dirty, w.frame, changed = false, next, true
		}
	}
	for _, h := range s.hours {
		if h.dirty && now.Sub(h.touched) >= s.o.Settle {
			h.dirty, h.frame, changed = false, next, true
		}
	}
	if !changed && !status {
		s.mu.Unlock()
		return
	}
	for i := s.cells.told(s.frame); i < len(s.cells.rows); i++ {
		s.cells.rows[i].frame = next
	}
	s.frame = next
	c := s.changeSince(next - 1)
	s.mu.Unlock()
	s.hub.publish(next, s.encode(c))
}

// settle makes every window one that viewers may be told of: no document is to come.
func (s *Server) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.windows {
		w.touched = time.Time{}
	}
	for _, h := range s.hours {
		h.touched = time.Time{}
	}
}

// changeSince collects what viewers of a frame have not been told: 0 for
// everything. The lock is held.
func (s *Server) changeSince(since uint64) *change {
	c := &change{since: since, frame: s.frame, oldest: NoTime, filled: s.filled}
	if s.edge != NoTime {
		c.oldest = s.edge - s.o.Keep.Milliseconds()
	}
	c.firstCell = s.cells.told(since)
	c.cells = s.cells.rows[c.firstCell:s.cells.told(s.frame)]
	var current *window
	for _, w := range s.windows {
		if w.frame == 0 {
			continue
		}
		if current == nil || w.start > current.start {
			current = w
		}
		if w.frame > since {
			c.windows = append(c.windows, windowRow{w.start, w.end, w.trips, w.top, len(w.counts)})
		}
	}
	if current != nil && current.frame > since {
		c.current = s.contentOf(current)
	}
	for k, h := range s.hours {
		if h.frame > since {
			c.airports = append(c.airports, hourRow{k, h.point()})
		}
	}
	return c
}

// contentOf copies a window, leaving out cells that no frame has told of. The
// lock is held.
func (s *Server) contentOf(w *window) *content {
	c := &content{start: w.start, end: w.end, cells: make([]int32, 0, len(w.counts)), counts: make([]int64, 0, len(w.counts))}
	for n := range w.counts {
		if s.cells.rows[n].frame != 0 {
			c.cells = append(c.cells, n)
		}
	}
	slices.Sort(c.cells)
	for _, n := range c.cells {
		c.counts = append(c.counts, w.counts[n])
	}
	return c
}

// encode writes a change as JSON; see docs/control-room.md for its members.
func (s *Server) encode(c *change) []byte {
	slices.SortFunc(c.windows, func(a, b windowRow) int { return cmp.Compare(a.start, b.start) })
	slices.SortFunc(c.airports, func(a, b hourRow) int {
		if a.airport != b.airport {
			return strings.Compare(a.airport, b.airport)
		}
		return cmp.Compare(a.start, b.start)
	})
	b := make([]byte, 0, 1024+len(c.cells)*100+len(c.windows)*50)
	b = append(b, `{"run":"`...)
	b = append(b, s.run...)
	b = append(b, `","page":"`...)
	b = append(b, pageVersion()...)
	b = append(b, `","frame":`...)
	b = strconv.AppendUint(b, c.frame, 10)
	b = append(b, `,"since":`...)
	b = strconv.AppendUint(b, c.since, 10)
	b = append(b, `,"oldest":`...)
	b = appendTime(b, c.oldest)
	b = append(b, `,"earlier":"`...)
	b = append(b, c.filled.String()...)
	b = append(b, '"')
	b = appendCells(b, c)
	b = append(b, `,"windows":[`...)
	for i, w := range c.windows {
		b = comma(b, i)
		b = appendNumbers(b, w.start, w.end, int64(w.cells), w.trips, w.top)
	}
	b = append(b, ']')
	if c.current != nil {
		b = append(b, `,"current":`...)
		b = appendContent(b, c.current)
	}
	b = append(b, `,"airports":[`...)
	for i, h := range c.airports {
		b = comma(b, i)
		b = appendHour(b, h)
	}
	b = append(b, `],"status":`...)
	b = s.appendStatus(b)
	return append(b, '}')
}

func appendCells(b []byte, c *change) []byte {
	b = append(b, `,"cells":{"from":`...)
	b = strconv.AppendInt(b, int64(c.firstCell), 10)
	b = append(b, `,"list":[`...)
	for i, row := range c.cells {
		b = comma(b, i)
		b = append(b, row.wire...)
	}
	return append(b, ']', '}')
}

func appendContent(b []byte, c *content) []byte {
	b = append(b, `{"start":`...)
	b = strconv.AppendInt(b, c.start, 10)
	b = append(b, `,"end":`...)
	b = strconv.AppendInt(b, c.end, 10)
	b = append(b, `,"cells":[`...)
	for i, n := range c.cells {
		b = comma(b, i)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	b = append(b, `],"counts":`...)
	b = appendNumbers(b, c.counts...)
	return append(b, '}')
}

func appendHour(b []byte, h hourRow) []byte {
	b = append(b, '[', '"')
	b = append(b, h.airport...)
	b = append(b, '"')
	for _, n := range []int64{h.start, h.end, h.trips} {
		b = append(b, ',')
		b = strconv.AppendInt(b, n, 10)
	}
	for _, f := range []float64{h.mean, h.low, h.high} {
		b = append(b, ',')
		b = strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(h.cells), 10)
	return append(b, ']')
}

func appendNumbers(b []byte, numbers ...int64) []byte {
	b = append(b, '[')
	for i, n := range numbers {
		b = comma(b, i)
		b = strconv.AppendInt(b, n, 10)
	}
	return append(b, ']')
}

func appendTime(b []byte, ms int64) []byte {
	if !shown(ms) {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, ms, 10)
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

func msOf(t time.Time) int64 {
	if t.IsZero() {
		return NoTime
	}
	return t.UnixMilli()
}
