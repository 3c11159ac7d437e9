package live

import (
	"fmt"
	"sync"
	"time"
)

const (
	historyEvery = 5 * time.Second
	historySpan  = 15 * time.Minute
	historyRows  = int(historySpan/historyEvery) + 1
	historyMarks = 60 // at most; of more the oldest are forgotten
)

// history holds the figures of the last quarter of an hour, and what happened then.
//
// Invariants: rows and marks are in the order of time and within their limits; frame is the number of the
// one by which viewers were first told of a row or mark, 0: not yet; what has none is the newest.
type history struct {
	mu     sync.Mutex
	rows   []historyRow
	marks  []historyMark
	last   Status    // as it was when the newest row was made
	lastAt time.Time // zero: none was
	before Status    // as it was at the last look
	looked bool
}

// historyRow is a moment: ms, records a second since the row before, ms behind the stream, ms of event time that the
// watermark is behind the highest of any shard, and ms that the last checkpoint took; null where not known.
type historyRow struct {
	frame uint64
	wire  [5]*int64
}

// MarkKind is what happened to a pipeline.
type MarkKind string

// The kinds of marks.
const (
	MarkRestart    MarkKind = "restart"
	MarkReshard    MarkKind = "reshard"
	MarkCheckpoint MarkKind = "checkpoint" // failed
)

type historyMark struct {
	frame uint64
	at    int64
	kind  MarkKind
	words string
}

// note takes a look at the pipeline in.
func (h *history) note(now time.Time, st Status) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mark(now, st)
	h.before, h.looked = st, true
	if !st.Running || !h.lastAt.IsZero() && now.Sub(h.lastAt) < historyEvery {
		return
	}
	row := historyRow{wire: [5]*int64{
		known(true, now.UnixMilli()), nil, known(st.Shards > 0 && st.Behind >= 0, st.Behind.Milliseconds()),
		known(shown(st.Watermark) && shown(st.Newest), max(st.Newest-st.Watermark, 0)),
		known(st.Checkpoint.ID > 0, st.Checkpoint.Duration.Milliseconds()),
	}}
	// The clock of a machine that slept, or an attempt that counts anew: no rate is known.
	if d := now.Sub(h.lastAt); !h.lastAt.IsZero() && d < 3*historyEvery && st.Events >= h.last.Events {
		row.wire[1] = known(true, int64(float64(st.Events-h.last.Events)/d.Seconds()+0.5))
	}
	h.rows = append(h.rows, row)
	h.last, h.lastAt = st, now
	oldest := now.Add(-historySpan).UnixMilli()
	for len(h.rows) > historyRows || *h.rows[0].wire[0] < oldest {
		h.rows = h.rows[1:]
	}
	for len(h.marks) > 0 && h.marks[0].at < oldest {
		h.marks = h.marks[1:]
	}
}

// mark notes what happened since the last look.
func (h *history) mark(now time.Time, st Status) {
	add := func(at time.Time, kind MarkKind, words string) {
		if h.marks = append(h.marks, historyMark{at: at.UnixMilli(), kind: kind, words: words}); len(h.marks) > historyMarks {
			h.marks = h.marks[1:]
		}
	}
	was := h.before
	switch again := h.looked && was.Attempts > 0 && st.Attempts > was.Attempts; {
	case was.Running && was.Parallelism > 0 && st.Parallelism > 0 && st.Parallelism != was.Parallelism:
		add(now, MarkRestart, fmt.Sprintf("rescaled to %d", st.Parallelism))
	case again, st.Running && !was.Running && st.Resumed:
		add(now, MarkRestart, "restart")
	}
	if was.Known > 0 && st.Known > was.Known {
		add(now, MarkReshard, "reshard")
	}
	if n := st.Checkpoint.Failed - was.Checkpoint.Failed; h.looked && n > 0 {
		words := "checkpoint failed"
		if n > 1 {
			words = fmt.Sprintf("%d checkpoints failed", n)
		}
		add(now, MarkCheckpoint, words)
	}
}

// historyWire is what a viewer is told: rows and marks [ms, kind, words] that are new since a frame.
type historyWire struct {
	Rows  [][5]*int64 `json:"rows"`
	Marks [][3]any    `json:"marks"`
}

// tell numbers what is new: viewers are told of it by a frame.
func (h *history) tell(frame uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.rows) - 1; i >= 0 && h.rows[i].frame == 0; i-- {
		h.rows[i].frame = frame
	}
	for i := len(h.marks) - 1; i >= 0 && h.marks[i].frame == 0; i-- {
		h.marks[i].frame = frame
	}
}

// since gives what viewers of a frame have not been told; nil: nothing.
func (h *history) since(frame uint64) *historyWire {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := &historyWire{Rows: [][5]*int64{}, Marks: [][3]any{}}
	for _, r := range h.rows {
		if r.frame > frame {
			w.Rows = append(w.Rows, r.wire)
		}
	}
	for _, m := range h.marks {
		if m.frame > frame {
			w.Marks = append(w.Marks, [3]any{m.at, m.kind, m.words})
		}
	}
	if len(w.Rows)+len(w.Marks) == 0 {
		return nil
	}
	return w
}
