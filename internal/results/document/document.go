// Package document makes the pipeline's documents (contract, "Results") of its results. What can be said of
// documents without H3, which needs a C compiler, is in package results: fields, indexes, templates, reading back.
//
// A Document's bytes are its own; equal results give equal bytes.
package document

import (
	"encoding/base64"
	"strconv"
	"time"

	"taxistream/internal/geo"
	"taxistream/internal/jsonscan"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/trip"
)

func appendFloat(b []byte, f float64) []byte { return strconv.AppendFloat(b, f, 'f', -1, 64) }

func appendInstant(b []byte, ms int64) []byte {
	b = append(b, '"')
	b = trip.AppendTime(b, ms)
	return append(b, '"')
}

// Writer makes documents of results under an index prefix. It is for one
// goroutine.
type Writer struct {
	Prefix string
	shapes shapes
}

// shapes keeps the part of a document that depends on the cell alone, because
// a cell's boundary costs more than the rest, and the one that depends on the
// window alone, because a window's documents come together. It is bounded: a
// full table is emptied, for the city has fewer cells than fit.
type shapes struct {
	known map[geo.Cell]shape
	last  windowText
}

type shape struct{ cell, text string }

const maxShapes = 1 << 16

func (s *shapes) of(c geo.Cell) (shape, error) {
	if known, ok := s.known[c]; ok {
		return known, nil
	}
	lat, lon, err := c.Center()
	if err != nil {
		return shape{}, err
	}
	ring, err := c.Boundary()
	if err != nil {
		return shape{}, err
	}
	made := shape{cell: c.String()}
	b := append([]byte(nil), `{"`+results.FieldCell+`":"`...)
	b = append(b, made.cell...)
	b = append(b, `","`+results.FieldResolution+`":`...)
	b = strconv.AppendInt(b, int64(c.Resolution()), 10)
	b = append(b, `,"`+results.FieldLocation+`":{"lat":`...)
	b = appendFloat(b, lat)
	b = append(b, `,"lon":`...)
	b = appendFloat(b, lon)
	b = append(b, `},"`+results.FieldBoundary+`":{"type":"Polygon","coordinates":[[`...)
	for i, p := range ring {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = appendFloat(b, p[0])
		b = append(b, ',')
		b = appendFloat(b, p[1])
		b = append(b, ']')
	}
	b = append(b, `]]},`...)
	if s.known == nil || len(s.known) >= maxShapes {
		s.known = make(map[geo.Cell]shape)
	}
	made.text = string(b)
	s.known[c] = made
	return made, nil
}

// windowText is what the documents of one window, all of one alias, have in common.
type windowText struct {
	start, end int64
	index      string
	id         string // begins the document's
	text       string // ends it
}

func (s *shapes) window(start, end int64, prefix, alias string) *windowText {
	w := &s.last
	if w.text != "" && w.start == start && w.end == end {
		return w
	}
	b := append([]byte(nil), `,"`+results.FieldWindowStart+`":`...)
	b = appendInstant(b, start)
	b = append(b, `,"`+results.FieldWindowEnd+`":`...)
	b = appendInstant(b, end)
	b = append(b, `,"`+results.FieldTimestamp+`":`...)
	b = appendInstant(b, end-1)
	*w = windowText{
		start: start, end: end,
		index: results.MonthlyIndex(prefix, alias, start),
		id:    strconv.FormatInt(start, 10) + "-" + strconv.FormatInt(end-start, 10) + "-",
		text:  string(append(b, '}')),
	}
	return w
}

// Hotspot is the pickup_count document of one cell and window.
func (w *Writer) Hotspot(h Hotspot) (opensearch.Document, error) {
	shape, err := w.shapes.of(h.Cell)
	if err != nil {
		return opensearch.Document{}, err
	}
	window := w.shapes.window(h.Start, h.End, w.Prefix, names.PickupCount)
	b := append(make([]byte, 0, len(shape.text)+160), shape.text...) // the rest fits into 160 bytes
	b = append(b, `"`+results.FieldPickupCount+`":`...)
	b = strconv.AppendInt(b, h.Count, 10)
	b = append(b, window.text...)
	return opensearch.Document{Index: window.index, ID: window.id + shape.cell, Version: h.Count, Source: b, Value: h}, nil
}

