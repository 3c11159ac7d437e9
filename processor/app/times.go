package app

import (
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results/document"
	"taxistream/internal/telemetry"
)

// times are how long the processor's calls, checkpoints and documents take, and how
// large its bulk requests are.
type times struct{ get, bulk, bulkSize, checkpoint, document *telemetry.Histogram }

func newTimes() times {
	histogram := func(name, help string) *telemetry.Histogram {
		return telemetry.NewHistogram(name, help, names.LabelJob, jobName)
	}
	return times{
		get:        histogram(names.MetricGetTime, "Time from a GetRecords call to its answer."),
		bulk:       histogram(names.MetricBulkTime, "Time from a bulk request to its answer."),
		bulkSize:   telemetry.NewSizes(names.MetricBulkSize, "Size of bulk requests, not compressed.", names.LabelJob, jobName),
		checkpoint: histogram(names.MetricCheckpointTime, "Time that whole checkpoints took."),
		document:   histogram(names.MetricArrivalToDocument, "Time from the arrival of a document's latest record to its acknowledgement by OpenSearch."),
	}
}

func (t times) all() []*telemetry.Histogram {
	return []*telemetry.Histogram{t.get, t.bulk, t.bulkSize, t.checkpoint, t.document}
}

// request is told of each bulk request.
func (t times) request(bytes int, took time.Duration) {
	t.bulk.Observe(took)
	t.bulkSize.ObserveBytes(bytes)
}

// written is told of each document that OpenSearch took.
func (p *Processor) written(d opensearch.Document) {
	p.room.Written(d)
	if ms, known := document.Arrival(d.Value); known {
		p.times.document.Observe(max(p.now().Sub(time.UnixMilli(ms)), 0)) // Kinesis has a clock of its own
	}
}
