package results

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// ID is what a result's id says (contract, "Results"):
// <window_start ms>-<window length ms>-<cell>[-<airport>].
type ID struct {
	Start, End int64
	Cell       string
	Airport    string // "" for pickup_count
}

// ParseID takes an id apart. It reports false for one that is not ours.
func ParseID(id string) (d ID, ok bool) {
	rest, before := strings.CutPrefix(id, "-") // a window before 1970
	first, rest, _ := strings.Cut(rest, "-")
	second, rest, _ := strings.Cut(rest, "-")
	cell, airport, hasAirport := strings.Cut(rest, "-")
	start, err := strconv.ParseInt(first, 10, 64)
	length, err2 := strconv.ParseInt(second, 10, 64)
	if err != nil || err2 != nil || length <= 0 || start < 0 || !isCell(cell) || hasAirport && !isCode(airport) {
		return d, false
	}
	if before {
		start = -start
	}
	return ID{Start: start, End: start + length, Cell: cell, Airport: airport}, true
}

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

// Source is a document read back, as far as its fields were asked for.
type Source struct {
	Cell        string    `json:"cell"`
	PickupCount int64     `json:"pickup_count"`
	Airport     string    `json:"airport_code"`
	TripCount   int64     `json:"trip_count"`
	SumDuration *float64  `json:"sum_trip_duration"` // minutes, as the next two
	MinDuration *float64  `json:"min_trip_duration"`
	MaxDuration *float64  `json:"max_trip_duration"`
	WindowStart time.Time `json:"window_start"`
	Timestamp   time.Time `json:"timestamp"`
	Boundary    struct {
		Coordinates [][][2]float64 `json:"coordinates"`
	} `json:"boundary"`
}

// ReadSource reads any document but its record: a reject's bytes stay where they are.
func ReadSource(source []byte) (s Source, err error) {
	err = json.Unmarshal(source, &s)
	return s, err
}

var errNoBoundary = errors.New("a document without a boundary of one closed ring")

// Ring is the cell's corners, [lon, lat], without the point that closes the boundary.
func (s *Source) Ring() ([][2]float64, error) { return open(s.Boundary.Coordinates) }

func open(rings [][][2]float64) ([][2]float64, error) {
	if len(rings) != 1 || len(rings[0]) < 4 || rings[0][0] != rings[0][len(rings[0])-1] {
		return nil, errNoBoundary
	}
	return rings[0][:len(rings[0])-1], nil
}
