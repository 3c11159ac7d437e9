package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	days "taxistream/data/generate"
	"taxistream/data/sort"
	"taxistream/data/trips"
	"taxistream/internal/flags"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

func prepare(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := newSet("prepare", "sorts trips of any form into one compressed file that streams without being sorted again")
	set.TakeArgs("SOURCE...")
	places := placesFlags(set, stderr)
	file := outFlag(set)
	set.Help("The trips keep their ids: a replay of the file is a replay of its sources.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if len(set.Args()) == 0 {
		return set.Usage(stderr, errors.New("name a file, folder, glob, s3:// or http(s) address or generate:DATE"))
	}
	told := telemetry.StartProgress(stderr, time.Now)
	told.Step("reading", telemetry.InBytes)
	s, err := sort.Open(ctx, set.Args(), sort.Options{Places: *places, OnRead: readTo(told)})
	if err == nil {
		err = errors.Join(write(ctx, s, *file, stdout, told), s.Close())
	}
	told.End()
	return finish(ctx, set, stderr, err, *file+" was not written")
}

// readTo tells of the bytes that are read.
func readTo(told *telemetry.Progress) func(read, size int64) {
	return func(read, size int64) {
		part := telemetry.UnknownPart
		if size > 0 {
			part = float64(read) / float64(size)
		}
		told.Set(read, part)
	}
}

func generate(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := newSet("generate", "makes New York days of taxi trips up, the same on every machine, as a prepared file")
	set.TakeArgs("DATE[/DAYS]")
	file := outFlag(set)
	seed := set.Int("seed", days.DefaultSeed, "another `number` makes other trips")
	perDay := set.Int("trips", days.DefaultTripsPerDay, "`number` of trips of a usual weekday")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if len(set.Args()) != 1 {
		return set.Usage(stderr, errors.New("name one date such as 2016-01-05, or 2016-01-05/7 for seven days"))
	}
	o, err := days.Parse(set.Args()[0])
	switch {
	case err != nil:
		return set.Usage(stderr, err)
	case *seed < 1:
		return set.Usage(stderr, fmt.Errorf("-seed %d: write a positive number", *seed))
	case *perDay < 1:
		return set.Usage(stderr, fmt.Errorf("-trips %d: write a positive number", *perDay))
	}
	o.Seed, o.TripsPerDay = uint64(*seed), *perDay
	if _, err := days.New(o); err != nil {
		return set.Usage(stderr, err)
	}
	s := sort.Generate(o)
	told := telemetry.StartProgress(stderr, time.Now)
	err = write(ctx, s, *file, stdout, told)
	told.End()
	return finish(ctx, set, stderr, errors.Join(err, s.Close()), *file+" was not written")
}

func outFlag(set *flags.Set) *string {
	file := set.String("o", "", "`file` to write")
	set.Need("o")
	return file
}

// write makes the prepared file of a stream: a pass that counts, then one that
// writes, under another name until the file is whole.
func write(ctx context.Context, s *sort.Stream, name string, stdout io.Writer, told *telemetry.Progress) (err error) {
	head, err := survey(ctx, s, told)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := writeTrips(ctx, s, f, head, told); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	info, err := f.Stat()
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	in := s.Summary()
	for i := range in.Files {
		writeStats(stdout, &in.Files[i])
	}
	writeLeftOut(stdout, in.LeftOut)
	fmt.Fprintf(stdout, "%s: %s, %s, event times %s to %s\n", name, telemetry.Many(head.Trips, "trip"), mebibytes(info.Size()), head.First, head.Last)
	return nil
}

// survey reads the stream once, for the head, and takes it back to its beginning.
func survey(ctx context.Context, s *sort.Stream, told *telemetry.Progress) (trips.Head, error) {
	head := trips.Head{Prepared: trips.PreparedVersion, Order: "event_time"}
	count := func(given int64) {
		if given == 0 { // what is to be sorted has been read
			told.Step("counting", "trips")
		}
		told.Set(given, s.Part(given))
	}
	err := each(ctx, s, count, func(*trip.Trip) error { head.Trips++; return nil })
	if err != nil {
		return head, err
	}
	if head.Trips == 0 {
		return head, errors.New("the sources hold no trip: nothing to prepare")
	}
	in := s.Summary()
	head.First, head.Last = moment(in.First), moment(in.Last)
	return head, s.Rewind(ctx)
}

func writeTrips(ctx context.Context, s *sort.Stream, f io.Writer, head trips.Head, told *telemetry.Progress) error {
	told.Step("writing", "trips")
	count := func(given int64) { told.Set(given, float64(given)/float64(head.Trips)) }
	z, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(2))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(z, 1<<20)
	line := trips.AppendHead(nil, head)
	_, err = w.Write(line)
	if err == nil {
		err = each(ctx, s, count, func(t *trip.Trip) error {
			line = trip.AppendTrip(line[:0], t)
			_, err := w.Write(line)
			return err
		})
	}
	return errors.Join(err, w.Flush(), z.Close())
}

// each hands every trip of the stream to f, and tells now and then how many were
// given before.
func each(ctx context.Context, s *sort.Stream, count func(given int64), f func(*trip.Trip) error) error {
	buf := make([]trip.Trip, 1024)
	for given := int64(0); ; {
		n, err := s.Next(buf)
		count(given)
		given += int64(n)
		for i := range buf[:n] {
			if err := f(&buf[i]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}
