package live

import (
	"math"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/results/document"
)

// maxTime is the last instant that a page's clock can show, ms.
const maxTime = 8_640_000_000_000_000

// Written takes in a document that the sink has confirmed, by the result that it
// was made of. It may be called from several goroutines, keeps nothing of d and
// returns at once.
func (s *Server) Written(d opensearch.Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r := d.Value.(type) {
	case document.Hotspot:
		s.takeHotspot(results.ID{Start: r.Start, End: r.End, Cell: r.Cell.String()}, r.Count, r.Ring)
	case document.AirportTrips:
		id := results.ID{Start: r.Start, End: r.End, Cell: r.Cell.String(), Airport: r.Airport.String()}
		s.takeAirport(id, rides{trips: r.Count, sum: r.SumMs, min: r.MinMs, max: r.MaxMs})
	case document.Reject:
		s.rejects.written.Add(1)
	}
}

// take puts a result that was read from the store in its place; the greater version wins.
func (s *Server) take(h opensearch.Hit) {
	id, ok := results.ParseID(h.ID)
	var source results.Source
	if ok && len(h.Source) > 0 {
		var err error
		source, err = results.ReadSource(h.Source)
		ok = err == nil
	}
	var r rides
	if ok && id.Airport != "" {
		r, ok = ridesOf(h.Version, &source)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !ok || h.Version < 1:
		s.unreadable++
	case id.Airport == "":
		s.takeHotspot(id, h.Version, source.Ring)
	default:
		s.takeAirport(id, r)
	}
}

// ridesOf reads the durations of a document, which are whole milliseconds in minutes.
func ridesOf(trips int64, s *results.Source) (r rides, ok bool) {
	r.trips = trips
	for _, field := range []struct {
		minutes *float64
		into    *int64
	}{{s.SumDuration, &r.sum}, {s.MinDuration, &r.min}, {s.MaxDuration, &r.max}} {
		if field.minutes == nil || !(*field.minutes >= 0 && *field.minutes <= maxTime/msMinute) {
			return r, false
		}
		*field.into = int64(math.Round(*field.minutes * msMinute))
	}
	return r, true
}
