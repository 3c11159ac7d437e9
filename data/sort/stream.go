package sort

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"taxistream/data/generate"
	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// Options are the limits of a replay's input.
type Options struct {
	Memory  int64  // bytes of trips that are sorted in memory; 0: 256 MiB
	TempDir string // for what does not fit; "": the system's
	// First and Last event time to give, both included, ms; both 0: all.
	First, Last int64
	Places      trips.Places // that sources may lie in, beside this machine and http
	// OnRead is told now and then, by the first Next, how many stored bytes have been
	// read to be sorted, and how many there are (0: not known); nil: nobody is.
	OnRead func(read, size int64)
	// Events is trips.Finder.Events.
	Events bool
}

const defaultMemory = 256 << 20

// Summary says what was read.
type Summary struct {
	Files       []trips.Stats
	Generated   int64 // trips of generated days
	First, Last int64 // event times given, ms; First > Last: none yet
	Given       int64
	DiskBytes   int64 // that sorting took
	LeftOut     trips.LeftOut
}

// Stream gives the trips of its sources in order.
type Stream struct {
	ctx     context.Context //nolint:containedctx // the life of one replay
	o       Options
	sources []source
	inputs  []input
	merge   *merge
	ids     identifier
	summary Summary
	broken  error // of the first Next: what it says again
	// Event times that were read, given or not; low > high: none yet.
	low, high int64
}

// source is one file or a range of generated days.
type source struct {
	in   trips.Input
	days *generate.Options
	spec string // as it was named: a source may be many files
}

// Open opens the sources and looks at their beginnings. Sorting begins with the
// first Next.
func Open(ctx context.Context, names []string, o Options) (*Stream, error) {
	s := newStream(ctx, o)
	finder := trips.Finder{Places: o.Places, Events: o.Events}
	for _, name := range names {
		if err := s.add(ctx, &finder, name); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if len(s.sources) == 0 {
		return nil, errors.New("no source: name a file, folder, glob, s3:// or http(s) address or generate:DATE")
	}
	s.summary.LeftOut = finder.LeftOut
	return s, nil
}

// add takes the files of one source, or its days.
func (s *Stream) add(ctx context.Context, finder *trips.Finder, name string) error {
	if spec, ok := strings.CutPrefix(name, "generate:"); ok {
		days, err := generate.Parse(spec)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.sources = append(s.sources, source{days: &days, spec: name})
		return nil
	}
	files, err := finder.Find(ctx, name)
	for _, in := range files {
		s.sources = append(s.sources, source{in: in, spec: name})
	}
	return err
}

func newStream(ctx context.Context, o Options) *Stream {
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.First == 0 && o.Last == 0 {
		o.First, o.Last = math.MinInt64, math.MaxInt64
	}
	return &Stream{ctx: ctx, o: o, summary: Summary{First: math.MaxInt64, Last: math.MinInt64}, low: math.MaxInt64, high: math.MinInt64}
}

// load opens every input and sorts those that are not sorted.
func (s *Stream) load() error {
	sorter := newSorter(s.o.TempDir, s.o.Memory)
	var yield trips.Yield
	meter := s.meter()
	for i := range s.sources {
		if err := s.loadOne(&s.sources[i], sorter, &yield, meter); err != nil {
			return errors.Join(err, closeAll(sorter.runs))
		}
	}
	if err := yield.Err(); err != nil {
		return errors.Join(err, closeAll(sorter.runs))
	}
	s.inputs = append(s.inputs, sorter.finish()...)
	if len(s.inputs) == 1 {
		if p, ok := s.inputs[0].(*prepared); ok {
			p.alone = true
		}
	}
	s.summary.DiskBytes = sorter.disk
	return s.start()
}

// loadOne sorts a file and adds to the yield. What is sorted already is read later.
func (s *Stream) loadOne(src *source, sorter *sorter, yield *trips.Yield, meter *trips.Meter) error {
	if src.days != nil {
		g, err := generate.New(*src.days)
		if err != nil {
			return fmt.Errorf("%s: %w", src.spec, err)
		}
		s.inputs = append(s.inputs, &generated{g: g, days: src.days, name: src.spec})
		return nil
	}
	r, err := trips.Open(s.ctx, src.in)
	if err != nil {
		return err
	}
	if r.Stats().Prepared {
		s.inputs = append(s.inputs, &prepared{ctx: s.ctx, in: src.in, reader: r})
		return nil
	}
	defer r.Close()
	var t trip.Trip
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if s.ctx.Err() != nil {
				return s.ctx.Err()
			}
			meter.At(r)
		}
		switch err := r.Read(&t); {
		case err == io.EOF:
			meter.Done(r)
			s.summary.Files = append(s.summary.Files, *r.Stats())
			yield.Add(src.spec, r.Stats())
			return nil
		case err != nil:
			return err
		}
		s.low, s.high = min(s.low, t.Dropoff), max(s.high, t.Dropoff)
		if t.Dropoff < s.o.First || t.Dropoff > s.o.Last {
			continue
		}
		if err := sorter.add(&t); err != nil {
			return err
		}
	}
}

