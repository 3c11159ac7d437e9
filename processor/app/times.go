package app

import (
	"taxistream/internal/names"
	"taxistream/internal/telemetry"
)

// times are how long the processor's calls and checkpoints take.
type times struct{ get, bulk, checkpoint *telemetry.Histogram }

func newTimes() times {
	histogram := func(name, help string) *telemetry.Histogram {
		return telemetry.NewHistogram(name, help, names.LabelJob, jobName)
	}
	return times{
		get:        histogram(names.MetricGetTime, "Time from a GetRecords call to its answer."),
		bulk:       histogram(names.MetricBulkTime, "Time from a bulk request to its answer."),
		checkpoint: histogram(names.MetricCheckpointTime, "Time that whole checkpoints took."),
	}
}

func (t times) all() []*telemetry.Histogram {
	return []*telemetry.Histogram{t.get, t.bulk, t.checkpoint}
}
