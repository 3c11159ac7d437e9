//go:build infra && duckdb

package queries

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
)

// tool is a program of the virtual environment that `make test-sql` installs.
func tool(t *testing.T, name string) string {
	t.Helper()
	program, err := filepath.Abs("../../bin/sql/bin/" + name)
	if err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		t.Fatalf("%v: make test-sql installs it", err)
	}
	return program
}

// archive writes events as Firehose does: by the day of their event time, compressed, in objects whose lines
// may be followed by an empty one, some of them twice.
func archive(t *testing.T, events []trip.Event) string {
	t.Helper()
	objects := map[string]*bytes.Buffer{}
	for i := range events {
		line := trip.AppendWatermark(nil, events[i].Watermark)
		at := events[i].Watermark
		if p := &events[i].Trip; events[i].Kind == trip.KindTrip {
			line, at = trip.AppendTrip(nil, p), p.Dropoff
		}
		name := fmt.Sprintf("%s=%s/%d.json.gz", Partition, trip.AppendTime(nil, at)[:10], i%3)
		if objects[name] == nil {
			objects[name] = &bytes.Buffer{}
		}
		objects[name].Write(line)
		if i%5 == 0 {
			objects[name].WriteByte('\n')
		}
		if i%100 == 0 {
			objects[name].Write(line)
		}
	}
	dir := t.TempDir()
	for name, lines := range objects {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(lines.Bytes())
		z.Close()
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// duckdb runs a query of ready/ over an archive.
func duckdb(t *testing.T, dir, query string) (all []map[string]any) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tool(t, "duckdb"), "-bail", "-json",
		"-c", "SET VARIABLE archive = '"+dir+"'", "-c", ".read ready/duckdb.sql", "-c", ".read ready/"+query+".sql").CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", query, err, out)
	}
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%s: %v in %.200s", query, err, out)
	}
	return all
}

// Ensure DuckDB, over the archive as Firehose writes it, gives by Athena's text the documents that the
// pipeline gives, each one, with the same values.
func TestDuckDB(t *testing.T) {
	events := decode(t, localtest.GeneratedDay(t, 30_000))
	documents, _ := oracle(t, events)
	for i := range 100 {
		events = append(events, trip.Event{Kind: trip.KindWatermark, Watermark: events[i*100].Trip.Dropoff - 1})
	}
	dir := archive(t, events)
	for query, index := range map[string]string{"hotspots": "pickup_count", "airport-trips": "trip_duration"} {
		rows := duckdb(t, dir, query)
		want := documents[index]
		if len(rows) < 100 || len(rows) != len(want) {
			t.Errorf("%s: %d rows, %d documents", query, len(rows), len(want))
		}
		for _, row := range rows {
			document := want[row["_id"].(string)]
			for field, value := range row {
				if field == "_id" {
					continue
				}
				if field == "window_start" {
					at, err := time.Parse("2006-01-02 15:04:05-07", value.(string))
					if err != nil {
						t.Fatal(err)
					}
					value = string(trip.AppendTime(nil, at.UnixMilli()))
				}
				if value != document[field] {
					t.Fatalf("%s: %s is %v, want %v", row["_id"], field, value, document[field])
				}
			}
		}
	}
}

// Ensure the hours count each trip once, with its amount.
func TestDuckDB_TripsByHour(t *testing.T) {
	events := decode(t, localtest.GeneratedDay(t, 1_000))
	trips := map[int64]float64{}
	for i := range events {
		trips[events[i].Trip.ID] = events[i].Trip.TotalAmount
	}
	var n, amount float64
	for _, row := range duckdb(t, archive(t, events), "trips-by-hour") {
		n += row["trips"].(float64)
		amount += row["trips"].(float64) * row["avg_amount"].(float64)
	}
	var want float64
	for _, id := range slices.Sorted(maps.Keys(trips)) {
		want += trips[id]
	}
	if int(n) != len(trips) || math.Abs(amount-want) > 1e-6*want {
		t.Errorf("%v trips for %v dollars, want %d for %v", n, amount, len(trips), want)
	}
}

// Ensure the saved queries are Athena's grammar, as a parser of it has it, and read no other table than the
// archive's; and that the parser would say so if not.
func TestAthena_Parses(t *testing.T) {
	const program = `
import sys, sqlglot
from sqlglot import exp
tree, = sqlglot.parse(sys.stdin.read(), read="athena")
made = {c.alias for c in tree.find_all(exp.CTE)}
print(*sorted({t.name for t in tree.find_all(exp.Table)} - made))`
	parse := func(sql string) (string, error) {
		c := exec.CommandContext(t.Context(), tool(t, "python"), "-c", program)
		c.Stdin = strings.NewReader(sql)
		out, err := c.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	for _, q := range All() {
		if tables, err := parse(q.SQL); err != nil || tables != Table {
			t.Errorf("%s reads %s, want %s: %v", q.Name, tables, Table, err)
		}
		if tables, err := parse(strings.Replace(q.SQL, "GROUP BY", "GRUOP BY", 1)); err == nil {
			t.Errorf("%s is parsed with a word that SQL has not: %s", q.Name, tables)
		}
	}
}
