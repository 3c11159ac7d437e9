package trips

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/trip"
)

// Ensure times are New York's unless they say otherwise, over both changes of
// the clocks (contract, "Words").
func TestParseClock(t *testing.T) {
	for text, want := range map[string]string{
		"2013-01-01 00:02:03":           "2013-01-01T05:02:03.000Z",
		" 2013-07-01 00:02:03 ":         "2013-07-01T04:02:03.000Z",
		"2013/07/01 00:02:03":           "2013-07-01T04:02:03.000Z",
		"2013-07-01T00:02:03.98765":     "2013-07-01T04:02:03.987Z",
		"2013-07-01t00:02:03,98765":     "2013-07-01T04:02:03.987Z",
		"2013-07-01 00:02":              "2013-07-01T04:02:00.000Z",
		"20130701T000203":               "2013-07-01T04:02:03.000Z",
		"20130701T0002":                 "2013-07-01T04:02:00.000Z",
		"2015-03-08 02:30:00":           "2015-03-08T07:30:00.000Z", // skipped
		"2015-11-01 01:30:00":           "2015-11-01T05:30:00.000Z", // its first reading
		"2015-11-01 02:00:00":           "2015-11-01T07:00:00.000Z",
		"2015-01-15 15:33:26.123456789": "2015-01-15T20:33:26.123Z",

		"7/9/2015 1:24:08 PM":    "2015-07-09T17:24:08.000Z",
		"07/09/2015 01:24:08 am": "2015-07-09T05:24:08.000Z",
		"7/9/2015 12:05 AM":      "2015-07-09T04:05:00.000Z",
		"7/9/2015 12:05PM":       "2015-07-09T16:05:00.000Z",
		"2015-07-09 01:24:08 PM": "2015-07-09T17:24:08.000Z",
	} {
		ms, reason := parseClock([]byte(text))
		if got := string(trip.AppendTime(nil, ms)); reason != "" || got != want {
			t.Errorf("%q: %s, %q; want %s", text, got, reason, want)
		}
	}
	for text, want := range map[string]Reason{
		"": BadTime, "2015-01-15": BadTime, "2015-02-29 00:00:00": BadTime, "2015-01-15 24:00:00": BadTime, "2015-01-15 23:59:60": BadTime,
		"2015-01-15 15:33:26 +5:00": BadTime, "2015-01-15 15:33:26 +24:00": BadTime, "2015-01-15 15:33:26+05:60": BadTime,
		"2015-01-15 15:33:26.": BadTime, "2015-01-15 15:33:26 x": BadTime, "2015-01-15 15:33:26+": BadTime, "2015-01-15 15:33:26+05:": BadTime,
		"0000-01-01T00:00:00+00:01": BadTime, "9999-12-31 23:59:59": BadTime, "2015-13-01 00:00:00": BadTime, "2015-1-15 00:00:00": BadTime,
		"7/9/2015 13:24:08 PM": BadTime, "7/9/2015 0:24 AM": BadTime, "1436448248": BadTime, "1436448248000": BadTime, "infinity": BadTime,
		"7/9/2015 13:24:08": DayOrMonth, "13/9/2015 13:24:08": BadTime,
		"2015-01-15 15:33:26 EST": NamedZone, "2015-01-15T15:33:26EDT": NamedZone, "2015-01-15 15:33:26 America/New_York": NamedZone,
		"2015-01-15T15:33:26[America/New_York]": NamedZone, "2015-01-15 03:33:26 PM EST": NamedZone, "2015-01-15 15:33:26 UTC+5": NamedZone,
	} {
		if _, reason := parseClock([]byte(text)); reason != want {
			t.Errorf("%q: %q, want %q", text, reason, want)
		}
	}
}

// Ensure an offset is read in every spelling of ISO 8601 and PostgreSQL, with
// every form of the time before it.
func TestParseClock_Offsets(t *testing.T) {
	for spelling, offset := range map[string]time.Duration{
		"Z": 0, "z": 0, " UTC": 0, "UTC": 0, " utc": 0, " GMT": 0, " Z": 0, "+00": 0, "-00": 0, "+0000": 0, "+00:00": 0, " +00": 0, " +00:00": 0, "-00:00": 0,
		"-05": -5 * time.Hour, "-0500": -5 * time.Hour, "-05:00": -5 * time.Hour, " -05:00": -5 * time.Hour, " -0500": -5 * time.Hour, "\u221205:00": -5 * time.Hour,
		"+0530": 5*time.Hour + 30*time.Minute, "+05:30:00": 5*time.Hour + 30*time.Minute, "-04:56:02": -4*time.Hour - 56*time.Minute - 2*time.Second,
		"+053015": 5*time.Hour + 30*time.Minute + 15*time.Second, "-04:00[America/New_York]": -4 * time.Hour, "Z[UTC]": 0,
	} {
		for form, at := range map[string]string{
			"2013-01-01 05:02:03": "2013-01-01T05:02:03.000Z", "2013-01-01T05:02:03.5": "2013-01-01T05:02:03.500Z", "2013-01-01t05:02:03,25": "2013-01-01T05:02:03.250Z",
			"20130101T050203": "2013-01-01T05:02:03.000Z", "20130101T050203.5": "2013-01-01T05:02:03.500Z", "20130101T0502": "2013-01-01T05:02:00.000Z",
			"2013/01/01 05:02:03": "2013-01-01T05:02:03.000Z", "2013-01-01T05:02": "2013-01-01T05:02:00.000Z", "1/1/2013 5:02:03 AM": "2013-01-01T05:02:03.000Z",
		} {
			if strings.HasSuffix(form, "AM") && (spelling[0]|0x20 >= 'a') {
				spelling = " " + spelling
			}
			want, err := trip.ParseTime(at)
			if err != nil {
				t.Fatal(err)
			}
			want -= offset.Milliseconds()
			if got, reason := parseClock([]byte(form + spelling)); reason != "" || got != want {
				t.Errorf("%q: %s, %q; want %s", form+spelling, trip.AppendTime(nil, got), reason, trip.AppendTime(nil, want))
			}
		}
	}
}

// Ensure any text is read or refused without a crash, and a time of Go's is read as Go writes it.
func TestParseClock_Any(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9TtZz:+\-/,.\[\] AMPam]{0,30}`).Draw(t, "text")
		if ms, reason := parseClock([]byte(text)); reason == "" && !trip.Writable(ms) {
			t.Fatalf("%q is read as %d", text, ms)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms"))
		zone := time.FixedZone("", 60*rapid.IntRange(-1439, 1439).Draw(t, "minutes"))
		layout := rapid.SampledFrom([]string{"2006-01-02T15:04:05.000Z07:00:00", "20060102T150405.000-070000", "1/2/2006 3:04:05.000 PM -07:00:00"}).Draw(t, "layout")
		text := at.In(zone).Format(layout)
		if ms, reason := parseClock([]byte(text)); reason != "" || ms != at.UnixMilli() {
			t.Fatalf("%q: %d, %q; want %d", text, ms, reason, at.UnixMilli())
		}
	})
}
