package sort

import (
	"context"
	"fmt"
	"io"

	"taxistream/data/generate"
	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// generated is an input of generated days.
type generated struct {
	g     *generate.Generator
	name  string
	buf   [256]trip.Trip
	at, n int
	count int64
}

func (g *generated) next(t *trip.Trip) error {
	if g.at == g.n {
		n, err := g.g.Next(g.buf[:])
		if n == 0 {
			if err == nil {
				err = io.ErrNoProgress
			}
			return err
		}
		g.at, g.n = 0, n
	}
	*t = g.buf[g.at]
	g.at++
	g.count++
	return nil
}

func (g *generated) rewind() error {
	g.g.Rewind()
	g.at, g.n, g.count = 0, 0, 0
	return nil
}

func (g *generated) close() error { return nil }

// prepared is an input of a prepared file, which is opened anew for each pass.
// Its order is checked.
type prepared struct {
	ctx    context.Context //nolint:containedctx // the life of one replay
	in     trips.Input
	reader trips.Reader
	last   trip.Trip
	any    bool
}

func (p *prepared) next(t *trip.Trip) error {
	if err := p.reader.Read(t); err != nil {
		return err
	}
	if p.any && compareValues(&p.last, t) > 0 {
		return fmt.Errorf("%s: row %d is out of order in a file that says it is sorted: prepare it again", p.in.Name, p.reader.Stats().Rows)
	}
	p.last, p.any = *t, true
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
