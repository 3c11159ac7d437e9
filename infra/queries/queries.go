// Package queries is what the archive promises to those who query it: the
// table of events on S3 and the saved queries over it, in Athena's SQL.
//
// The columns are the fields of the events on the stream, and the queries count
// by the same rules as the processor; both are held against the programs by
// tests. The package imports nothing of the CDK.
package queries

import (
	"embed"
	"fmt"
	"strings"
)

// Table is the name of the archive's table, Partition that of its partition key:
// the UTC day of the event time, as yyyy-MM-dd.
const (
	Table     = "events"
	Partition = "event_date"
)

// EventDate is the jq program by which Firehose finds the partition of a record.
// Trips carry the one time, watermarks the other. A record with neither has no
// date, and goes to the error prefix.
const EventDate = "(.dropoff_datetime // .watermark)[0:10]"

// A Column of the table; Type is Hive's name of it.
type Column struct{ Name, Type, Doc string }

// Columns are the fields of an event, in the order in which they are written.
// Times stay text: from_iso8601_timestamp reads them exactly.
var Columns = []Column{
	{"type", "string", "trip or watermark"},
	{"trip_id", "bigint", "the source's id of the trip, or a hash of its values"},
	{"pickup_lat", "double", "degrees"},
	{"pickup_lon", "double", "degrees"},
	{"dropoff_lat", "double", "degrees"},
	{"dropoff_lon", "double", "degrees"},
	{"total_amount", "double", "dollars; may be absent"},
	{"pickup_datetime", "string", "ISO 8601, UTC, milliseconds"},
	{"dropoff_datetime", "string", "ISO 8601, UTC, milliseconds: the event time of a trip"},
	{"watermark", "string", "ISO 8601, UTC, milliseconds: no later record of its shard has this event time or an earlier one"},
}

// A Query is one of those that the workgroup offers.
type Query struct{ Name, Description, SQL string }

//go:embed *.sql
var files embed.FS

// All lists the saved queries. The first line of a file is its description.
func All() []Query {
	return []Query{
		saved("trips-by-hour", 0, ""),
		saved("hotspots", 9, "slot, pickup_count"),
		saved("airport-trips", 8, "hour, airport, n, total, least, most"),
	}
}

// saved reads a query, and fills it in where it counts by cells of a resolution.
func saved(name string, resolution int, carried string) Query {
	text, err := files.ReadFile(name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("queries: %v", err))
	}
	sql := string(text)
	if resolution > 0 {
		sql = fill(sql, resolution, carried)
	}
	first, _, _ := strings.Cut(sql, "\n")
	return Query{name, strings.TrimPrefix(first, "-- "), sql}
}
