package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	days "taxistream/data/generate"
	"taxistream/data/trips"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

func describe(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := newSet("describe", "says what is in files of trips")
	set.TakeArgs("SOURCE...")
	places := placesFlags(set, stderr)
	set.Help("A row that cannot be a trip is bad, and counted by reason. A trip that breaks a rule is no bad row: it is\nsent, and the processor rejects it for the reason shown. The rules are the defaults, and each trip is judged alone.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if len(set.Args()) == 0 {
		return set.Usage(stderr, errors.New("name a file, folder, glob, s3:// or http(s) address or generate:DATE"))
	}
	var w bytes.Buffer // shown at the end: the progress is on the same terminal
	told := telemetry.StartProgress(stderr, time.Now)
	err := describeAll(ctx, *places, set.Args(), &w, told)
	told.End()
	_, wrong := w.WriteTo(stdout)
	return finish(ctx, set, stderr, errors.Join(err, wrong), "what was read so far is not shown")
}

// describeAll reads every source once, file by file, in its own order.
func describeAll(ctx context.Context, places trips.Places, sources []string, w io.Writer, told *telemetry.Progress) (err error) {
	finder := trips.Finder{Places: places}
	files, err := find(ctx, &finder, sources)
	total, judged := newTally(), 0
	defer func() {
		for i := range files {
			err = errors.Join(err, files[i].in.Close())
		}
		err = errors.Join(err, total.ids.close())
	}()
	if err != nil {
		return err
	}
	var yield trips.Yield
	meter := trips.NewMeter(inputsOf(files), readTo(told))
	told.Step("reading", telemetry.InBytes)
	for _, f := range files {
		n, err := f.describe(ctx, w, total, &yield, meter, told)
		if err != nil {
			return err
		}
		judged += n
	}
	if err := total.ids.count(ctx); err != nil {
		return err
	}
	writeLeftOut(w, finder.LeftOut)
	fmt.Fprintf(w, "\n%s\n", telemetry.Many(int64(judged), "trip"))
	total.write(w)
	return yield.Err()
}

func inputsOf(files []described) (all []trips.Input) {
	for i := range files {
		if files[i].days == nil {
			all = append(all, files[i].in)
		}
	}
	return all
}

// described is one input: a file, or generated days.
type described struct {
	in   trips.Input
	spec string // as it was named: a source may be many files
	days *days.Options
}

// find finds what is wrong with any source before the first is read.
func find(ctx context.Context, finder *trips.Finder, sources []string) (all []described, err error) {
	for _, source := range sources {
		if spec, ok := strings.CutPrefix(source, "generate:"); ok {
			o, err := days.Parse(spec)
			if err != nil {
				return all, err
			}
			all = append(all, described{spec: source, days: &o})
			continue
		}
		files, err := finder.Find(ctx, source)
		for _, in := range files {
			all = append(all, described{in: in, spec: source})
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (d *described) describe(ctx context.Context, w io.Writer, total *tally, yield *trips.Yield, meter *trips.Meter, told *telemetry.Progress) (n int, err error) {
	if d.days != nil {
		told.Step("generating", "trips")
		defer told.Step("reading", telemetry.InBytes)
		if n, err = d.generated(ctx, total, told); err == nil {
			fmt.Fprintf(w, "%s: %s\n", d.spec, telemetry.Many(int64(n), "generated trip"))
		}
		return n, err
	}
	r, err := trips.Open(ctx, d.in)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	var t trip.Trip
	for ; ; n++ {
		if n%4096 == 0 {
			if ctx.Err() != nil {
				return n, ctx.Err()
			}
			meter.At(r)
		}
		switch err := r.Read(&t); {
		case err == io.EOF:
			meter.Done(r)
			writeStats(w, r.Stats())
			yield.Add(d.spec, r.Stats())
			return n, nil
		case err != nil:
			return n, err
		}
		if err := total.add(&t, place{d.in.Name, r.Stats().Rows}); err != nil {
			return n, err
		}
	}
}

func (d *described) generated(ctx context.Context, total *tally, told *telemetry.Progress) (n int, err error) {
	g, err := days.New(*d.days)
	if err != nil {
		return 0, err
	}
	first, last := days.Span(d.days)
	buf := make([]trip.Trip, 1024)
	for ctx.Err() == nil {
		got, err := g.Next(buf)
		if got > 0 {
			told.Set(int64(n+got), float64(buf[got-1].Dropoff-first)/float64(last-first))
		}
		for i := range buf[:got] {
			if err := total.add(&buf[i], place{d.spec, int64(n + i + 1)}); err != nil {
				return n, err
			}
		}
		n += got
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}
