//go:build infra

package queries

import (
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"taxistream/internal/trip"
)

// The queries run in SQLite, with Athena's functions added: what they share of
// SQL means the same in both, and what differs (types of times, JSON, partitions)
// is in these functions and in the table.
var register = sync.OnceFunc(func() {
	instant := func(text string) (float64, error) {
		ms, err := trip.ParseTime(text)
		return float64(ms) / 1000, err
	}
	stamp := func(seconds float64) string {
		return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC().Format("2006-01-02T15:04:05.000Z")
	}
	functions := map[string]any{
		"from_iso8601_timestamp": instant,
		"to_unixtime":            func(seconds float64) float64 { return seconds },
		"from_unixtime":          func(seconds any) string { return stamp(number(seconds)) },
		"radians":                func(x float64) float64 { return x * math.Pi / 180 },
		"sin":                    math.Sin,
		"cos":                    math.Cos,
		"floor":                  func(x any) float64 { return math.Floor(number(x)) },
		"to_base":                func(n int64, base int) string { return strconv.FormatInt(n, base) },
	}
	sql.Register("athena", &sqlite3.SQLiteDriver{ConnectHook: func(conn *sqlite3.SQLiteConn) error {
		for name, f := range functions {
			if err := conn.RegisterFunc(name, f, true); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}})
})

func number(v any) float64 {
	if n, whole := v.(int64); whole {
		return float64(n)
	}
	return v.(float64)
}

// table is a database with the events, as Athena finds them.
func table(t *testing.T, events []trip.Event) *sql.DB {
	t.Helper()
	register()
	db, err := sql.Open("athena", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	types := map[string]string{"string": "TEXT", "bigint": "INTEGER", "double": "REAL"}
	var columns []string
	for _, c := range Columns {
		columns = append(columns, c.Name+" "+types[c.Type])
	}
	if _, err := db.Exec("CREATE TABLE " + Table + " (" + strings.Join(columns, ", ") + ", " + Partition + " TEXT)"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		insert(t, tx, &events[i])
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return db
}

func insert(t *testing.T, tx *sql.Tx, ev *trip.Event) {
	t.Helper()
	at := func(ms int64) string { return string(trip.AppendTime(nil, ms)) }
	values := []any{"watermark", nil, nil, nil, nil, nil, nil, nil, nil, at(ev.Watermark), at(ev.Watermark)[:10]}
	if p := &ev.Trip; ev.Kind == trip.KindTrip {
		var amount any
		if p.HasAmount {
			amount = p.TotalAmount
		}
		values = []any{"trip", p.ID, p.PickupLat, p.PickupLon, p.DropoffLat, p.DropoffLon, amount, at(p.Pickup), at(p.Dropoff), nil, at(p.Dropoff)[:10]}
	}
	if _, err := tx.Exec("INSERT INTO "+Table+" VALUES (?"+strings.Repeat(", ?", len(values)-1)+")", values...); err != nil {
		t.Fatal(err)
	}
}

// rows runs a saved query and gives its rows by column.
func rows(t *testing.T, db *sql.DB, name string) []map[string]any {
	t.Helper()
	for _, q := range All() {
		if q.Name != name {
			continue
		}
		// SQLite would write each level out into the next, which doubles at each.
		found, err := db.Query(strings.ReplaceAll(q.SQL, " AS (SELECT ", " AS MATERIALIZED (SELECT "))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer found.Close()
		columns, _ := found.Columns()
		var all []map[string]any
		for found.Next() {
			values := make([]any, len(columns))
			places := make([]any, len(columns))
			for i := range values {
				places[i] = &values[i]
			}
			if err := found.Scan(places...); err != nil {
				t.Fatal(err)
			}
			row := map[string]any{}
			for i, c := range columns {
				row[c] = values[i]
			}
			all = append(all, row)
		}
		if err := found.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return all
	}
	t.Fatalf("no query %s", name)
	return nil
}
