package live

import (
	"encoding/json"
	"testing"
	"time"
)

// Ensure the history is a row each five seconds with what is known, no more than a
// quarter of an hour, and nothing of before the start.
func TestHistory_Rows(t *testing.T) {
	var h history
	start := time.UnixMilli(1_000_000)
	var read int64
	for i := range 4000 { // half an hour of looks
		now := start.Add(time.Duration(i) * 500 * time.Millisecond)
		st := Status{Watermark: NoTime, Newest: NoTime}
		if i >= 20 {
			read += 50
			st = Status{Running: true, Events: read, Shards: 2, Behind: 200 * time.Millisecond, Watermark: 5000, Newest: 8000}
		}
		if i >= 60 {
			st.Checkpoint = Checkpoint{ID: 1, Duration: 18 * time.Millisecond}
		}
		if h.note(now, st); i == 60 {
			h.tell(1)
			got, err := json.Marshal(h.since(0).Rows)
			if want := "[[1010000,null,200,3000,null],[1015000,100,200,3000,null],[1020000,100,200,3000,null],[1025000,100,200,3000,null],[1030000,100,200,3000,18]]"; err != nil || string(got) != want {
				t.Errorf("%v, got  %s\nwant %s", err, got, want)
			}
		}
	}
	if len(h.rows) != historyRows || *h.rows[len(h.rows)-1].wire[0]-*h.rows[0].wire[0] != historySpan.Milliseconds() {
		t.Errorf("%d rows are kept", len(h.rows))
	}
}

// Ensure a rate is left out where none is known: after a pause of the machine, and
// where the counters begin anew.
func TestHistory_NoRate(t *testing.T) {
	var h history
	at := time.UnixMilli(0)
	for _, c := range []struct {
		after  time.Duration
		events int64
		known  bool
	}{{0, 10, false}, {historyEvery, 20, true}, {time.Hour, 30, false}, {historyEvery, 5, false}, {historyEvery, 5, true}} {
		at = at.Add(c.after)
		h.note(at, Status{Running: true, Events: c.events})
		if got := h.rows[len(h.rows)-1].wire[1]; (got != nil) != c.known {
			t.Errorf("after %s with %d events: %v", c.after, c.events, got)
		}
	}
}

// Ensure what happens is marked once, and each viewer is told of it once.
func TestHistory_Marks(t *testing.T) {
	for name, c := range map[string]struct {
		before, after Status
		want          string
	}{
		"FirstStart": {Status{}, Status{Running: true, Attempts: 1, Known: 2, Parallelism: 2}, `[]`},
		"Resumed":    {Status{}, Status{Running: true, Attempts: 1, Resumed: true}, `[[0,"restart","restart"]]`},
		"Attempt":    {Status{Running: true, Attempts: 1}, Status{Running: true, Attempts: 2}, `[[0,"restart","restart"]]`},
		"Rescaled":   {Status{Running: true, Attempts: 1, Parallelism: 2}, Status{Running: true, Attempts: 2, Parallelism: 4}, `[[0,"restart","rescaled to 4"]]`},
		"Reshard":    {Status{Running: true, Known: 2}, Status{Running: true, Known: 4}, `[[0,"reshard","reshard"]]`},
		"Checkpoint": {Status{Running: true}, Status{Running: true, Checkpoint: Checkpoint{Failed: 1}}, `[[0,"checkpoint","checkpoint failed"]]`},
		"Several":    {Status{Running: true, Checkpoint: Checkpoint{Failed: 1}}, Status{Running: true, Checkpoint: Checkpoint{Failed: 4}}, `[[0,"checkpoint","3 checkpoints failed"]]`},
	} {
		t.Run(name, func(t *testing.T) {
			var h history
			for _, st := range []Status{c.before, c.before} {
				h.note(time.UnixMilli(0), st)
			}
			h.marks = nil
			for _, st := range []Status{c.after, c.after} {
				h.note(time.UnixMilli(0), st)
			}
			if h.since(0) != nil && len(h.since(0).Marks) > 0 {
				t.Error("told before there is a frame")
			}
			h.tell(7)
			h.tell(8)
			got := "[]"
			if w := h.since(6); w != nil {
				b, err := json.Marshal(w.Marks)
				if got = string(b); err != nil {
					t.Fatal(err)
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if w := h.since(7); w != nil {
				t.Errorf("told again: %+v", w)
			}
		})
	}
}

// Ensure marks are bounded.
func TestHistory_Limit(t *testing.T) {
	var h history
	for i := range int64(500) {
		h.note(time.UnixMilli(i), Status{Running: true, Checkpoint: Checkpoint{Failed: i}})
	}
	if len(h.marks) != historyMarks {
		t.Errorf("%d marks are kept", len(h.marks))
	}
}
