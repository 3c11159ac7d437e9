package app

import (
	"taxistream/engine"
	"taxistream/internal/names"
	"taxistream/internal/telemetry"
)

// progressMetrics say how long ago the job last moved on. Event time itself may
// be years from the clock, so that the lag of the watermark is told in time that
// passed while it stood still, and in event time between the shards.
func (p *Processor) progressMetrics(figure figureFunc, s engine.Snapshot) {
	if s.State != engine.JobRunning {
		return
	}
	now := p.now()
	figure(telemetry.Gauge, names.MetricWatermarkStalled, "Time since the combined watermark last rose, as seen by those who read this.",
		p.rise.stalled(now, s.Watermark).Seconds())
	if spread, known := watermarkSpread(s); known {
		figure(telemetry.Gauge, names.MetricWatermarkSpread, "Event time from the combined watermark to that of the shard furthest ahead.", float64(spread)/1000)
	}
	age := 0.0
	if since := s.Checkpoints.Unsaved; !since.IsZero() {
		age = max(0, now.Sub(since).Seconds())
	}
	figure(telemetry.Gauge, names.MetricCheckpointAge, "Time for which there is something that no whole checkpoint holds; 0: all is saved.", age)
}

// watermarkSpread is in ms: a wrong watermark may be more than time.Duration's 292 years ahead.
func watermarkSpread(s engine.Snapshot) (spread int64, known bool) {
	if s.Watermark == engine.NoWatermark || s.Watermark == engine.MaxWatermark {
		return 0, false
	}
	ahead := s.Watermark
	for _, split := range s.Splits {
		if split.State == engine.SplitReading && split.Watermark != engine.MaxWatermark {
			ahead = max(ahead, split.Watermark)
		}
	}
	return ahead - s.Watermark, true
}