// AirportTrips is the trip_duration document of one cell, airport and window.
func (w *Writer) AirportTrips(a AirportTrips) (opensearch.Document, error) {
	shape, err := w.shapes.of(a.Cell)
	if err != nil {
		return opensearch.Document{}, err
	}
	window := w.shapes.window(a.Start, a.End, w.Prefix, names.TripDuration)
	b := append(make([]byte, 0, len(shape.text)+380), shape.text...) // the rest fits into 380 bytes
	b = append(b, `"`+results.FieldAirport+`":"`...)
	b = append(b, a.Airport.String()...)
	b = append(b, `","`+results.FieldTripCount+`":`...)
	b = strconv.AppendInt(b, a.Count, 10)
	b = append(b, `,"`+results.FieldSumDuration+`":`...)
	b = appendFloat(b, a.Minutes())
	b = append(b, `,"`+results.FieldAvgDuration+`":`...)
	b = appendFloat(b, float64(a.SumMs)/(minute*float64(a.Count)))
	b = append(b, `,"`+results.FieldMinDuration+`":`...)
	b = appendFloat(b, float64(a.MinMs)/minute)
	b = append(b, `,"`+results.FieldMaxDuration+`":`...)
	b = appendFloat(b, float64(a.MaxMs)/minute)
	b = append(b, window.text...)
	return opensearch.Document{Index: window.index, ID: window.id + shape.cell + "-" + a.Airport.String(), Version: a.Count, Source: b, Value: a}, nil
}

// RejectDocument is the taxi_rejects document of one record.
func RejectDocument(prefix string, r Reject) opensearch.Document {
	b := make([]byte, 0, base64.StdEncoding.EncodedLen(len(r.Record))+len(r.Detail)+len(r.Shard)+len(r.Sequence)+224) // all, but for escapes
	b = append(b, `{"`+results.FieldReason+`":"`...)
	b = append(b, r.Reason...)
	b = append(b, `","`+results.FieldDetail+`":`...)
	b = jsonscan.AppendString(b, r.Detail)
	b = append(b, `,"`+results.FieldRecord+`":"`...)
	b = base64.StdEncoding.AppendEncode(b, r.Record)
	b = append(b, `","`+results.FieldShard+`":`...)
	b = jsonscan.AppendString(b, r.Shard)
	b = append(b, `,"`+results.FieldSequenceNumber+`":`...)
	b = jsonscan.AppendString(b, r.Sequence)
	if r.HasEventTime {
		b = append(b, `,"`+results.FieldEventTime+`":`...)
		b = appendInstant(b, r.EventTime)
	}
	b = append(b, `,"`+results.FieldTimestamp+`":`...)
	b = appendInstant(b, r.Arrival)
	b = append(b, '}')
	without := r
	without.Record = nil // it is part of the memory of many records
	return opensearch.Document{
		Index:   results.MonthlyIndex(prefix, names.TaxiRejects, r.Arrival),
		ID:      r.Shard + "-" + r.Sequence + "-" + strconv.Itoa(r.Sub),
		Version: 1,
		Source:  b,
		Value:   without,
	}
}

// UnwritableReject is the reject that stands for a document which OpenSearch
// refused for good. Its timestamp is the document's, so that it lands in the
// month of the document and a repeat lands on itself.
func UnwritableReject(prefix string, d opensearch.Document, detail string, timestamp time.Time) opensearch.Document {
	r := RejectDocument(prefix, Reject{
		Reason: trip.ReasonUnwritable, Detail: detail, Record: d.Source, Arrival: timestamp.UnixMilli(),
	})
	r.ID = d.Index + "-" + d.ID
	return r
}
