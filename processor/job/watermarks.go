package job

import (
	"time"

	"taxistream/engine"
	"taxistream/internal/trip"
)

// strategy makes the watermark generator of each shard. All of them note the
// shard's watermark in the record, and let watermark records go no further.
func (m EventTime) strategy(now func() time.Time) engine.WatermarkStrategy[Record] {
	return func(engine.Split) engine.WatermarkGenerator[Record] {
		return &generator{mode: m.Mode, bound: m.Bound.Milliseconds(), now: now}
	}
}

type generator struct {
	mode  Mode
	bound int64
	now   func() time.Time // mode Clock alone
}

// OnElement implements engine.WatermarkGenerator.
func (g *generator) OnElement(e *engine.Element[Record], current int64) (int64, bool) {
	r := &e.Value
	r.ShardWatermark = current
	if r.Kind == trip.KindWatermark {
		if g.mode == Producer {
			return r.Watermark, false
		}
		return current, false
	}
	switch g.mode {
	case Arrival:
		e.EventTime = r.Origin.Arrival
		return max(current, e.EventTime-1), true
	case Bounded:
		if r.Kind == trip.KindTrip {
			return max(current, e.EventTime-g.bound-1), true
		}
	case Clock:
		e.EventTime = max(g.now().UnixMilli(), current+1)
		r.ShardWatermark = trip.NoWatermark
	}
	return current, true
}

// OnTick implements engine.WatermarkGenerator.
func (g *generator) OnTick(now time.Time, current int64) int64 {
	if g.mode != Clock {
		return current
	}
	return max(current, now.UnixMilli()-1)
}
