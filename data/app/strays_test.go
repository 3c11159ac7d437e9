package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/internal/trip"
)

var newYear = time.Date(2019, 1, 1, 5, 0, 0, 0, time.UTC).UnixMilli()

// described is what describe says of trips, given as rows in the order of times
// mixed up, with the number of the row of each.
func describedTimes(t *testing.T, times []int64) string {
	t.Helper()
	c := newTally()
	for i, at := range times {
		one := trip.Trip{Pickup: at - 600_000, Dropoff: at, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.7, DropoffLon: -73.9}
		if err := c.add(&one, place{"x.csv", int64(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	c.write(&out)
	return out.String()
}

// group is n times from a first one on, a second apart.
func group(first int64, n int) (times []int64) {
	for i := range n {
		times = append(times, first+int64(i)*1000)
	}
	return times
}

func TestStrays(t *testing.T) {
	years := func(n int64) int64 { return newYear + n*365*far }
	for _, c := range []struct {
		name  string
		times [][]int64
		want  []string
		not   string
	}{
		{"None", [][]int64{group(newYear, 5)}, []string{"gaps over 24 h   0;", "strays           none"}, "-seek"},
		{"TwoSeasons", [][]int64{group(newYear, 300), group(years(1), 200)}, []string{"gaps over 24 h   1;", "strays           none"}, "-seek"},
		{"OneOfFour", [][]int64{group(newYear, 3), group(years(-10), 1)}, []string{
			"gaps over 24 h   1;", "strays           1 trip in 1 group,", "2009-01-03T05:00:00.000Z: 1 trip, x.csv, data row 4", "without them: -seek 2019-01-01T05:00:00.000Z\n",
		}, "-until"},
		{"BothSides", [][]int64{group(years(65), 2), group(newYear, 60), group(years(-10), 1)}, []string{
			"strays           3 trips in 2 groups,", "2083-12-16T05:00:00.000Z to 2083-12-16T05:00:01.000Z: 2 trips, the first x.csv, data row 1",
			"-seek 2019-01-01T05:00:00.000Z -until 2019-01-01T05:00:59.000Z",
		}, ""},
		{"Between", [][]int64{group(newYear, 400), group(years(1), 1), group(years(2), 400)}, []string{"gaps over 24 h   2;", "strays           1 trip in 1 group,"}, "-seek"},
		{"ADayIsNear", [][]int64{group(newYear, 100), {newYear + 99_000 + far}}, []string{"strays           none"}, ""},
		{"ADayAndAMillisecondIsFar", [][]int64{group(newYear, 100), {newYear + 99_001 + far}}, []string{"strays           1 trip"}, ""},
		{"OnePercentOfMany", [][]int64{group(newYear, 2000), group(years(1), 20)}, []string{"strays           20 trips"}, ""},
		{"MoreThanOnePercent", [][]int64{group(newYear, 2000), group(years(1), 21)}, []string{"strays           none"}, ""},
		{"AroundTheEpoch", [][]int64{group(-far+1000, 100), {far - 1000}}, []string{"gaps over 24 h   1;", "strays           1 trip"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var times []int64
			for _, g := range c.times {
				times = append(times, g...)
			}
			out := describedTimes(t, times)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
			if c.not != "" && strings.Contains(out, c.not+" ") {
				t.Errorf("holds %q:\n%s", c.not, out)
			}
		})
	}
	var many []int64
	for i := range int64(30) {
		many = append(many, newYear-(i+2)*2*far)
	}
	if out := describedTimes(t, append(many, group(newYear, 500)...)); strings.Count(out, ": 1 trip, x.csv") != shownGroups || !strings.Contains(out, "and 10 groups more") {
		t.Errorf("30 groups:\n%s", out)
	}
}

// Ensure reused ids are counted over all sources, whatever the order of the rows.
func TestDescribe_ReusedIDs(t *testing.T) {
	at := func(id, ms int64, amount float64) string {
		one := trip.Trip{ID: id, Pickup: ms - 600_000, Dropoff: ms, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.7, DropoffLon: -73.9, TotalAmount: amount, HasAmount: true}
		if id == 0 {
			one.ID = trip.DeriveID(&one, 0)
		}
		return string(trip.AppendTrip(nil, &one))
	}
	one := filepath.Join(t.TempDir(), "one.json")
	two := filepath.Join(filepath.Dir(one), "two.json")
	rows := at(1, newYear, 5) + at(2, newYear, 5) + // different trips of one window: with those of the other file
		at(3, newYear, 5) + at(3, newYear+600_000, 5) + // of two windows
		at(4, newYear, 5) + at(4, newYear, 5) + // one trip twice
		at(0, newYear, 7) + at(0, newYear, 7) // ids of the values
	for name, text := range map[string]string{one: rows, two: at(2, newYear+599_999, 5) + at(1, newYear, 6) + at(1, newYear, 7)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{one, two}, {two, one}, {filepath.Dir(one)}} {
		var out, errs bytes.Buffer
		if code := Main(t.Context(), append([]string{"describe"}, args...), &out, &errs); code != 0 {
			t.Fatalf("status %d: %s", code, errs.String())
		}
		for _, want := range []string{
			"reused ids       2 among 9 trips with an id of the source", "window of 10m have it\n",
			"  1: trips that end at 2019-01-01T05:00:00.000Z and 2019-01-01T05:00:00.000Z\n", "  2: trips that end at 2019-01-01T05:00:00.000Z and 2019-01-01T05:09:59.999Z\n",
			"repeated trips   1 with the id and all values of another",
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v: lacks %q:\n%s", args, want, out.String())
			}
		}
	}
}

func TestPercent(t *testing.T) {
	for want, c := range map[string][2]int64{"0.00 %": {0, 5}, "< 0.01 %": {3, 354_240}, "0.02 %": {1, 5000}, "> 99.99 %": {999_999, 1_000_000}, "100.00 %": {7, 7}} {
		if got := percent(c[0], c[1]); got != want {
			t.Errorf("%s: %s", fmt.Sprint(c), got)
		}
	}
}
