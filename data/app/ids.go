package app

import (
	"context"
	"fmt"
	"io"

	"taxistream/data/sort"
	"taxistream/internal/flags"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// ids finds ids that a source gives to more than one trip of one window. Trips that
// come with an id are sorted by event time, in bounded memory, and looked at
// window by window.
type ids struct {
	sorter   *sort.Sorter // nil: no trip came with an id
	trips    int64        // that came with one
	reused   int64        // ids of different trips in one window
	repeated int64        // trips with the id and the values of another in its window
	examples []reuse
	partial  bool // a window had more ids than are kept: there may be more
}

// reuse is one id and two of its trips.
type reuse struct {
	id    int64
	trips [2]int64 // event times, ms
}

// Bounds of what is kept.
const (
	shownIDs = 3
	idsKept  = 1 << 20 // of one window
)

// add takes a trip as it was read. An id that is that of the trip's values came
// from there: it says nothing that the values do not say.
func (c *ids) add(t *trip.Trip) error {
	if t.ID == 0 || t.ID == trip.DeriveID(t, 0) {
		return nil
	}
	if c.sorter == nil {
		c.sorter = sort.NewSorter(sort.Options{})
	}
	c.trips++
	return c.sorter.Add(t)
}

// seen is the first trip of an id in a window.
type seen struct {
	trip   trip.Trip
	reused bool
}

// count looks at all trips added, window by window: a trip's first window is the
// one in which its id has to be its own.
func (c *ids) count(ctx context.Context) error {
	if c.sorter == nil {
		return nil
	}
	window := make(map[int64]seen)
	var end int64
	n := 0
	return c.sorter.Each(func(t *trip.Trip) error {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if e := trip.DefaultRules.FirstEnd(t.EventTime()); e != end {
			clear(window)
			end = e
		}
		first, known := window[t.ID]
		switch {
		case !known && len(window) == idsKept:
			c.partial = true
		case !known:
			window[t.ID] = seen{trip: *t}
		case *t == first.trip:
			c.repeated++
		case !first.reused:
			c.reused++
			first.reused = true
			window[t.ID] = first
			if len(c.examples) < shownIDs {
				c.examples = append(c.examples, reuse{t.ID, [2]int64{first.trip.EventTime(), t.EventTime()}})
			}
		}
		return nil
	})
}

// close frees memory and disk.
func (c *ids) close() error {
	if c.sorter == nil {
		return nil
	}
	return c.sorter.Close()
}

func (c *ids) write(w io.Writer) {
	if c.trips == 0 {
		fmt.Fprintln(w, "reused ids       none: the ids are made from the trips' values")
		return
	}
	least := ""
	if c.partial {
		least = "at least "
	}
	given := fmt.Sprintf("among %s with an id of the source; one is reused if different trips of one window of %s have it",
		telemetry.Many(c.trips, "trip"), flags.FormatDuration(trip.DefaultRules.HotspotWindow))
	if c.reused == 0 {
		fmt.Fprintf(w, "reused ids       none %s\n", given)
	} else {
		fmt.Fprintf(w, "reused ids       %s%s %s\n", least, telemetry.Group(c.reused), given)
	}
	for _, e := range c.examples {
		fmt.Fprintf(w, "  %d: trips that end at %s and %s\n", e.id, moment(e.trips[0]), moment(e.trips[1]))
	}
	if c.reused > 0 {
		fmt.Fprintln(w, "  of the trips of such an id one counts and the others are rejected as duplicate: which one can differ from run to run")
	}
	if c.repeated > 0 {
		fmt.Fprintf(w, "repeated trips   %s%s with the id and all values of another: rejected as duplicate\n", least, telemetry.Group(c.repeated))
	}
}
