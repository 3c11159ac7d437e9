package app

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"taxistream/data/trips"
	"taxistream/internal/geo"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// tally counts what describe shows of the trips themselves.
type tally struct {
	trips                    int64
	firstPickup, first, last int64 // ms; the last two are event times
	broken                   map[trip.Reason]int64
	airports                 [3]int64 // by geo.Airport
	hoursUTC, hoursNY        [24]int64
	durations                [len(durationNames)]int64
	hour, offset             int64 // the hour last seen, and New York's offset in it, hours
	atZones                  int64 // that begin at a zone's inside point
	strays                   strays
	ids                      ids
}

func newTally() *tally {
	return &tally{first: math.MaxInt64, firstPickup: math.MaxInt64, last: math.MinInt64, hour: math.MinInt64, broken: map[trip.Reason]int64{}}
}

// The bounds of the duration histogram, in minutes: a bar holds what is below
// its bound and not below the one before.
var (
	durationBounds = [...]int64{0, 1, 5, 10, 15, 20, 30, 45, 60, 120, 180, 360}
	durationNames  = [...]string{"negative", "< 1 min", "1-5", "5-10", "10-15", "15-20", "20-30", "30-45", "45-60", "1-2 h", "2-3 h", "3-6 h", "6 h and more"}
)

const minute, hour = 60_000, 3_600_000

// add takes a trip that was read at a place. The error is that of the disk.
func (c *tally) add(t *trip.Trip, at place) error {
	c.trips++
	c.strays.add(t.Dropoff, at)
	if trips.IsZonePoint(t.PickupLat, t.PickupLon) {
		c.atZones++
	}
	c.first, c.last = min(c.first, t.Dropoff), max(c.last, t.Dropoff)
	c.firstPickup = min(c.firstPickup, t.Pickup)
	if reason, _ := trip.DefaultRules.Judge(t, t.EventTime(), trip.NoArrival, trip.NoWatermark); reason != "" {
		c.broken[reason]++
	} else {
		c.airports[geo.AirportAt(t.DropoffLat, t.DropoffLon)]++
	}
	h := trip.WindowStart(t.Dropoff, hour)
	if h != c.hour { // New York's offset changes on the hour
		_, seconds := time.UnixMilli(h).In(trip.NewYorkZone()).Zone()
		c.hour, c.offset = h, int64(seconds/3600)
	}
	utc := h / hour
	c.hoursUTC[((utc%24)+24)%24]++
	c.hoursNY[(((utc+c.offset)%24)+24)%24]++
	c.durations[durationBar(t.Dropoff-t.Pickup)]++
	return c.ids.add(t)
}

func durationBar(ms int64) int {
	for i, bound := range durationBounds {
		if ms < bound*minute {
			return i
		}
	}
	return len(durationBounds)
}

func (c *tally) write(w io.Writer) {
	if c.trips == 0 {
		fmt.Fprintln(w, "no trips")
		return
	}
	counts := c.trips
	for _, n := range c.broken {
		counts -= n
	}
	fmt.Fprintf(w, "event times      %s to %s\n", moment(c.first), moment(c.last))
	fmt.Fprintf(w, "  in New York    %s to %s\n", inNewYork(c.first), inNewYork(c.last))
	fmt.Fprintf(w, "first pickup     %s\n", moment(c.firstPickup))
	c.strays.write(w)
	if c.atZones > 0 {
		fmt.Fprintf(w, "placed by zone   %s (%s): they begin at their zone's inside point, so a hotspot is a zone and not a place in it\n", telemetry.Group(c.atZones), percent(c.atZones, c.trips))
	}
	c.ids.write(w)
	fmt.Fprintf(w, "keep the rules   %s (%s), each judged alone: late and duplicate ones show in a run only\n", telemetry.Group(counts), percent(counts, c.trips))
	for _, reason := range []trip.Reason{trip.ReasonOutsideCity, trip.ReasonNegativeDuration, trip.ReasonTooLong} {
		fmt.Fprintf(w, "  %-18s %s (%s)\n", reason, telemetry.Group(c.broken[reason]), percent(c.broken[reason], c.trips))
	}
	for _, a := range []geo.Airport{geo.JFK, geo.LGA} {
		fmt.Fprintf(w, "to %s %s (%s of those)\n", a, telemetry.Group(c.airports[a]), percent(c.airports[a], counts))
	}
	fmt.Fprintf(w, "\ntrips by hour of their end\n  hour  %11s  %11s\n", "New York", "UTC")
	top := most(c.hoursNY[:])
	for h, n := range c.hoursNY {
		fmt.Fprintf(w, "  %02d    %11s  %11s  %s\n", h, telemetry.Group(n), telemetry.Group(c.hoursUTC[h]), bar(n, top))
	}
	fmt.Fprintf(w, "\ntrips by duration\n")
	top = most(c.durations[:])
	for i, n := range c.durations {
		fmt.Fprintf(w, "  %-14s %11s  %s\n", durationNames[i], telemetry.Group(n), bar(n, top))
	}
}

func most(counts []int64) (top int64) {
	for _, n := range counts {
		top = max(top, n)
	}
	return top
}

// bar draws a count beside the greatest; any count but 0 is seen.
func bar(n, top int64) string {
	const width = 40
	if n == 0 {
		return ""
	}
	return strings.Repeat("#", max(1, int(n*width/top)))
}
