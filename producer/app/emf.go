package app

import (
	"io"

	"taxistream/internal/names"
	"taxistream/internal/telemetry"
)

// CloudWatchFigures are the metrics that -emf writes.
func CloudWatchFigures() []telemetry.Figure {
	return []telemetry.Figure{
		{Metric: names.MetricStarts, Unit: telemetry.Count},
		{Metric: names.MetricTripsRead, Unit: telemetry.Count},
		{Metric: names.MetricTripsSent, Unit: telemetry.Count},
		{Metric: names.MetricTripsUnwritable, Unit: telemetry.Count},
		{Metric: names.MetricTripsOutstanding, Unit: telemetry.Count},
		{Metric: names.MetricRecordsSent, Unit: telemetry.Count},
		{Metric: names.MetricBytesSent, Unit: telemetry.Bytes},
		{Metric: names.MetricPutRetries, Unit: telemetry.Count},
		{Metric: names.MetricPutThrottles, Unit: telemetry.Count},
		{Metric: names.MetricPutOutages, Unit: telemetry.Count},
		{Metric: names.MetricWatermarksSent, Unit: telemetry.Count},
	}
}

// emf writes the figures to stdout under the configured namespace.
func (p *Producer) emf(stdout io.Writer) (*telemetry.EMF, error) {
	return telemetry.NewEMF(stdout, telemetry.EMFOptions{
		Namespace: p.c.EMF, Program: names.Producer, Figures: CloudWatchFigures(), Collect: p.collect,
	})
}

// collect lists the figures of the moment.
func (p *Producer) collect(emit func(telemetry.Metric)) {
	s := p.Stats()
	figure := func(kind telemetry.Kind, name, help string, value int64) {
		emit(telemetry.Metric{Name: names.MetricPrefix + name, Help: help, Kind: kind, Value: float64(value)})
	}
	figure(telemetry.Counter, names.MetricStarts, "Starts of the process: 1.", 1)
	figure(telemetry.Counter, names.MetricTripsRead, "Trips taken from the input.", s.Read)
	figure(telemetry.Counter, names.MetricTripsSent, "Trips that the stream has acknowledged.", s.Put.Trips)
	figure(telemetry.Counter, names.MetricTripsUnwritable, "Trips dropped because no event can be written of them.", s.Unwritable)
	figure(telemetry.Gauge, names.MetricTripsOutstanding, "Trips not acknowledged.", int64(s.Outstanding))
	figure(telemetry.Counter, names.MetricRecordsSent, "Records that the stream has acknowledged, watermarks included.", s.Put.Records+s.Watermarks.Records)
	figure(telemetry.Counter, names.MetricBytesSent, "Bytes of trips' records, partition keys included.", s.Put.Bytes)
	figure(telemetry.Counter, names.MetricPutRetries, "Records sent again, watermarks included.", s.Put.Retries+s.Watermarks.Retries)
	figure(telemetry.Counter, names.MetricPutThrottles, "Records sent again because a shard had no throughput left.", s.Put.Throttles)
	figure(telemetry.Counter, names.MetricPutOutages, "Calls that did not reach the stream.", s.Put.Outages)
	figure(telemetry.Counter, names.MetricWatermarksSent, "Watermarks begun, each for all shards.", s.Watermarks.Values)
}
