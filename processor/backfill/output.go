package backfill

import (
	"context"
	"errors"
	"fmt"
	"os"

	"taxistream/internal/opensearch"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// Output takes the documents of the spans and notes in the progress what is safe. After a kill between
// any two steps the same plan goes on from the progress:
//
//	Deliver  the span's documents are written, or in the export's parts on the disk;
//	         then the progress says so, with the parts' lengths: what they hold behind them is cut off
//	Finish   the parts are merged beside the export, which takes its name in one step; then the
//	         progress says that all is finished; only then the parts are removed
//
// What a kill behind the last note leaves, the next start removes.
type Output struct {
	p      *Progress
	before Progress // as it was opened: Done counts from there
	export *export  // nil: write is called
	write  func(context.Context, []opensearch.Document) error
}

// NewOutput hands the documents to write, which returns when they are safe.
func NewOutput(p *Progress, write func(context.Context, []opensearch.Document) error) *Output {
	return &Output{p: p, before: *p, write: write}
}

// OpenExport puts the documents into a file, whose aliases have the prefix. Of a progress that is finished
// the file must be there.
func OpenExport(p *Progress, path, prefix string) (*Output, error) {
	o := &Output{p: p, before: *p}
	if !p.Finished {
		var err error
		if o.export, err = openExport(p.disk, path, prefix, p.ID, p.Parts); err != nil {
			return nil, err
		}
		return o, nil
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("-export %s: it is gone, and -progress %s says that it was written: remove that file to compute everything", path, p.path)
	}
	if err := sweep(p.disk, path, p.ID); err != nil {
		return nil, err
	}
	return o, nil
}

// Deliver is Config.Deliver.
func (o *Output) Deliver(ctx context.Context, docs []opensearch.Document, done Done) error {
	p := o.p
	if o.export != nil {
		err := o.export.add(docs)
		if err == nil {
			p.Parts, err = o.export.sync()
		}
		if err != nil {
			return err
		}
	} else if err := o.write(ctx, docs); err != nil {
		return err
	}
	p.DoneTo, p.Trips, p.Documents = done.To, o.before.Trips+done.Trips, o.before.Documents+done.Documents
	p.Rejects = map[trip.Reason]int64{}
	for reason, n := range done.Rejects {
		p.Rejects[reason] = o.before.Rejects[reason] + n
	}
	return p.write()
}

// Finish completes the export. dropped and malformed are of all that was read, whose rows no span
// has seen. No trip, or none to export, is a failure.
func (o *Output) Finish(ctx context.Context, dropped, malformed int64) error {
	p := o.p
	p.Dropped = dropped
	if malformed > 0 {
		if p.Rejects == nil {
			p.Rejects = map[trip.Reason]int64{}
		}
		p.Rejects[trip.ReasonMalformed] = malformed
	}
	switch {
	case p.Trips == 0:
		return errors.New("no trip has an event time that counts: look at -seek, -until and the sources")
	case o.export == nil:
	case p.Documents == 0:
		return fmt.Errorf("not one document came of %s: nothing is exported (%s)", telemetry.Many(p.Trips, "trip"), p.RejectsText())
	default:
		if err := o.export.finish(ctx); err != nil {
			return err
		}
	}
	p.Finished, p.Parts = true, nil
	if err := p.write(); err != nil || o.export == nil {
		return err
	}
	return o.export.remove()
}

// Close gives the export free. What a later start goes on from stays; without a progress none does.
func (o *Output) Close() error {
	if o.export == nil {
		return nil
	}
	var err error
	if o.p.path == "" && !o.p.Finished {
		err = o.export.remove()
	}
	return errors.Join(err, o.export.close())
}
