package generate

import (
	"sync"

	"taxistream/data/zones"
)

// LocationIDs that trips treat in a way of their own.
const (
	zoneNewark    = 1
	zoneJFK       = 132
	zoneLaGuardia = 138
)

// route is a pair of places.
type route struct{ pickup, dropoff *place }

// city is the demand for taxis in space: which routes trips take, by day part.
// It is built once, from the embedded tables, and never written again.
type city struct {
	routes    []route
	byPart    [dayParts]alias // over routes, and one outcome more: a rare route
	rare      []*place
	rareFrom  alias // over rare
	rareTo    alias // over rare
	toJFK     []route
	toJFKBy   alias
	toLGA     []route
	toLGABy   alias
	jfk       *place
	newark    *place // outside the city's box
	durations *durations
}

var theCity = sync.OnceValue(func() *city {
	c, err := newCity()
	if err != nil {
		panic("generate: the tables built into the program: " + err.Error())
	}
	return c
})

func newCity() (*city, error) {
	pairs, rare, err := parsePairs(pairsText)
	if err != nil {
		return nil, err
	}
	cells, err := parseCells(cellsText)
	if err != nil {
		return nil, err
	}
	places := map[int]*place{}
	c := &city{durations: newDurations()}
	for i := range zones.All() {
		s := &zones.All()[i]
		switch s.Borough {
		case "Staten Island": // outside the city's box, but for a corner
		case "EWR":
			c.newark = newPlace(s, cells[s.ID], false)
		default:
			if p := newPlace(s, cells[s.ID], true); p != nil {
				places[s.ID] = p
			}
		}
	}
	c.jfk = places[zoneJFK]
	c.addRare(rare, places)
	c.addRoutes(pairs, rare, places)
	return c, nil
}

func (c *city) addRare(rows []rareRow, places map[int]*place) {
	var from, to []uint64
	for _, r := range rows {
		p := places[r.zone]
		if p == nil {
			continue
		}
		if r.zone == zoneJFK || r.zone == zoneLaGuardia { // how many go there is set by the hour
			r.dropoffs = 0
		}
		c.rare = append(c.rare, p)
		from, to = append(from, r.pickups), append(to, r.dropoffs)
	}
	c.rareFrom, c.rareTo = newAlias(from), newAlias(to)
}

func (c *city) addRoutes(rows []pairRow, rare []rareRow, places map[int]*place) {
	var byPart [dayParts][]uint64
	var toJFK, toLGA []uint64
	var partTotal [dayParts]uint64
	var total, rareTotal uint64
	for _, row := range rows {
		r := route{places[row.pickup], places[row.dropoff]}
		if r.pickup == nil || r.dropoff == nil {
			continue
		}
		switch row.dropoff {
		case zoneJFK:
			c.toJFK, toJFK = append(c.toJFK, r), append(toJFK, row.total())
		case zoneLaGuardia:
			c.toLGA, toLGA = append(c.toLGA, r), append(toLGA, row.total())
		default:
			c.routes = append(c.routes, r)
			for part, n := range row.trips {
				byPart[part] = append(byPart[part], n)
				partTotal[part] += n
			}
			total += row.total()
		}
	}
	for _, r := range rare {
		rareTotal += r.dropoffs
	}
	for part := range byPart {
		c.byPart[part] = newAlias(append(byPart[part], rareTotal*partTotal[part]/total))
	}
	c.toJFKBy, c.toLGABy = newAlias(toJFK), newAlias(toLGA)
}

// route draws a route from the day part's.
func (c *city) route(part int, random, forRare uint64) route {
	i := c.byPart[part].pick(random)
	if i < len(c.routes) {
		return c.routes[i]
	}
	return route{c.rare[c.rareFrom.pick(forRare)], c.rare[c.rareTo.pick(scramble(forRare))]}
}
