package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"taxistream/data/sort"
	"taxistream/data/summary"
	"taxistream/data/trips"
	"taxistream/engine"
	"taxistream/engine/files"
	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/redact"
	"taxistream/internal/results"
	"taxistream/internal/telemetry"
	"taxistream/processor/backfill"
	"taxistream/processor/job"
)

func (b *backfiller) run(file string, stdout io.Writer) (err error) {
	input, err := sort.Open(b.life, b.sources, b.sortOptions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Close()) }()
	plan := backfill.Plan{Flags: b.plan(), Sources: input.Fingerprint()}
	if b.progress, err = backfill.OpenProgress(file, plan, b.now().UnixMilli()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.progress.Close()) }()
	if b.progress.Finished {
		return b.again(file, stdout)
	}
	b.told.Step("reading", "trips")
	if err := b.open(); err != nil {
		return err
	}
	defer b.shut()
	total, err := backfill.Run(b.life, input, backfill.Config{
		Job: job.Config{
			Rules: b.c.Rules, HotspotResolution: b.c.HotspotResolution, AirportResolution: b.c.AirportResolution, HotspotMin: b.c.HotspotMin,
			IndexPrefix: b.c.IndexPrefix, Now: b.now,
		},
		Parallel: b.c.Parallelism, Began: b.progress.Began, After: b.progress.After(), Also: b.also(), Deliver: b.deliver,
	})
	if err != nil {
		return err
	}
	if f, ok := b.second.place.(*files.Folder); ok {
		if err := f.Tidy(); err != nil {
			b.log.Warn("the empty folders of -also stay", "error", err)
		}
	}
	read := input.Summary()
	if err := b.output.Finish(b.life, total.Dropped, read.Malformed()); err != nil {
		return err
	}
	b.summary(stdout)
	summary.Write(stdout, read)
	return nil
}

// again says what was computed before.
func (b *backfiller) again(file string, stdout io.Writer) error {
	if b.export != "" {
		if _, err := backfill.OpenExport(b.progress, b.export, b.c.IndexPrefix); err != nil {
			return err
		}
	}
	b.log.Info("all was computed before", "progress", file)
	b.summary(stdout)
	return nil
}

func (b *backfiller) sortOptions() sort.Options {
	return sort.Options{
		First: b.seek, Last: b.until, Events: true,
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
		b.output, err = backfill.OpenExport(b.progress, b.export, b.c.IndexPrefix)
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
	if err := b.sameTimes(ctx); err != nil {
		return err
	}
	if err := results.PutTemplates(ctx, b.search, b.c.IndexPrefix, b.c.meta(), defaults.meta()); err != nil {
		return err
	}
	b.writer = opensearch.NewWriter(b.search, opensearch.WriterOptions{FlushInterval: b.c.FlushInterval})
	b.output = backfill.NewOutput(b.progress, b.write)
	return nil
}

// sameTimes looks at the event time of the documents that are there. That of a trip is its dropoff under producer and
// bounded: the same windows. Under the others a window holds the trips that came while it lasted, and
// no trip of a file is known to have.
func (b *backfiller) sameTimes(ctx context.Context) error {
	t, err := b.search.Template(ctx, b.c.IndexPrefix+names.PickupCount)
	if opensearch.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	there, err := job.ParseEventTime(cmp.Or(t.Meta[results.FieldEventTime], b.c.EventTime.String()))
	switch {
	case err != nil: // a later version's: PutTemplates says so
	case there.Mode == job.Arrival || there.Mode == job.Clock:
		return fmt.Errorf("the documents of %s at %s are those of a processor with -event-time %s: their windows are not of the trips' own times, and a backfill cannot make them; choose another -index-prefix",
			b.c.IndexPrefix+names.PickupCount, b.search.Endpoint(), there)
	default:
		b.c.EventTime = there
	}
	return nil
}

// shut closes what open has opened.
func (b *backfiller) shut() {
	if b.output != nil {
		if err := b.output.Close(); err != nil {
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
	digest := b.progress.Digest()
	return func(span int64, alias string) engine.Sink[opensearch.Document] {
		s := b.c.Also.SpanSink(b.second.place, b.c.IndexPrefix, alias, digest, span)
		s.OnMissing = func(f files.Pending) { // before the span is noted
			b.stop(fmt.Errorf("-also %s: %s was taken away before it became visible: does another backfill of the same trips write there? start again when that has ended", b.second.place, f.Visible))
		}
		return s
	}
}

// write puts documents into OpenSearch.
func (b *backfiller) write(ctx context.Context, docs []opensearch.Document) (err error) {
	for i := 0; i < len(docs) && err == nil; i++ {
		err = b.writer.Add(ctx, docs[i])
	}
	return cmp.Or(err, b.writer.Flush(ctx))
}

func (b *backfiller) deliver(ctx context.Context, docs []opensearch.Document, done backfill.Done) error {
	err := b.output.Deliver(ctx, docs, done)
	b.told.Set(b.progress.Trips, telemetry.UnknownPart)
	return err
}

// summary says what came of it.
func (b *backfiller) summary(w io.Writer) {
	p := b.progress
	where := b.export
	if where == "" {
		where = redact.URL(b.c.OpenSearchEndpoint)
	}
	fmt.Fprintf(w, "computed    %s, to %s\n", telemetry.Many(p.Documents, "document"), where)
	fmt.Fprintf(w, "trips       %s\n", telemetry.Group(p.Trips))
	fmt.Fprintf(w, "rejected    %s\n", p.RejectsText())
	if p.Dropped > 0 {
		fmt.Fprintf(w, "dropped     %s that cannot be written as events: times outside the years 0000 to 9999, or numbers not finite\n", telemetry.Many(p.Dropped, "trip"))
	}
}
