package app

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// collect lists the figures of the moment.
func (p *Processor) collect(emit func(telemetry.Metric)) {
	s := p.Status()
	jobLabel := []string{names.LabelJob, jobName}
	figure := func(kind telemetry.Kind, name, help string, value float64, labels ...string) {
		emit(telemetry.Metric{Name: names.MetricPrefix + name, Help: help, Kind: kind, Labels: append(jobLabel[:2:2], labels...), Value: value})
	}
	figure(telemetry.Counter, names.MetricStarts, "Starts of the process: 1.", 1)
	for _, o := range s.Operators {
		for i, t := range o.Subtasks {
			operatorMetrics(figure, o.Name, strconv.Itoa(i), t)
		}
	}
	if limit := p.c.MaxStateEntries; limit > 0 {
		figure(telemetry.Gauge, names.MetricStateEntriesLimit, "The most that a subtask of an operator with keyed state may hold.", float64(limit))
	}
	clocks := p.clocks.Shards()
	for _, split := range s.Splits {
		splitMetrics(figure, split, clocks[split.ID])
	}
	rejects := p.Rejects()
	for _, reason := range slices.Sorted(maps.Keys(rejects)) {
		n := rejects[reason]
		figure(telemetry.Counter, names.MetricRejects, "Records that do not count, by the first rule they break.", float64(n), names.LabelReason, string(reason))
		if reason == trip.ReasonLate {
			figure(telemetry.Counter, names.MetricLate, "Records that came after their first window closed.", float64(n))
		}
	}
	figure(telemetry.Gauge, names.MetricStreamRecreated, "1 once the stream was deleted and made again while it was read, else 0.", p.recreated.figure())
	c := s.Checkpoints
	figure(telemetry.Counter, names.MetricCheckpoints, "Whole checkpoints.", float64(c.Completed))
	figure(telemetry.Counter, names.MetricCheckpointsFailed, "Failed checkpoints.", float64(c.Failed))
	figure(telemetry.Gauge, names.MetricCheckpointID, "Number of the last whole checkpoint.", float64(c.LastID))
	figure(telemetry.Gauge, names.MetricCheckpointDuration, "Time the last whole checkpoint took.", c.LastDuration.Seconds())
	figure(telemetry.Gauge, names.MetricCheckpointSize, "Size of the last whole checkpoint.", float64(c.LastBytes))
	p.progressMetrics(figure, s)
	p.sinkMetrics(figure)
	p.alsoMetrics(figure)
	p.roomMetrics(figure)
}

type figureFunc func(kind telemetry.Kind, name, help string, value float64, labels ...string)

// timestamp is an instant of event time (ms) as Prometheus writes instants, in seconds.
func timestamp(ms int64) float64 { return float64(ms) / 1000 }

func operatorMetrics(figure figureFunc, operator, subtask string, t engine.SubtaskStatus) {
	l := []string{names.LabelOperator, operator, names.LabelSubtask, subtask}
	figure(telemetry.Counter, names.MetricRecordsIn, "Elements that came in.", float64(t.In), l...)
	figure(telemetry.Counter, names.MetricRecordsOut, "Elements that went out.", float64(t.Out), l...)
	figure(telemetry.Counter, names.MetricRecordsDropped, "Elements of a side output that nothing consumes.", float64(t.Dropped), l...)
	figure(telemetry.Counter, names.MetricWindowsFired, "Windows that fired for the first time.", float64(t.Fired), l...)
	figure(telemetry.Gauge, names.MetricStateEntries, "Keys, pairs or splits held.", float64(t.StateEntries), l...)
	figure(telemetry.Gauge, names.MetricQueueUsage, "How full the fullest input channel is, 0 to 1.", t.QueueFill, l...)
	figure(telemetry.Gauge, names.MetricBusy, "Share of the last second that the subtask's task was at work.", t.BusyShare, l...)
	figure(telemetry.Gauge, names.MetricBackpressured, "Share of the last second that it waited for room behind it.", t.BackpressuredShare, l...)
	figure(telemetry.Gauge, names.MetricIdle, "Share of the last second that it waited for input.", t.IdleShare, l...)
	if t.Watermark != engine.NoWatermark && t.Watermark != engine.MaxWatermark {
		figure(telemetry.Gauge, names.MetricOutputWatermark, "The operator's watermark.", timestamp(t.Watermark), l...)
	}
}

