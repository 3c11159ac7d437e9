package live

// statusWire is Status as the page reads it. Times are ms; what is not known is
// null, never 0.
type statusWire struct {
	State      string           `json:"state"`
	Condition  Condition        `json:"condition"`
	Since      *int64           `json:"since"`
	Why        Cause            `json:"why"`
	Cause      string           `json:"cause"`
	Effect     string           `json:"effect"`
	Troubles   []string         `json:"troubles"`
	Now        int64            `json:"now"`
	Started    *int64           `json:"started"`
	Watermark  *int64           `json:"watermark"`
	Newest     *int64           `json:"newest"`
	BehindMs   *int64           `json:"behind_ms"`
	Shards     *int             `json:"shards"`
	Events     *int64           `json:"events"`
	PerSecond  *float64         `json:"events_per_second"`
	Speedup    *float64         `json:"speedup"`
	Trips      *int64           `json:"trips"`
	Documents  *int64           `json:"documents"`
	Refused    *int64           `json:"documents_refused"`
	Rejects    map[string]int64 `json:"rejects"`
	Stored     bool             `json:"rejects_stored"` // counted in the store, else since the start
	Outside    int64            `json:"documents_outside"`
	Viewers    int64            `json:"viewers"`
	Checkpoint *checkpointWire  `json:"checkpoint"`
}

type checkpointWire struct {
	ID          int64  `json:"id"`
	At          *int64 `json:"at"`
	DurationMs  *int64 `json:"duration_ms"`
	Bytes       *int64 `json:"bytes"`
	Completed   int64  `json:"completed"`
	Failed      int64  `json:"failed"`
	FailedInRow int    `json:"failed_in_row"`
}

func (s *Server) status() *statusWire {
	st, perSecond, speedup := s.rates.now()
	rejects, stored := s.byReason(st)
	s.mu.Lock()
	outside := s.outside
	s.mu.Unlock()
	switch {
	case !stored && !st.Running:
		rejects = nil
	case rejects == nil:
		rejects = map[string]int64{}
	}
	w := &statusWire{
		State: st.State, Condition: st.Condition, Since: instant(msOf(st.Since)), Why: st.Why, Cause: st.Cause, Effect: st.Effect, Troubles: append([]string{}, st.Troubles...),
		Now: s.o.Clock().UnixMilli(), Started: instant(msOf(st.Started)),
		Watermark: instant(st.Watermark), Newest: instant(st.Newest), BehindMs: known(st.Shards > 0 && st.Behind >= 0, st.Behind.Milliseconds()), Shards: known(st.Running, st.Shards),
		Events: known(st.Running, st.Events), Trips: known(st.Running, st.Trips), Documents: known(st.Running, st.Documents), Refused: known(st.Running, st.Refused),
		Rejects: rejects, Stored: stored, Outside: outside, Viewers: s.viewers.open.Load(), Checkpoint: checkpointOf(st.Checkpoint),
	}
	if st.Running {
		w.PerSecond, w.Speedup = perSecond, speedup
	}
	return w
}

func checkpointOf(c Checkpoint) *checkpointWire {
	if c.ID == 0 && c.Failed == 0 {
		return nil
	}
	whole := c.ID > 0
	return &checkpointWire{
		ID: c.ID, At: instant(msOf(c.At)), DurationMs: known(whole, c.Duration.Milliseconds()), Bytes: known(whole, c.Bytes),
		Completed: c.Completed, Failed: c.Failed, FailedInRow: c.FailedInRow,
	}
}

func instant(ms int64) *int64 { return known(shown(ms), ms) }

// known is the value where it is known, else nil.
func known[T any](is bool, value T) *T {
	if !is {
		return nil
	}
	return &value
}
