// Package generate makes up taxi trips: as many, when, where to, how long and at
// what fare as on a real New York day, the same on every machine.
//
// The trips of a day are a function of the seed and the date alone, so that two
// days generated together are the two days generated apart. They come in event
// time order (dropoff), within the New York day; a pickup may lie on the evening
// before. About one trip in a hundred has one of the defects of real files.
// A Generator holds one minute of trips and the shared demand tables, a few MiB
// whatever the number of days. It is not safe for concurrent use.
package generate

import (
	"errors"
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

// Date is a calendar day in New York.
type Date struct{ Year, Month, Day int }

// Generator yields the trips of some days in event-time order.
type Generator struct{ o Options }

// Parse reads what follows "generate:" in a source: "2016-01-05" for one day, or
// "2016-01-05/7" for seven days beginning with that one.
func Parse(spec string) (Options, error) {
	return Options{}, errors.New("not there yet")
}

// New returns a generator that stands before the first trip of o.First. It fails
// if o is out of its limits.
func New(o Options) (*Generator, error) { return &Generator{o: o}, nil }

// Next fills buf from its start and returns the number of trips, at least one
// unless buf is empty; after the last trip it returns 0 and io.EOF. The ids are
// 0: they are derived later.
func (g *Generator) Next(buf []trip.Trip) (int, error) { return 0, io.EOF }

// Rewind takes the generator back before its first trip; the same trips follow.
func (g *Generator) Rewind() {}
