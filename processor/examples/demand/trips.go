package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"taxistream/data/generate"
	"taxistream/data/trips"
	"taxistream/engine"
	"taxistream/internal/geo"
	"taxistream/internal/trip"
)

// load reads the pickups in the city of all files, or of generated days, in the order of their times. The first and the last
// thousandth are left out: months have trips of other years, and those would be days on which nothing was usual.
func load(files []string, source string, perDay, crowd, resolution int) (pickups []engine.Element[geo.Cell], err error) {
	add := func(t *trip.Trip) error {
		if !t.Finite() || !geo.InCity(t.PickupLat, t.PickupLon) || t.Pickup < 0 {
			return nil // no place or time to count it at
		}
		cell, err := geo.CellAt(t.PickupLat, t.PickupLon, resolution)
		if err == nil {
			pickups = append(pickups, engine.Element[geo.Cell]{Value: cell, EventTime: t.Pickup})
		}
		return err
	}
	if len(files) > 0 {
		err = readFiles(files, add)
	} else {
		err = generated(source, perDay, crowd, add)
	}
	slices.SortStableFunc(pickups, func(a, b engine.Element[geo.Cell]) int { return cmp.Compare(a.EventTime, b.EventTime) })
	strays := len(pickups) / 1000
	return pickups[strays : len(pickups)-strays], err
}

func readFiles(files []string, add func(*trip.Trip) error) error {
	for _, file := range files {
		inputs, err := trips.Expand(file)
		if err != nil {
			return err
		}
		for _, in := range inputs {
			if err := readFile(in, add); err != nil {
				return err
			}
		}
	}
	return nil
}

func readFile(in trips.Input, add func(*trip.Trip) error) error {
	r, err := trips.Open(context.Background(), in)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		var t trip.Trip
		if err := r.Read(&t); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", in.Name, err)
		}
		if err := add(&t); err != nil {
			return err
		}
	}
}

func generated(source string, perDay, crowd int, add func(*trip.Trip) error) error {
	spec, ok := strings.CutPrefix(source, "generate:")
	if !ok {
		return fmt.Errorf("the source %q is not generate:DATE/DAYS; files are named without -source", source)
	}
	o, err := generate.Parse(spec)
	if err != nil {
		return err
	}
	o.TripsPerDay = perDay
	g, err := generate.New(o)
	if err != nil {
		return err
	}
	buf := make([]trip.Trip, 1000)
	for {
		n, err := g.Next(buf)
		for i := range buf[:n] {
			if err := add(&buf[i]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	_, last := generate.Span(&o)
	random := rand.New(rand.NewPCG(8, 9))
	for range crowd { // the concert is over at half past ten
		t := trip.Trip{
			PickupLat: 40.7505, PickupLon: -73.9934, DropoffLat: 40.78, DropoffLon: -73.95,
			Pickup: last - 90*60_000 + random.Int64N(size.Milliseconds()),
		}
		if err := add(&t); err != nil {
			return err
		}
	}
	return nil
}

func sortAlarms(alarms []alarm) {
	slices.SortFunc(alarms, func(a, b alarm) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.cell, b.cell))
	})
}

// localTime prints a time in New York.
func localTime(ms int64) string {
	return time.UnixMilli(ms).In(trip.NewYorkZone()).Format("2006-01-02 15:04")
}
