package live

import (
	"encoding/json"
)

// statusWire is Status as the page reads it. Times are ms, null where unknown.
type statusWire struct {
	State      string           `json:"state"`
	Now        int64            `json:"now"`
	Started    *int64           `json:"started"`
	Watermark  *int64           `json:"watermark"`
	Newest     *int64           `json:"newest"`
	BehindMs   int64            `json:"behind_ms"`
	Shards     int              `json:"shards"`
	Events     int64            `json:"events"`
	PerSecond  float64          `json:"events_per_second"`
	Speedup    float64          `json:"speedup"`
	Trips      int64            `json:"trips"`
	Documents  int64            `json:"documents"`
	Rejects    map[string]int64 `json:"rejects"`
	Stored     bool             `json:"rejects_stored"` // counted in the store, else since the start
	Outside    int64            `json:"documents_outside"`
	Viewers    int64            `json:"viewers"`
	Checkpoint *checkpointWire  `json:"checkpoint"`
}

type checkpointWire struct {
	ID         int64  `json:"id"`
	At         *int64 `json:"at"`
	DurationMs int64  `json:"duration_ms"`
	Bytes      int64  `json:"bytes"`
	Completed  int64  `json:"completed"`
	Failed     int64  `json:"failed"`
}

func (s *Server) appendStatus(b []byte) []byte {
	st, perSecond, speedup := s.rates.now()
	rejects, stored := s.byReason(st)
	s.mu.Lock()
	outside := s.outside
	s.mu.Unlock()
	if rejects == nil {
		rejects = map[string]int64{}
	}
	w := statusWire{
		State: st.State, Now: s.o.Clock().UnixMilli(), Started: instant(msOf(st.Started)),
		Watermark: instant(st.Watermark), Newest: instant(st.Newest), BehindMs: st.Behind.Milliseconds(), Shards: st.Shards,
		Events: st.Events, PerSecond: perSecond, Speedup: speedup, Trips: st.Trips, Documents: st.Documents,
		Rejects: rejects, Stored: stored, Outside: outside, Viewers: s.viewers.open.Load(),
	}
	if c := st.Checkpoint; c.ID > 0 || c.Failed > 0 {
		w.Checkpoint = &checkpointWire{c.ID, instant(msOf(c.At)), c.Duration.Milliseconds(), c.Bytes, c.Completed, c.Failed}
	}
	j, err := json.Marshal(w)
	if err != nil { // a rate that is no number
		return append(b, "null"...)
	}
	return append(b, j...)
}

func instant(ms int64) *int64 {
	if !shown(ms) {
		return nil
	}
	return &ms
}
