package results

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// The fields of the documents. They are spelled here and nowhere else: a test
// fails where another package writes one down.
const (
	FieldCell       = "cell"
	FieldResolution = "resolution"
	FieldLocation   = "location"
	FieldBoundary   = "boundary"

	FieldPickupCount = "pickup_count"

	FieldAirport     = "airport_code"
	FieldTripCount   = "trip_count"
	FieldSumDuration = "sum_trip_duration" // minutes, as the next three
	FieldAvgDuration = "avg_trip_duration"
	FieldMinDuration = "min_trip_duration"
	FieldMaxDuration = "max_trip_duration"

	FieldWindowStart = "window_start"
	FieldWindowEnd   = "window_end"
	FieldTimestamp   = "timestamp"

	FieldReason         = "reason"
	FieldDetail         = "detail"
	FieldRecord         = "record"
	FieldShard          = "shard"
	FieldSequenceNumber = "sequence_number"
	FieldEventTime      = "event_time"
)

// Field is a field of an alias and its mapping type.
type Field struct{ Name, Type string }

// Fields are an alias's, in the order of the contract's table, which is that of
// documents and exports; none for any other name. A field of type object is kept
// and not indexed.
func Fields(alias string) []Field {
	cell := []Field{{FieldCell, "keyword"}, {FieldResolution, "byte"}, {FieldLocation, "geo_point"}, {FieldBoundary, "object"}}
	window := []Field{{FieldWindowStart, "date"}, {FieldWindowEnd, "date"}, {FieldTimestamp, "date"}}
	switch alias {
	case names.PickupCount:
		return slices.Concat(cell, []Field{{FieldPickupCount, "long"}}, window)
	case names.TripDuration:
		return slices.Concat(cell, []Field{
			{FieldAirport, "keyword"},
			{FieldTripCount, "long"},
			{FieldSumDuration, "double"},
			{FieldAvgDuration, "double"},
			{FieldMinDuration, "double"},
			{FieldMaxDuration, "double"},
		}, window)
	case names.TaxiRejects:
		return []Field{
			{FieldReason, "keyword"},
			{FieldDetail, "text"},
			{FieldRecord, "binary"},
			{FieldShard, "keyword"},
			{FieldSequenceNumber, "keyword"},
			{FieldEventTime, "date"},
			{FieldTimestamp, "date"},
		}
	}
	return nil
}

// UniqueSort is an order of an alias's documents that leaves no two equal and
// asks for no field data on _id, which a server may forbid: the fields that the
// id is made of. Rejects have no such fields, so theirs ends with _id.
func UniqueSort(alias string) []opensearch.SortKey {
	switch alias {
	case names.PickupCount:
		return []opensearch.SortKey{{Field: FieldWindowStart}, {Field: FieldWindowEnd}, {Field: FieldCell}}
	case names.TripDuration:
		return []opensearch.SortKey{{Field: FieldWindowStart}, {Field: FieldWindowEnd}, {Field: FieldCell}, {Field: FieldAirport}}
	}
	return []opensearch.SortKey{{Field: FieldTimestamp}, {Field: FieldShard}, {Field: FieldSequenceNumber}, {Field: "_id"}}
}

// Searcher is what WindowEdge asks; *opensearch.Client is one.
type Searcher interface {
	Search(ctx context.Context, q opensearch.SearchRequest) ([]opensearch.Hit, error)
}

// WindowEdge is the first or the last window start in an alias of results, ms; any is
// false where there is no document.
func WindowEdge(ctx context.Context, c Searcher, index string, last bool) (ms int64, any bool, err error) {
	hits, err := c.Search(ctx, opensearch.SearchRequest{
		Index: index, Sort: []opensearch.SortKey{{Field: FieldWindowStart, Desc: last}}, Size: 1, Fields: []string{FieldCell},
	})
	if err != nil || len(hits) == 0 {
		return 0, false, err
	}
	if len(hits[0].Sort) == 0 {
		return 0, false, fmt.Errorf("document %s comes without its sort values", hits[0].ID)
	}
	if ms, err = strconv.ParseInt(string(hits[0].Sort[0]), 10, 64); err != nil {
		return 0, false, fmt.Errorf("document %s has no %s: %w", hits[0].ID, FieldWindowStart, err)
	}
	return ms, true, nil
}
