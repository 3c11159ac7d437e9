// Package generate makes up taxi trips: as many, when, where to, how long and at
// what fare as on a real New York day, the same on every machine.
//
// The trips of a day are a function of the seed and the date alone, so that two
// days generated together are the two days generated apart. They come in event
// time order (dropoff), within the New York day; a pickup may lie on the evening
// before. One trip in a hundred has one of the defects of real files. Every other
// trip begins and ends on the city's land, inside the city's box.
//
// A Generator holds one minute of trips, and all share the demand tables, a few
// MiB, whatever the number of days. It is not safe for concurrent use. Holidays,
// weather and the long decline of the trade are not modelled. The model and its
// sources are described in docs/data.md.
package generate

import (
	"io"

	"taxistream/internal/trip"
)

// Options say which days to generate. The zero values of Seed and TripsPerDay
// stand for the defaults.
type Options struct {
	First       Date
	Days        int    // 1 to MaxDays
	Seed        uint64 // 0: DefaultSeed
	TripsPerDay int    // trips of a usual weekday; 0: DefaultTripsPerDay
}

// Defaults and limits of Options.
const (
	DefaultSeed        = 1
	DefaultTripsPerDay = 450_000
	MaxTripsPerDay     = 100_000_000
	MaxDays            = 366
)

// Generator yields the trips of some days in event-time order.
type Generator struct {
	o    Options
	city *city

	day     *day // nil before the first trip and after the last
	nextDay int  // days begun
	minute  int  // minutes of day begun

	drawn   []trip.Trip // one minute in the order drawn
	seconds [60]int32   // where in trips each second's trips go
	trips   []trip.Trip // the minute in event-time order
	sent    int         // of trips
}

// New returns a generator that stands before the first trip of o.First. It fails
// if o is out of its limits, and says how.
func New(o Options) (*Generator, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Seed == 0 {
		o.Seed = DefaultSeed
	}
	if o.TripsPerDay == 0 {
		o.TripsPerDay = DefaultTripsPerDay
	}
	return &Generator{o: o, city: theCity()}, nil
}

// Next fills buf from its start and returns the number of trips, at least one
// unless buf is empty; after the last trip it returns 0 and io.EOF. The ids are
// 0: they are derived later, from the trips' values.
func (g *Generator) Next(buf []trip.Trip) (int, error) {
	n := 0
	for n < len(buf) {
		if g.sent == len(g.trips) && !g.advance() {
			if n == 0 {
				return 0, io.EOF
			}
			break
		}
		copied := copy(buf[n:], g.trips[g.sent:])
		n += copied
		g.sent += copied
	}
	return n, nil
}

// Rewind takes the generator back before its first trip; the same trips follow.
func (g *Generator) Rewind() {
	g.day, g.nextDay = nil, 0
	g.trips, g.sent = g.trips[:0], 0
}

// advance makes up the next minute that has trips; false: there is none.
func (g *Generator) advance() bool {
	for {
		if g.day == nil {
			if g.nextDay == g.o.Days {
				return false
			}
			g.day, g.minute = newDay(g.o.First.plus(g.nextDay), &g.o), 0
			g.nextDay++
		}
		for g.minute < len(g.day.minutes) {
			minute := g.minute
			g.minute++
			if g.fill(minute); len(g.trips) > 0 {
				return true
			}
		}
		g.day = nil
	}
}

// fill makes up the trips that end in one minute of the day.
func (g *Generator) fill(minute int) {
	c := g.day.conditions(minute)
	count := int(g.day.minutes[minute])
	g.drawn = g.drawn[:0]
	for range count {
		var t trip.Trip
		if g.city.draw(&t, &c, g.day.random) == duplicate && len(g.drawn) > 0 {
			t = g.drawn[len(g.drawn)-1]
		}
		g.drawn = append(g.drawn, t)
	}
	g.order(c.start)
}

// order sorts the drawn minute by event time, trips of one second in the order
// drawn (a counting sort: all times are whole seconds).
func (g *Generator) order(start int64) {
	g.seconds = [60]int32{}
	for i := range g.drawn {
		g.seconds[(g.drawn[i].Dropoff-start)/1000]++
	}
	first := int32(0)
	for s, n := range g.seconds {
		g.seconds[s] = first
		first += n
	}
	if cap(g.trips) < len(g.drawn) {
		g.trips = make([]trip.Trip, 2*len(g.drawn))
	}
	g.trips, g.sent = g.trips[:len(g.drawn)], 0
	for i := range g.drawn {
		place := &g.seconds[(g.drawn[i].Dropoff-start)/1000]
		g.trips[*place] = g.drawn[i]
		*place++
	}
}
