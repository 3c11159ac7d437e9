package results

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"time"
)

// ID is what a result's id says (contract, "Results"):
// <window_start ms>-<window length ms>-<cell>[-<airport>].
type ID struct {
	Start, End int64
	Cell       string
	Airport    string // "" for pickup_count
}

var idForm = regexp.MustCompile(`^(-?\d+)-(\d+)-([0-9a-f]{1,16})(?:-([A-Z]{3}))?$`) // a start before 1970 is negative

// ParseID takes an id apart. It reports false for one that is not ours.
func ParseID(id string) (d ID, ok bool) {
	m := idForm.FindStringSubmatch(id)
	if m == nil {
		return d, false
	}
	start, err := strconv.ParseInt(m[1], 10, 64)
	length, err2 := strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil || length == 0 {
		return d, false
	}
	return ID{Start: start, End: start + length, Cell: m[3], Airport: m[4]}, true
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
func (s *Source) Ring() ([][2]float64, error) {
	rings := s.Boundary.Coordinates
	if len(rings) != 1 || len(rings[0]) < 4 || rings[0][0] != rings[0][len(rings[0])-1] {
		return nil, errNoBoundary
	}
	return rings[0][:len(rings[0])-1], nil
}
