package app

import (
	"io"

	"taxistream/internal/names"
	"taxistream/internal/telemetry"
)

// CloudWatchFigures are the metrics that -emf writes: few, because CloudWatch
// asks a price for each; /metrics has them by shard and subtask, and more.
func CloudWatchFigures() []telemetry.Figure {
	return []telemetry.Figure{
		{Metric: names.MetricStarts, Unit: telemetry.Count},
		{Metric: names.MetricRecordsRead, Unit: telemetry.Count},
		{Metric: names.MetricRejects, Unit: telemetry.Count, By: names.LabelReason},
		{Metric: names.MetricBehindLatest, Unit: telemetry.Seconds, Fold: telemetry.Max},
		{Metric: names.MetricWatermarkStalled, Unit: telemetry.Seconds, Fold: telemetry.Max},
		{Metric: names.MetricWatermarkSpread, Unit: telemetry.Seconds, Fold: telemetry.Max},
		{Metric: names.MetricWatermarksIgnored, Unit: telemetry.Count},
		{Metric: names.MetricWatermarksRefused, Unit: telemetry.Count},
		{Metric: names.MetricStreamRecreated, Unit: telemetry.None, Fold: telemetry.Max},
		{Metric: names.MetricQueueUsage, Unit: telemetry.None, Fold: telemetry.Max},
		{Metric: names.MetricCheckpoints, Unit: telemetry.Count},
		{Metric: names.MetricCheckpointsFailed, Unit: telemetry.Count},
		{Metric: names.MetricCheckpointAge, Unit: telemetry.Seconds, Fold: telemetry.Max},
		{Metric: names.MetricCheckpointDuration, Unit: telemetry.Seconds, Fold: telemetry.Max},
		{Metric: names.MetricCheckpointSize, Unit: telemetry.Bytes, Fold: telemetry.Max},
		{Metric: names.MetricDocuments, Unit: telemetry.Count},
		{Metric: names.MetricDocumentsRepeated, Unit: telemetry.Count},
		{Metric: names.MetricDocumentsRefused, Unit: telemetry.Count},
		{Metric: names.MetricDocumentsQueued, Unit: telemetry.Count},
		{Metric: names.MetricArrivalToDocument, Unit: telemetry.Seconds},
		{Metric: names.MetricBulkRequests, Unit: telemetry.Count},
		{Metric: names.MetricBulkRetries, Unit: telemetry.Count},
		{Metric: names.MetricBulkRejections, Unit: telemetry.Count},
	}
}

// emf writes the figures to stdout under the configured namespace. Of the times from
// arrival to document, a histogram in /metrics, it has the mean since the last line.
func (p *Processor) emf(stdout io.Writer) (*telemetry.EMF, error) {
	collect := func(emit func(telemetry.Metric)) {
		p.collect(emit)
		if mean, known := p.times.document.Mean(); known {
			emit(telemetry.Metric{Name: names.MetricPrefix + names.MetricArrivalToDocument, Value: mean})
		}
	}
	return telemetry.NewEMF(stdout, telemetry.EMFOptions{
		Namespace: p.c.EMF, Program: names.Processor, Figures: CloudWatchFigures(), Collect: collect,
	})
}
