package app

import (
	"fmt"

	"taxistream/internal/names"
)

// processorAlarms ring when the processor does not run, or runs and gets nowhere.
func (w *Watch) processorAlarms() []alarm {
	c := w.cfg.Watch
	return []alarm{
		{
			// This figure is there as long as a shard is read. A deployment takes less than five minutes.
			name: "processor-down", says: "The processor has not been reading for ten minutes: it is not running, or waits for something.",
			metric: w.processor(names.MetricBehindLatest, samples).over(1).metric(),
			rings:  below, limit: 1, of: 10, silent: gone,
		},
		{
			name: "processor-restarts", says: "The processor has started three times or more within 15 minutes: it fails again and again.",
			metric: w.processor(names.MetricStarts, sum).over(15).metric(),
			rings:  atLeast, limit: 3, of: 1, silent: idle,
		},
		{
			name: "processor-memory", says: "The processor uses more than 90 % of its memory; at 100 % its task is ended.",
			metric: w.service("MemoryUtilization", maximum).metric(),
			rings:  above, limit: 90, of: 3, silent: idle,
		},
		{
			name: "processor-lag", says: "Reading is behind the stream's tip, and does not catch up: results come late.",
			metric: w.processor(names.MetricBehindLatest, minimum).metric(),
			rings:  above, limit: float64(c.LagSeconds), of: 2, silent: idle,
		},
		{
			name: "processor-watermark", says: "Records are read, but the watermark stands still: no window closes, so no results are written.",
			metric: computed("IF(FILL(records,0) > 0, stalled, 0)", 5, "stalled while reading", map[string]figure{
				"records": w.processor(names.MetricRecordsRead, sum), "stalled": w.processor(names.MetricWatermarkStalled, maximum),
			}),
			rings: above, limit: float64(c.StalledSeconds), of: 2, silent: idle,
		},
		{
			name: "checkpoints-failing", says: "Checkpoints have failed in two of the last three times five minutes: a restart would have much to read again.",
			metric: w.processor(names.MetricCheckpointsFailed, sum).metric(),
			rings:  above, limit: 0, of: 3, bad: 2, silent: idle,
		},
		{
			name: "checkpoint-age", says: "No checkpoint has become whole for a long time: a restart would have much to read again.",
			metric: w.processor(names.MetricCheckpointAge, minimum).metric(),
			rings:  above, limit: float64(c.CheckpointAge), of: 1, silent: idle,
		},
	}
}

// resultAlarms ring when results do not come out as they should.
func (w *Watch) resultAlarms() []alarm {
	return []alarm{
		{
			name: "dead-letters", says: "OpenSearch has refused documents for good; they are kept in " + names.TaxiRejects + " with the reason unwritable.",
			metric: w.processor(names.MetricRejects, sum).because(names.ReasonUnwritable).metric(),
			rings:  above, limit: 0, of: 1, silent: idle,
		},
		{
			name: "malformed-records", says: "Records that are no events come on the stream; they are kept in " + names.TaxiRejects + " with the reason malformed.",
			metric: w.processor(names.MetricRejects, sum).because(names.ReasonMalformed).metric(),
			rings:  above, limit: 0, of: 1, silent: idle,
		},
		{
			name: "bulk-rejections", says: "OpenSearch has been too full to take documents for 15 minutes; they are sent again, and results come late.",
			metric: w.processor(names.MetricBulkRejections, sum).metric(),
			rings:  above, limit: 0, of: 3, silent: idle,
		},
	}
}

// timeAlarms ring for times that cannot be right, and for a stream that is not the
// one that the processor began with.
func (w *Watch) timeAlarms() []alarm {
	c := w.cfg.Watch
	return []alarm{
		{
			// A shard may well be far ahead while another one is read late: its lag has an alarm of its own.
			name: "wrong-watermark", says: "A watermark was refused, or a shard's is far ahead of the others: its trips are late, for ever.",
			metric: computed(fmt.Sprintf("IF(FILL(refused,0) > 0 OR (FILL(spread,0) > %d AND FILL(lag,0) < 60), 1, 0)", c.AheadSeconds), 5, "wrong watermarks", map[string]figure{
				"refused": w.processor(names.MetricWatermarksRefused, sum), "spread": w.processor(names.MetricWatermarkSpread, minimum),
				"lag": w.processor(names.MetricBehindLatest, maximum),
			}),
			rings: above, limit: 0, of: 1, silent: idle,
		},
		{
			name: "late-records", says: "Many trips are late or too early, and so are not counted: a watermark or a clock is wrong.",
			metric: computed("IF(FILL(records,0) > 0, 100*(FILL(late,0)+FILL(early,0))/records, 0)", 5, "late or too early, in percent", map[string]figure{
				"records": w.processor(names.MetricRecordsRead, sum),
				"late":    w.processor(names.MetricRejects, sum).because(names.ReasonLate), "early": w.processor(names.MetricRejects, sum).because(names.ReasonTooEarly),
			}),
			rings: above, limit: float64(c.LatePercent), of: 1, silent: idle,
		},
		{
			name: "stream-recreated", says: "The stream was deleted and made again while the processor reads it: some of its records may never be read.",
			metric: w.processor(names.MetricStreamRecreated, maximum).metric(),
			rings:  above, limit: 0, of: 1, silent: idle,
		},
	}
}
