package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"taxistream/data/sort"
	"taxistream/data/summary"
	"taxistream/data/trips"
	"taxistream/engine"
	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/redact"
	"taxistream/internal/results"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/processor/backfill"
	"taxistream/processor/job"
)

func (b *backfiller) run(file string, stdout io.Writer) (err error) {
	if b.progress, err = backfill.OpenProgress(file, b.plan(), b.now().UnixMilli()); err != nil {
		return err
	}
	if b.progress.Finished {
		b.log.Info("all was computed before", "progress", file)
		b.summary(stdout, 0)
		return nil
	}
	b.told.Step("reading", "trips")
	input, err := sort.Open(b.life, b.sources, b.sortOptions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Close()) }()
	if err := b.open(); err != nil {
		return err
	}
	defer b.shut(file)
	_, dropped, err := backfill.Run(b.life, input, backfill.Config{
		Job: job.Config{
			Rules: b.c.Rules, HotspotResolution: b.c.HotspotResolution, AirportResolution: b.c.AirportResolution, HotspotMin: b.c.HotspotMin,
			IndexPrefix: b.c.IndexPrefix, Now: b.now,
		},
		Parallel: b.c.Parallelism, Began: b.progress.Began, After: b.after(), Also: b.also(), Deliver: b.deliver(*b.progress),
	})
	if err != nil {
		return err
	}
	if err := b.finish(); err != nil {
		return err
	}
	b.summary(stdout, dropped)
	summary.Write(stdout, input.Summary())
	return nil
}

// after is where to go on.
func (b *backfiller) after() int64 {
	if b.progress.Trips == 0 {
		return math.MinInt64
	}
	return b.progress.DoneTo
}

func (b *backfiller) sortOptions() sort.Options {
	return sort.Options{
		First: b.seek, Last: b.until,
		Places: trips.Places{S3: b.s3, HTTP: awsconf.Client, Notify: func(text string) { b.log.Warn(text) }},
	}
}

// open opens what the documents are written to.
func (b *backfiller) open() (err error) {
	if err := b.openAlsoFolder(); err != nil {
		return err
	}
	ctx, cancel := fault.Start(b.life, b.c.StartWait)
	defer cancel()
	if err := b.openAlsoBucket(ctx); err != nil {
		return err
	}
	if b.export != "" {
		b.parts, err = backfill.NewExport(b.export, b.c.IndexPrefix, b.progress.Parts)
		return err
	}
	if b.search, err = opensearch.Open(ctx, opensearch.Options{
		Endpoint: b.c.OpenSearchEndpoint, Compress: b.c.OpenSearchCompress, Sign: b.c.Sign, Clock: b.now,
		OnTrouble: func(m string) { b.log.Warn(m) }, OnRecovered: func(m string) { b.log.Info(m) },
	}, b.c.Region); err != nil {
		return err
	}
	if err := results.Check(ctx, b.search, b.c.IndexPrefix); err != nil {
		return err
	}
	if err := results.PutTemplates(ctx, b.search, b.c.IndexPrefix, b.c.meta(), defaults.meta()); err != nil {
		return err
	}
	b.writer = opensearch.NewWriter(b.search, opensearch.WriterOptions{FlushInterval: b.c.FlushInterval})
	return nil
}

// shut closes what open has opened; the parts of an export stay where a later start goes on.
func (b *backfiller) shut(file string) {
	if b.parts != nil {
		if err := b.parts.Close(file == ""); err != nil {
			b.log.Warn("close the export", "error", err)
		}
	}
	if b.writer != nil {
		b.writer.Close()
	}
	if b.search != nil {
		b.search.Close()
	}
}

// also makes the file sinks of a span: each span's files become visible when it is computed.
func (b *backfiller) also() func(span int64, alias string) engine.Sink[opensearch.Document] {
	if b.second.place == nil {
		return nil
	}
	return func(span int64, alias string) engine.Sink[opensearch.Document] {
		return b.c.Also.Sink(b.second.place, b.c.IndexPrefix, alias, "backfill "+strconv.FormatInt(span, 10))
	}
}

// deliver writes the documents of a span, and notes that they are written.
func (b *backfiller) deliver(before backfill.Progress) func(context.Context, []opensearch.Document, backfill.Done) error {
	return func(ctx context.Context, docs []opensearch.Document, done backfill.Done) (err error) {
		p := b.progress
		switch {
		case b.parts != nil:
			if err = b.parts.Add(docs); err == nil {
				p.Parts, err = b.parts.Sync()
			}
		default:
			for i := 0; i < len(docs) && err == nil; i++ {
				err = b.writer.Add(ctx, docs[i])
			}
			err = cmp.Or(err, b.writer.Flush(ctx))
		}
		if err != nil {
			return err
		}
		p.DoneTo, p.Trips, p.Documents = done.To, before.Trips+done.Trips, before.Documents+done.Documents
		p.Rejects = map[trip.Reason]int64{}
		for reason, n := range done.Rejects {
			p.Rejects[reason] = before.Rejects[reason] + n
		}
		b.told.Set(p.Trips, telemetry.UnknownPart)
		return p.Write()
	}
}

// finish completes the export. Nothing read, or nothing to export, is a failure.
func (b *backfiller) finish() error {
	p := b.progress
	switch {
	case p.Trips == 0:
		return errors.New("no trip has an event time that counts: look at -seek, -until and the sources")
	case b.parts == nil:
	case p.Documents == 0:
		return fmt.Errorf("not one document came of %s: nothing is exported (%s)", telemetry.Many(p.Trips, "trip"), b.rejects())
	default:
		if err := b.parts.Finish(); err != nil {
			return err
		}
	}
	p.Finished, p.Parts = true, nil
	if err := p.Write(); err != nil || b.parts == nil {
		return err
	}
	return b.parts.Close(true)
}

// summary says what came of it.
func (b *backfiller) summary(w io.Writer, dropped int64) {
	p := b.progress
	where := b.export
	if where == "" {
		where = redact.URL(b.c.OpenSearchEndpoint)
	}
	fmt.Fprintf(w, "computed    %s, to %s\n", telemetry.Many(p.Documents, "document"), where)
	fmt.Fprintf(w, "trips       %s\n", telemetry.Group(p.Trips))
	fmt.Fprintf(w, "rejected    %s\n", b.rejects())
	if dropped > 0 {
		fmt.Fprintf(w, "dropped     %s that cannot be written as events: times outside the years 0000 to 9999, or numbers not finite\n", telemetry.Many(dropped, "trip"))
	}
}

// rejects are the counts of all reasons but those that a backfill does not know.
func (b *backfiller) rejects() string {
	var all []string
	for _, r := range names.Reasons() {
		if n := b.progress.Rejects[trip.Reason(r)]; n > 0 {
			all = append(all, telemetry.Group(n)+" "+r)
		}
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
