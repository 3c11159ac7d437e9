package live

import (
	"bytes"
	"strconv"
	"strings"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// documentID is what a document's id says (contract, "Results"):
// <window_start ms>-<window length ms>-<cell>[-<airport>].
type documentID struct {
	start, end int64
	cell       string
	airport    string // "" for pickup_count
}

// parseID takes an id apart. It reports false for one that is not ours.
func parseID(id string) (d documentID, ok bool) {
	rest, before := strings.CutPrefix(id, "-") // a window before 1970
	first, rest, _ := strings.Cut(rest, "-")
	second, rest, _ := strings.Cut(rest, "-")
	cell, airport, hasAirport := strings.Cut(rest, "-")
	start, err := strconv.ParseInt(first, 10, 64)
	length, err2 := strconv.ParseInt(second, 10, 64)
	if err != nil || err2 != nil || length <= 0 || start < 0 || start > maxTime || length > maxTime || !isCell(cell) {
		return d, false
	}
	if before {
		start = -start
	}
	if hasAirport && !isCode(airport) {
		return d, false
	}
	return documentID{start: start, end: start + length, cell: cell, airport: airport}, true
}

// maxTime is the last instant that a page's clock can show, ms.
const maxTime = 8_640_000_000_000_000

func isCell(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 16
}

func isCode(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return len(s) == 3
}

// sumOf finds sum_trip_duration, in minutes, in a trip_duration document.
func sumOf(source []byte) (float64, bool) {
	const name = `"sum_trip_duration":`
	at := bytes.Index(source, []byte(name))
	if at < 0 {
		return 0, false
	}
	rest := source[at+len(name):]
	end := bytes.IndexAny(rest, ",}")
	if end < 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(string(rest[:end])), 64)
	return f, err == nil
}

// Written takes in a document that the sink has confirmed. It may be called from
// several goroutines, keeps nothing of d and returns at once.
func (s *Server) Written(d opensearch.Document) {
	alias, ours := strings.CutPrefix(d.Index, s.o.Prefix)
	switch {
	case !ours:
	case strings.HasPrefix(alias, names.PickupCount+"-"), strings.HasPrefix(alias, names.TripDuration+"-"):
		s.take(d.ID, d.Version, d.Source)
	case strings.HasPrefix(alias, names.TaxiRejects+"-"):
		s.rejects.written.Add(1)
	}
}

// take puts a result in its place; the greater version wins.
func (s *Server) take(id string, version int64, source []byte) {
	d, ok := parseID(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok || version < 1 {
		s.unreadable++
		return
	}
	if d.airport == "" {
		s.takeHotspot(d, version, source)
	} else {
		s.takeAirport(d, version, source)
	}
}
