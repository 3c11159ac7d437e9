package job

import (
	"time"

	"taxistream/engine"
	"taxistream/internal/trip"
)

// strategy makes the watermark generator of each shard. All of them note the
// shard's watermark in the record, and let watermark records go no further.
func (c Config) strategy() engine.WatermarkStrategy[Record] {
	return func(engine.Split) engine.WatermarkGenerator[Record] {
		return &generator{
			mode: c.EventTime.Mode, bound: c.EventTime.Bound.Milliseconds(), rules: c.rules(),
			now: c.Now, clocks: c.Clocks, onRefused: c.OnRefused,
		}
	}
}

// rules are those of the event-time mode: where event time is no field of the trip,
// it cannot be too early.
func (c Config) rules() trip.Rules {
	rules := c.Rules
	if c.EventTime.Mode == Arrival || c.EventTime.Mode == Clock {
		rules.MaxAhead = 0
	}
	return rules
}

type generator struct {
	mode      Mode
	bound     int64
	rules     trip.Rules
	now       func() time.Time // mode Clock alone
	clocks    *Clocks
	onRefused func(Mark, int64)
}

// OnElement implements engine.WatermarkGenerator.
func (g *generator) OnElement(e *engine.Element[Record], current int64) (int64, bool) {
	r := &e.Value
	r.ShardWatermark = current
	keep := r.Kind != trip.KindWatermark
	switch g.mode {
	case Producer:
		if !keep {
			return g.record(r, current), false
		}
	case Arrival: // each record moves the clock, whatever it is
		e.EventTime = r.Origin.Arrival
		if r.Origin.Arrival == trip.NoArrival {
			e.EventTime = max(current+1, 0) // that of the record before
		}
		current = max(current, e.EventTime-1)
	case Bounded: // only what may count moves it: one wrong time must not end the results
		if r.Kind != trip.KindTrip {
			return current, keep
		}
		if reason, _ := g.rules.JudgeAlone(&r.Trip, e.EventTime, r.Origin.Arrival); reason == "" {
			current = max(current, e.EventTime-g.bound-1)
		}
	case Clock:
		e.EventTime = max(g.now().UnixMilli(), current+1)
		r.ShardWatermark = trip.NoWatermark
	}
	return current, keep
}

// record is the shard's watermark after a watermark record: what the record says, which
// may be lower than the one before, or the one before, if it is refused.
func (g *generator) record(r *Record, current int64) int64 {
	m := Mark{Shard: r.Origin.Shard, Sequence: r.Origin.Sequence, Watermark: r.Watermark, Arrival: r.Origin.Arrival}
	if g.rules.Ahead(r.Watermark, r.Origin.Arrival) {
		if n := g.clocks.refused(m); g.onRefused != nil {
			g.onRefused(m, n)
		}
		return current
	}
	if r.Watermark > current {
		g.clocks.raised(m)
	}
	return r.Watermark
}

// OnTick implements engine.WatermarkGenerator.
func (g *generator) OnTick(now time.Time, current int64) int64 {
	if g.mode != Clock {
		return current
	}
	return max(current, now.UnixMilli()-1)
}
