package app

import (
	"context"
	"fmt"
	"path/filepath"

	"taxistream/engine"
	"taxistream/engine/files"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/s3"
	"taxistream/internal/telemetry"
	"taxistream/processor/also"
	"taxistream/processor/job"
)

// alsoUsage is the help of -also.
const alsoUsage = "a second `place` for pickup_count and trip_duration, as files: " + also.Usage

// second is the place of -also and its sinks, none without it.
type second struct {
	place files.Place
	sinks []*files.Sink[opensearch.Document]
}

// openAlsoFolder takes the folder of -also, before the first log line. A place in S3 is
// left to Run: it may have to wait for it.
func (p *Processor) openAlsoFolder() (err error) {
	if t := p.c.Also; !t.None() && !t.InBucket() {
		p.second.place, err = folder(t.Folder)
	}
	return err
}

func folder(dir string) (files.Place, error) {
	f, err := files.OpenFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("-also: %w: name a folder that can be written", err)
	}
	return f, nil
}

// openAlsoBucket takes the place of -also in S3, and tries what will be done there.
func (p *Processor) openAlsoBucket(ctx context.Context) error {
	if !p.c.Also.InBucket() {
		return nil
	}
	b, err := p.alsoBucket(ctx, p.c.Also.Bucket)
	if err != nil {
		return err
	}
	if err := b.Check(ctx); err != nil {
		return fmt.Errorf("-also: %w", err)
	}
	p.second.place = b
	return nil
}

func (p *Processor) alsoBucket(ctx context.Context, at s3.Location) (*also.Bucket, error) {
	client, err := p.s3(ctx)
	if err != nil {
		return nil, err
	}
	return also.NewBucket(client, at, func(m string) { p.log.Warn(m) }), nil
}

// elsewhere opens the place that -also was when a checkpoint was taken.
func (p *Processor) elsewhere(address string) (files.Place, error) {
	t, err := also.Parse(address)
	switch {
	case err != nil:
		return nil, err
	case t.InBucket():
		return p.alsoBucket(p.life, t.Bucket)
	}
	return folder(t.Folder)
}

// alsoSink makes the second sink of an alias; nil: there is none.
func (p *Processor) alsoSink() func(alias string) engine.Sink[opensearch.Document] {
	if p.second.place == nil {
		return nil
	}
	checkpoints := p.c.CheckpointDir
	if whole, err := filepath.Abs(checkpoints); err == nil && !p.c.inBucket() {
		checkpoints = whole
	}
	return func(alias string) engine.Sink[opensearch.Document] {
		s := p.c.Also.Sink(p.second.place, p.c.IndexPrefix, alias, checkpoints)
		s.Elsewhere = p.elsewhere
		s.OnMissing = func(f files.Pending) {
			p.log.Warn("a file of the checkpoint is gone: somebody took it away", "place", p.second.place.String(), "file", f.Visible)
		}
		p.second.sinks = append(p.second.sinks, s)
		return s
	}
}

// mayDrop are the operators that the job has with -also only.
func (p *Processor) mayDrop() []string {
	if p.second.place != nil {
		return nil
	}
	return job.FileSinks()
}

// Files are the figures of -also.
func (p *Processor) Files() (sum files.Stats) {
	if p.job.Load() == nil {
		return sum
	}
	for _, s := range p.second.sinks {
		f := s.Stats()
		sum.Written += f.Written
		sum.Files += f.Files
		sum.Bytes += f.Bytes
		sum.Pending += f.Pending
		sum.Missing += f.Missing
		sum.Leftovers += f.Leftovers
	}
	return sum
}

func (p *Processor) alsoMetrics(figure figureFunc) {
	if p.c.Also.None() {
		return
	}
	f := p.Files()
	figure(telemetry.Counter, names.MetricAlsoDocuments, "Documents written into files of -also.", float64(f.Written))
	figure(telemetry.Counter, names.MetricAlsoFiles, "Files that became visible.", float64(f.Files))
	figure(telemetry.Counter, names.MetricAlsoBytes, "Bytes of files that became visible.", float64(f.Bytes))
	figure(telemetry.Gauge, names.MetricAlsoPending, "Files that wait for their checkpoint.", float64(f.Pending))
	figure(telemetry.Counter, names.MetricAlsoMissing, "Files of a checkpoint that were gone.", float64(f.Missing))
	figure(telemetry.Counter, names.MetricAlsoLeftovers, "Files of no checkpoint, removed at a start.", float64(f.Leftovers))
}

// parseAlso reads -also.
func parseAlso(address string) (also.Target, error) {
	t, err := also.Parse(address)
	if err != nil {
		return t, fmt.Errorf("-also %w", err)
	}
	return t, nil
}
