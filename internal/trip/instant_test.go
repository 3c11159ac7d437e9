package trip_test

import (
	"testing"

	"taxistream/internal/trip"
)

func TestParseInstant(t *testing.T) {
	for text, want := range map[string]string{
		"2015-01-15T12:30:00Z":      "2015-01-15T12:30:00.000Z",
		"2015-01-15T12:30:00+01:00": "2015-01-15T11:30:00.000Z",
		"2015-01-15 07:30:00":       "2015-01-15T12:30:00.000Z",
		"2015-01-15T07:30:00.25":    "2015-01-15T12:30:00.250Z",
		"2015-01-15 07:30":          "2015-01-15T12:30:00.000Z",
		"2015-07-15":                "2015-07-15T04:00:00.000Z",
		"2015-03-08 02:30:00":       "2015-03-08T07:30:00.000Z",
	} {
		ms, err := trip.ParseInstant(text)
		if err != nil || string(trip.AppendTime(nil, ms)) != want {
			t.Errorf("%q: got %s, %v; want %s", text, trip.AppendTime(nil, ms), err, want)
		}
	}
	for _, text := range []string{"", "now", "2015-13-01", "2015-01-15 07:30:00.x", "2015-01-15T25:00:00Z"} {
		if _, err := trip.ParseInstant(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzParseInstant(f *testing.F) {
	for _, s := range []string{"2015-01-15T12:30:00Z", "2015-01-15 07:30:00", "2015-01-15", "", ".5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ms, err := trip.ParseInstant(s); err == nil && !trip.Writable(ms+86400000) && !trip.Writable(ms-86400000) {
			t.Fatalf("%q: %d ms", s, ms)
		}
	})
}
