package sort

import (
	"context"
	"fmt"
	"io"
	"slices"

	"taxistream/data/generate"
	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// generated is an input of generated days. They come by event time only; trips of
// one instant are put into the total order here.
type generated struct {
	g       *generate.Generator
	days    *generate.Options
	name    string
	buf     [256]trip.Trip
	at, n   int
	instant []trip.Trip  // all trips of one event time
	order   []*trip.Trip // the same, sorted: trips are too wide to be moved by a sort
	sent    int          // of order
	count   int64
	last    int64 // event time of the last trip given
}

func (g *generated) next(t *trip.Trip) error {
	if g.sent == len(g.order) {
		if err := g.gather(); err != nil {
			return err
		}
	}
	*t = *g.order[g.sent]
	g.sent++
	g.count++
	g.last = t.Dropoff
	return nil
}

// gather takes the next trips that share an event time.
func (g *generated) gather() error {
	g.instant, g.order, g.sent = g.instant[:0], g.order[:0], 0
	for {
		if g.at == g.n {
			n, err := g.g.Next(g.buf[:])
			if n == 0 {
				if len(g.instant) > 0 {
					break // the error comes again
				}
				if err == nil {
					err = io.ErrNoProgress
				}
				return err
			}
			g.at, g.n = 0, n
		}
		next := &g.buf[g.at]
		if len(g.instant) > 0 && next.Dropoff != g.instant[0].Dropoff {
			break
		}
		g.instant = append(g.instant, *next)
		g.at++
	}
	for i := range g.instant {
		g.order = append(g.order, &g.instant[i])
	}
	slices.SortFunc(g.order, compare)
	return nil
}

func (g *generated) rewind() error {
	g.g.Rewind()
	g.at, g.n, g.count = 0, 0, 0
	g.order, g.sent = g.order[:0], 0
	return nil
}

func (g *generated) close() error { return nil }

// prepared is an input of a prepared file, which is opened anew for each pass.
// Its order is checked. Ids that were derived are taken off again, so that equal
// rows of several prepared files are numbered together, like those of their sources; those of
// a file alone are what they would be again.
type prepared struct {
	ctx    context.Context //nolint:containedctx // the life of one replay
	in     trips.Input
	reader trips.Reader
	last   trip.Trip
	any    bool
	equal  uint64 // derived ids among the rows that equal last
	alone  bool   // there is no other input
}

func (p *prepared) next(t *trip.Trip) error {
	if err := p.reader.Read(t); err != nil {
		return err
	}
	if t.ID == 0 {
		return fmt.Errorf("%s: row %d has no trip_id, in a file that says it is prepared: prepare it again", p.in.Name, p.reader.Stats().Rows)
	}
	c := -1
	if p.any {
		c = compareValues(&p.last, t)
	}
	if c > 0 {
		return fmt.Errorf("%s: row %d is out of order in a file that says it is sorted: prepare it again", p.in.Name, p.reader.Stats().Rows)
	}
	if c < 0 {
		p.last, p.any, p.equal = *t, true, 0
	}
	if !p.alone && t.ID == trip.DeriveID(t, p.equal) {
		t.ID = 0
		p.equal++
	}
	return nil
}

func (p *prepared) rewind() error {
	p.reader.Close()
	r, err := trips.Open(p.ctx, p.in)
	if err == nil {
		p.reader, p.any = r, false
	}
	return err
}

func (p *prepared) close() error { return p.reader.Close() }

// Generate is a stream of generated days with options that a source's name
// cannot carry.
func Generate(days generate.Options) *Stream {
	s := newStream(context.Background(), Options{})
	s.sources = []source{{days: &days, spec: "generate:" + days.First.String()}}
	return s
}
