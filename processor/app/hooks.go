package app

import (
	"fmt"
	"strings"

	"taxistream/engine"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/results/document"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// What the engine, the job and the writer tell a processor.

func (p *Processor) restored(e engine.RestoreEvent) {
	for _, d := range e.Damaged {
		p.log.Warn("a checkpoint is damaged and was passed over", "id", d.ID, "error", d.Err)
	}
	if e.ID > 0 {
		p.log.Info("going on from a checkpoint", "id", e.ID)
	}
}

func (p *Processor) checkpointed(e engine.CheckpointEvent) {
	if e.Err != nil {
		p.log.Error("checkpoint failed; going on from the one before if need be", "id", e.ID, "error", e.Err)
		return
	}
	p.times.checkpoint.Observe(e.Duration)
	p.log.Debug("checkpoint", "id", e.ID, "duration", e.Duration, "bytes", e.Bytes)
}

// refused tells of a refused watermark: of the first of its shard, the second, the fourth, and
// so on, so that a producer with a wrong clock fills no log.
func (p *Processor) refused(m job.Mark, n int64) {
	if n&(n-1) != 0 {
		return
	}
	p.log.Warn("a watermark is too far ahead of its arrival and was refused (-max-ahead)", "shard", m.Shard, results.FieldSequenceNumber, m.Sequence,
		"watermark", engine.FormatTime(m.Watermark), "arrival", engine.FormatTime(m.Arrival), "refused", n)
}

// poison keeps a document that OpenSearch refuses for good as a reject. A reject
// that is refused has nowhere to go: it stops the processor.
func (p *Processor) poison(d opensearch.Document, why opensearch.Refusal) (*opensearch.Document, error) {
	if strings.HasPrefix(d.Index, p.c.IndexPrefix+names.TaxiRejects+"-") {
		return nil, fmt.Errorf("OpenSearch refuses reject %s in %s: %s; mend the index, then start again: nothing is lost", d.ID, d.Index, why)
	}
	source, err := results.ReadSource(d.Source)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", d.ID, err)
	}
	p.counts.Add(trip.ReasonUnwritable, 1)
	r := document.UnwritableReject(p.c.IndexPrefix, d, why.String(), source.Timestamp)
	return &r, nil
}
