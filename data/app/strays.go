package app

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// strays finds trips whose event times lie far from the rest. It keeps one span a
// day that has trips, of which the calendar has 3.7 million.
type strays struct {
	days map[int64]*span
	last *span // the one used last, and its day
	day  int64
}

// span is a stretch of event time with trips.
type span struct {
	first, last int64 // event times, ms
	trips       int64
	place       place // of the first
}

// place is where a trip was read.
type place struct {
	file string
	row  int64 // of its data, from 1
}

func (p place) String() string { return fmt.Sprintf("%s, data row %s", p.file, telemetry.Group(p.row)) }

// far is the distance from all other trips that makes a group: the producer's
// default -max-gap. It is a day, so that a span of a day holds no such distance.
const far = 24 * hour

func (s *strays) add(event int64, at place) {
	day := trip.WindowStart(event, far)
	if s.last == nil || day != s.day {
		if s.days == nil {
			s.days = make(map[int64]*span)
		}
		if s.days[day] == nil {
			s.days[day] = &span{first: event, last: event, place: at}
		}
		s.last, s.day = s.days[day], day
	}
	d := s.last
	d.trips++
	d.last = max(d.last, event)
	if event < d.first {
		d.first, d.place = event, at
	}
}

// groups are the trips between two distances that are far, in order.
func (s *strays) groups() (all []span) {
	for _, day := range slices.Sorted(maps.Keys(s.days)) {
		d := s.days[day]
		if n := len(all); n > 0 && d.first-all[n-1].last <= far {
			all[n-1].last = d.last
			all[n-1].trips += d.trips
			continue
		}
		all = append(all, *d)
	}
	return all
}

// The rule: a group is one of strays if it holds at most one in strayShare trips
// of the largest group, or at most strayTrips if that is no more than half of it.
const strayShare, strayTrips = 100, 10

func isStray(group, largest int64) bool {
	return group <= max(largest/strayShare, min(strayTrips, largest/2))
}

// shownGroups is how many groups of strays are listed.
const shownGroups = 20

func (s *strays) write(w io.Writer) {
	groups := s.groups()
	largest := int64(0)
	for _, g := range groups {
		largest = max(largest, g.trips)
	}
	var found []span
	var trips int64
	rest := span{first: -1}
	for _, g := range groups {
		switch {
		case isStray(g.trips, largest):
			found = append(found, g)
			trips += g.trips
		case rest.first == -1:
			rest = g
		default:
			rest.last = g.last
		}
	}
	fmt.Fprintf(w, "gaps over 24 h   %s; a replay passes over each within a second (-max-gap)\n", telemetry.Group(int64(len(groups)-1)))
	if len(found) == 0 {
		fmt.Fprintln(w, "strays           none")
		return
	}
	fmt.Fprintf(w, "strays           %s in %s, each more than 24 h from all other trips and with at most 1 %% of the trips of the\n"+
		"                 largest group (or at most 10, if that is no more than half of it)\n", telemetry.Many(trips, "trip"), telemetry.Many(int64(len(found)), "group"))
	for i, g := range found {
		if i == shownGroups {
			fmt.Fprintf(w, "  and %s more\n", telemetry.Many(int64(len(found)-i), "group"))
			break
		}
		if g.first == g.last {
			fmt.Fprintf(w, "  %s: %s, %s\n", moment(g.first), telemetry.Many(g.trips, "trip"), g.place)
		} else {
			fmt.Fprintf(w, "  %s to %s: %s, the first %s\n", moment(g.first), moment(g.last), telemetry.Many(g.trips, "trip"), g.place)
		}
	}
	without := ""
	if found[0].first < rest.first {
		without += " -seek " + moment(rest.first)
	}
	if found[len(found)-1].last > rest.last {
		without += " -until " + moment(rest.last)
	}
	if without != "" {
		fmt.Fprintf(w, "  a replay without them:%s\n", without)
	}
}
