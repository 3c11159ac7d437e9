package live

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// change is what differs between two frames, as a page reads it (docs/control-room.md).
// It is copied out under the lock and written as JSON outside of it. Cell wires are
// immutable and shared.
type change struct {
	Run      string       `json:"run"`
	Page     string       `json:"page"`
	Frame    uint64       `json:"frame"`
	Since    uint64       `json:"since"`
	Oldest   *int64       `json:"oldest"` // windows up to this start are forgotten
	Earlier  string       `json:"earlier"`
	Least    int          `json:"least"` // pickups of a cell that is written; 0: not known
	Cells    newCells     `json:"cells"`
	Windows  [][5]int64   `json:"windows"` // start, end, cells, trips, the greatest count
	Current  *content     `json:"current,omitempty"`
	Airports []hourRow    `json:"airports"`
	History  *historyWire `json:"history,omitempty"`
	Status   *statusWire  `json:"status"`
}

// newCells are the cells from a number on.
type newCells struct {
	From int               `json:"from"`
	List []json.RawMessage `json:"list"`
}

type hourRow struct {
	hourKey
	point
}

// MarshalJSON writes a row: short, as there are many.
func (h hourRow) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{h.airport, h.start, h.end, h.trips, h.mean, h.low, h.high, h.cells})
}

// content is a whole window.
type content struct {
	Start  int64   `json:"start"`
	End    int64   `json:"end"`
	Cells  []int32 `json:"cells"`
	Counts []int64 `json:"counts"`
}

// publish makes the next frame of what changed and settled since the last one,
// and hands it to the viewers. Without a change it makes one only for status, and
// where that is as it was, a beat now and then.
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
	if !changed {
		s.mu.Unlock()
		if !status {
			return
		}
		if s.silent() && s.history.untold() < patience {
			if s.beats++; s.beats%beatEvery == 0 {
				s.hub.beat()
			}
			return
		}
		s.mu.Lock()
	}
	for i := s.cells.told(s.frame); i < len(s.cells.rows); i++ {
		s.cells.rows[i].frame = next
	}
	s.frame = next
	s.history.tell(next)
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
	c := &change{Run: s.run, Since: since, Frame: s.frame, Earlier: s.filled.String(), Least: s.o.Least, Windows: [][5]int64{}, Airports: []hourRow{}}
	c.History = s.history.since(since)
	if s.edge != NoTime {
		c.Oldest = instant(s.edge - s.o.Keep.Milliseconds())
	}
	c.Cells.From = s.cells.told(since)
	rows := s.cells.rows[c.Cells.From:s.cells.told(s.frame)]
	c.Cells.List = make([]json.RawMessage, len(rows))
	for i, row := range rows {
		c.Cells.List[i] = row.wire
	}
	var current *window
	for _, w := range s.windows {
		if w.frame == 0 {
			continue
		}
		if current == nil || w.start > current.start {
			current = w
		}
		if w.frame > since {
			c.Windows = append(c.Windows, [5]int64{w.start, w.end, int64(len(w.counts)), w.trips, w.top})
		}
	}
	if current != nil && current.frame > since {
		c.Current = s.contentOf(current)
	}
	for k, h := range s.hours {
		if h.frame > since {
			c.Airports = append(c.Airports, hourRow{k, h.point()})
		}
	}
	return c
}

// contentOf copies a window, leaving out cells that no frame has told of. The
// lock is held.
func (s *Server) contentOf(w *window) *content {
	c := &content{Start: w.start, End: w.end, Cells: make([]int32, 0, len(w.counts)), Counts: make([]int64, 0, len(w.counts))}
	for n := range w.counts {
		if s.cells.rows[n].frame != 0 {
			c.Cells = append(c.Cells, n)
		}
	}
	slices.Sort(c.Cells)
	for _, n := range c.Cells {
		c.Counts = append(c.Counts, w.counts[n])
	}
	return c
}

// encode writes a change, with the status of the moment.
func (s *Server) encode(c *change) []byte {
	slices.SortFunc(c.Windows, func(a, b [5]int64) int { return cmp.Compare(a[0], b[0]) })
	slices.SortFunc(c.Airports, func(a, b hourRow) int {
		return cmp.Or(cmp.Compare(a.airport, b.airport), cmp.Compare(a.start, b.start))
	})
	c.Page, c.Status = pageVersion(), s.status()
	return text(c)
}

// text is a value of this package as JSON: all of them can be written.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("live: " + err.Error())
	}
	return b
}

func msOf(t time.Time) int64 {
	if t.IsZero() {
		return NoTime
	}
	return t.UnixMilli()
}