func splitMetrics(figure figureFunc, s engine.SplitStatus, clock job.ShardClock) {
	l := []string{names.LabelShard, s.ID}
	figure(telemetry.Counter, names.MetricRecordsRead, "Trips and watermarks read from the shard.", float64(s.Elements), l...)
	figure(telemetry.Counter, names.MetricWatermarksIgnored, "Watermarks lower than the shard's last.", float64(s.Regressions), l...)
	figure(telemetry.Counter, names.MetricWatermarksRefused, "Watermarks later than their record's arrival plus -max-ahead.", float64(clock.Refused), l...)
	if s.State != engine.SplitReading {
		return
	}
	figure(telemetry.Gauge, names.MetricBehindLatest, "How far reading is behind the shard's tip.", s.Lag.Seconds(), l...)
	if s.Watermark != engine.NoWatermark {
		figure(telemetry.Gauge, names.MetricShardWatermark, "The shard's last watermark.", timestamp(s.Watermark), l...)
	}
}

func (p *Processor) sinkMetrics(figure figureFunc) {
	w := p.Documents()
	figure(telemetry.Counter, names.MetricDocuments, "Documents that OpenSearch took.", float64(w.Written))
	figure(telemetry.Counter, names.MetricDocumentsRepeated, "Documents of which an equal or newer version was there (409).", float64(w.Repeats))
	figure(telemetry.Counter, names.MetricDocumentsRefused, "Documents refused for good, kept as rejects.", float64(w.Poisoned))
	figure(telemetry.Counter, names.MetricBulkRequests, "Bulk requests, attempts included.", float64(w.Requests))
	figure(telemetry.Counter, names.MetricBulkBytes, "Bytes of bulk requests.", float64(w.Bytes))
	figure(telemetry.Gauge, names.MetricBulkDocumentsLimit, "The most documents in a bulk request at the moment: fewer while OpenSearch is full (429).", float64(w.AtOnce))
	figure(telemetry.Gauge, names.MetricDocumentsQueued, "Documents not yet written.", float64(w.Queued))
	figure(telemetry.Gauge, names.MetricDocumentsQueuedLimit, "The most that may be queued.", float64(w.LimitItems))
	figure(telemetry.Counter, names.MetricBulkRejections, "Documents sent again because OpenSearch was full (429).", float64(w.Retries[opensearch.RetryThrottled]))
	for _, reason := range opensearch.RetryReasons() { // those that never were, too: a rate needs its zero
		figure(telemetry.Counter, names.MetricBulkRetries, "Documents sent again, by reason.", float64(w.Retries[reason]), names.LabelReason, strings.ToLower(reason.String()))
	}
}

// roomMetrics are the control room's: what it keeps, and who looks on.
func (p *Processor) roomMetrics(figure figureFunc) {
	r := p.room.Stats()
	figure(telemetry.Gauge, names.MetricViewers, "Open pages.", float64(r.Viewers))
	figure(telemetry.Gauge, names.MetricViewersLimit, "The most pages that may be open.", float64(r.MaxViewers))
	figure(telemetry.Counter, names.MetricViewersRefused, "Viewers turned away because of the limit.", float64(r.Refused))
	figure(telemetry.Counter, names.MetricViewersDropped, "Viewers ended because they took nothing.", float64(r.Dropped))
	figure(telemetry.Counter, names.MetricStatesSent, "States sent to viewers.", float64(r.Sent))
	figure(telemetry.Counter, names.MetricStatesSkipped, "States that slow viewers were skipped ahead of.", float64(r.Skipped))
	figure(telemetry.Gauge, names.MetricCountsKept, "Counts of cells and windows that the pages can show.", float64(r.Pairs))
	figure(telemetry.Gauge, names.MetricCountsLimit, "The most that are kept.", float64(r.MaxPairs))
	figure(telemetry.Counter, names.MetricDocumentsOutside, "Documents too old for the pages.", float64(r.Outside))
	figure(telemetry.Counter, names.MetricDocumentsUnreadable, "Documents that the pages cannot read.", float64(r.Unreadable))
}
