package trips_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

const (
	wireTrip  = `{"type":"trip","trip_id":7,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.6,"dropoff_lon":-73.8,"pickup_datetime":"2016-01-05T12:00:00.000Z","dropoff_datetime":"2016-01-05T12:30:00.000Z"}`
	watermark = `{"type":"watermark","watermark":"2016-01-05T12:29:59.999Z"}`
)

// doubtful are lines that the processor takes, or not, of which a trip file's reader thinks otherwise of some.
var doubtful = []string{
	wireTrip,
	watermark,
	strings.Replace(wireTrip, `"type":"trip",`, "", 1),
	strings.Replace(wireTrip, `12:30:00.000Z`, `12:30:00`, 1), // no offset
	strings.Replace(wireTrip, `T12:30:00.000Z`, ` 12:30:00`, 1),
	strings.Replace(wireTrip, `"trip_id":7,`, "", 1),
	strings.Replace(wireTrip, `"trip_id":7`, `"trip_id":"7"`, 1),
	strings.Replace(wireTrip, `40.7`, `"40.7"`, 1),
	strings.Replace(wireTrip, `pickup_lat"`, `Pickup_Latitude"`, 1),
	strings.Replace(wireTrip, `"pickup_lat":40.7,"pickup_lon":-73.9,`, `"PULocationID":132,`, 1),
	strings.Replace(wireTrip, `"pickup_lat":40.7`, `"pickup_latitude":40.7`, 1),
	strings.Replace(wireTrip, `"trip"`, `"bus"`, 1),
	strings.Replace(wireTrip, `"trip"`, `null`, 1),
	strings.Replace(wireTrip, `,`, ",\r", 1),
	wireTrip + wireTrip,
	"\xef\xbb\xbf" + wireTrip,
	`[` + wireTrip + `]`,
	" \t" + wireTrip + "\r",
	"half a li",
	strings.Replace(wireTrip, `40.7,`, `0,`, 1)[:100],
}

// Ensure event lines are read by the processor's own decoder, in the archive and wherever the first line names
// its type, that each line counts or is malformed, and that others are read as a trip file's.
func TestFinder_Events(t *testing.T) {
	var want []trip.Trip
	malformed := int64(0)
	for _, line := range doubtful {
		var e trip.Event
		switch err := trip.Decode([]byte(line), &e); {
		case err != nil:
			malformed++
		case e.Kind == trip.KindTrip:
			want = append(want, e.Trip)
		}
	}
	untyped := slices.Clone(doubtful)
	untyped[0], untyped[2] = untyped[2], untyped[0]
	for name, c := range map[string]struct {
		file   string
		lines  []string
		events bool
		strict bool
		more   int64 // malformed
	}{
		"Typed":         {"a.json", doubtful, true, true, 0},
		"Watermark":     {"a.json", append([]string{watermark, ""}, doubtful...), true, true, 0},
		"Archive":       {"event_date=2016-01-05/a.json", untyped, true, true, 0},
		"ArchiveBroken": {"event_date=2016-01-05/a.json", append([]string{`{`}, doubtful...), true, true, 1},
		"Untyped":       {"a.json", untyped, true, false, 0},
		"NotAsked":      {"event_date=2016-01-05/a.json", doubtful, false, false, 0},
	} {
		path := filepath.Join(t.TempDir(), c.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Join(c.lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		finder := trips.Finder{Events: c.events}
		got, stats := readFound(t, &finder, path)
		bad := int64(0)
		if b := stats.Bad[trips.Malformed]; b != nil {
			bad = b.Count
		}
		if !c.strict {
			if bad > 0 || len(got) <= len(want) {
				t.Errorf("%s: %d trips, %d malformed", name, len(got), bad)
			}
			continue
		}
		if len(got) != len(want) || bad != malformed+c.more {
			t.Errorf("%s: %d trips and %d malformed, want %d and %d", name, len(got), bad, len(want), malformed+c.more)
		}
	}
}

// Ensure a file of the archive in which nothing counts is no error: others hold more.
func TestFinder_EventsAllMalformed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "event_date=2016-01-05")
	if err := os.WriteFile(path, []byte(`{"type":"bus"}`+"\n"+watermark+"\n"+string(bytes.Repeat([]byte("x"), 2<<20))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, stats := readFound(t, &trips.Finder{Events: true}, path)
	if len(got) != 0 || stats.Bad[trips.Malformed].Count != 2 || stats.Skipped != 1 {
		t.Errorf("%d trips, %+v", len(got), stats)
	}
}

func readFound(t *testing.T, finder *trips.Finder, path string) (all []trip.Trip, stats trips.Stats) {
	t.Helper()
	in, err := finder.Find(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := trips.Open(t.Context(), in[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		var one trip.Trip
		switch err := r.Read(&one); {
		case err == io.EOF:
			return all, *r.Stats()
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, one)
	}
}
