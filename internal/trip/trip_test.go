package trip

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Ensure the fast clock and the slow one agree, and both with package time.
func TestTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(minWritable, maxWritable).Draw(t, "ms")
		text := string(AppendTime(nil, ms))
		if want := time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"); text != want {
			t.Fatalf("%d: got %s, want %s", ms, text, want)
		}
		fast, ok := fastTime(text)
		slow, err := slowTime(text)
		if !ok || err != nil || fast != ms || slow != ms {
			t.Fatalf("%s: fast %d %v, slow %d %v, want %d", text, fast, ok, slow, err, ms)
		}
	})
	for text, want := range map[string]int64{
		"2013-01-01T00:02:03-05:00":   1357016523000,
		"2013-01-01T05:02:03.9999Z":   1357016523999,
		"1969-12-31T23:59:59.999Z":    -1,
		"2013-01-01T10:32:03.5+05:30": 1357016523500,
		"2016-02-29T00:00:00Z":        1456704000000,
	} {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "2013-01-01", "2013-01-01T05:02:03", "2013-01-01t05:02:03z", "2013-13-01T00:00:00Z", "2015-02-29T00:00:00Z", "2013-01-01T05:02:03+24:00", "0000-01-01T00:00:00+01:00", "2013-01-01T05:02:03.Z", "2013/01/01T05:02:03Z"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

// Ensure the city's clock is read as the contract says, on every hour of the files' years.
func TestNewYork(t *testing.T) {
	for _, c := range []struct {
		clock [7]int
		want  string
	}{
		{[7]int{2015, 3, 8, 2, 30, 0, 0}, "2015-03-08T07:30:00.000Z"},
		{[7]int{2015, 3, 8, 1, 59, 59, 999}, "2015-03-08T06:59:59.999Z"},
		{[7]int{2015, 3, 8, 3, 0, 0, 0}, "2015-03-08T07:00:00.000Z"},
		{[7]int{2015, 11, 1, 1, 30, 0, 0}, "2015-11-01T05:30:00.000Z"},
		{[7]int{2015, 11, 1, 2, 0, 0, 0}, "2015-11-01T07:00:00.000Z"},
		{[7]int{1999, 12, 31, 23, 0, 0, 0}, "2000-01-01T04:00:00.000Z"},
	} {
		ms := NewYork(c.clock[0], c.clock[1], c.clock[2], c.clock[3], c.clock[4], c.clock[5], c.clock[6])
		if got := string(AppendTime(nil, ms)); got != c.want {
			t.Errorf("%v: got %s, want %s", c.clock, got, c.want)
		}
	}
	for at := time.Date(2009, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2027; at = at.Add(time.Hour) {
		wall := at.In(NewYorkZone())
		got := NewYork(wall.Year(), int(wall.Month()), wall.Day(), wall.Hour(), 30, 0, 0)
		first := at.UnixMilli()
		if before := at.Add(-time.Hour).In(NewYorkZone()); before.Hour() == wall.Hour() {
			first -= 3_600_000 // the hour that the clock shows twice
		}
		if got != first {
			t.Fatalf("%v: got %d, want %d", wall, got, first)
		}
	}
}

// Ensure the table of the clock's offsets gives what the zone gives, at its edges and beyond too.
func TestNewYorkTable(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, wall int64) {
		if got, want := NewYorkClock(wall), newYorkSlow(wall); got != want {
			t.Fatalf("clock %s: got %d, want %d", time.Unix(wall, 0).UTC().Format(time.DateTime), got, want)
		}
	}
	for _, day := range []int64{firstTabled, firstTabled + tabledDays} {
		for wall := (day - 1) * 86400; wall < (day+1)*86400; wall += 1800 {
			check(t, wall)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.OneOf(rapid.Int64Range(0, 2.5e9), rapid.Int64Range(minWritable/1000, maxWritable/1000)).Draw(t, "wall"))
	})
}

// FuzzParseTime holds the fast reading of times against the slow one.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2013-01-01T05:02:03.000Z", "2013-01-01T05:02:03Z", "2013-01-01T00:02:03.123456-05:00", "0000-02-29T23:59:59Z",
		"2013/01/01T05:02:03Z", "2013-01-01 05:02:03Z", "1900-02-29T00:00:00Z", "2013-01-01T24:00:00Z", "2016-12-31T23:59:60Z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fast, ok := fastTime(text)
		slow, err := slowTime(text)
		if ok && (err != nil || fast != slow) {
			t.Fatalf("%q: fast %d, slow %d, %v", text, fast, slow, err)
		}
		if err == nil && !Writable(slow) {
			t.Fatalf("%q: %d cannot be written again", text, slow)
		}
	})
}

// Ids outlive the program: these values never change.
func TestDeriveIDGolden(t *testing.T) {
	trip := Trip{PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8, Pickup: 1357016523000, Dropoff: 1357018800000}
	withAmount := trip
	withAmount.HasAmount = true
	for _, c := range []struct {
		got, want int64
	}{
		{DeriveID(&trip, 0), 8853703672386852039},
		{DeriveID(&trip, 1), 7152853311931752374},
		{DeriveID(&withAmount, 0), 4753821441816399633},
		{ShiftID(4711, 86_400_000), 8132631764350425709},
		{ShiftID(4711, 0), 4711},
	} {
		if c.got != c.want {
			t.Errorf("got %d, want %d", c.got, c.want)
		}
	}
	trip.ID = 99
	if a, b := DeriveID(&trip, 0), DeriveID(&withAmount, 0); a == b {
		t.Error("an absent amount and zero dollars give one id")
	}
}

// Ensure ids are positive and do not meet among a quarter of a million of small differences.
func TestDeriveIDSpread(t *testing.T) {
	seen := make(map[int64]bool, 1<<18)
	trip := Trip{PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8}
	for i := range int64(1 << 18) {
		trip.Dropoff = i * 1000
		id := DeriveID(&trip, uint64(i&1))
		if id <= 0 || seen[id] {
			t.Fatalf("id %d for %d", id, i)
		}
		seen[id] = true
	}
}