func (s *Stream) start() (err error) {
	s.ids = identifier{}
	s.merge, err = newMerge(s.inputs)
	return err
}

// Next fills buf with the next trips and returns how many, or 0 and io.EOF. A
// stream that has given none at its end says so in an error instead.
func (s *Stream) Next(buf []trip.Trip) (int, error) {
	if s.merge == nil && s.broken == nil {
		s.broken = s.load()
	}
	if s.broken != nil {
		return 0, s.broken
	}
	n := 0
	for n < len(buf) {
		t := &buf[n]
		if err := s.merge.next(t); err != nil {
			if err == io.EOF {
				return s.end(n)
			}
			return n, err
		}
		s.ids.assign(t)
		if t.Dropoff > s.o.Last {
			s.low = min(s.low, t.Dropoff)
			return s.end(n)
		}
		if t.Dropoff < s.o.First {
			s.high = max(s.high, t.Dropoff)
			continue
		}
		if s.summary.Given == 0 || t.Dropoff < s.summary.First {
			s.summary.First = t.Dropoff
		}
		s.summary.Last = max(s.summary.Last, t.Dropoff)
		s.summary.Given++
		n++
	}
	return n, nil
}

// end is that of the data, or of the times that were asked for.
func (s *Stream) end(n int) (int, error) {
	switch {
	case n > 0:
		return n, nil
	case s.summary.Given > 0:
		return 0, io.EOF
	}
	return 0, s.nothing()
}

// Rewind begins again at the first trip; what was sorted is not sorted again.
func (s *Stream) Rewind(context.Context) error {
	if s.merge == nil {
		return nil
	}
	for _, in := range s.inputs {
		if err := in.rewind(); err != nil {
			return err
		}
	}
	return s.start()
}

// Summary says what was read so far.
func (s *Stream) Summary() Summary {
	out := s.summary
	out.Files = append([]trips.Stats(nil), s.summary.Files...)
	for _, in := range s.inputs {
		switch in := in.(type) {
		case *prepared:
			out.Files = append(out.Files, *in.reader.Stats())
		case *generated:
			out.Generated += in.count
		}
	}
	return out
}

// Malformed is the number of event lines that the processor would reject as such.
func (s *Summary) Malformed() (n int64) {
	for i := range s.Files {
		if bad := s.Files[i].Bad[trips.Malformed]; bad != nil {
			n += bad.Count
		}
	}
	return n
}

// Fingerprint is another one once a source is: other days, a file more or less, another content (trips.Input.Version).
func (s *Stream) Fingerprint() string {
	h := sha256.New()
	for i := range s.sources {
		src := &s.sources[i]
		name := src.in.Name
		if src.days != nil {
			name = src.spec
		}
		fmt.Fprintf(h, "%q %q\n", name, src.in.Version())
	}
	return fmt.Sprintf("%d: %x", len(s.sources), h.Sum(nil)[:16])
}

// Close frees memory and disk.
func (s *Stream) Close() error {
	var errs []error
	for _, src := range s.sources {
		errs = append(errs, src.in.Close())
	}
	return errors.Join(append(errs, closeAll(s.inputs))...)
}

func closeAll(inputs []input) error {
	var errs []error
	for _, in := range inputs {
		errs = append(errs, in.close())
	}
	return errors.Join(errs...)
}
