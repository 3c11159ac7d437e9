package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/internal/geo"
)

// Ensure that the crowd is found, and nothing else on days like others.
func TestRun(t *testing.T) {
	var stdout, stderr strings.Builder
	code := run([]string{"-trips", "60000", "-crowd", "200"}, &stdout, &stderr)
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if code != 0 || len(lines) != 2 || !strings.HasPrefix(lines[0], "2016-01-07 22:30") || !strings.Contains(lines[0], "Madison Sq") {
		t.Errorf("status %d, %s\n%s", code, stderr.String(), stdout.String())
	}
}

// Ensure that the alarms are those of counting all pickups first and looking back from each window, with limits
// so low that there are many.
func TestFind(t *testing.T) {
	pickups, err := load(nil, "generate:2016-01-05/3", 20_000, 100, 8)
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		cell   geo.Cell
		window int64
	}
	counts := map[place]int64{}
	for _, p := range pickups {
		counts[place{p.Value, p.EventTime / 600_000}]++
	}
	o := options{least: 5, factor: 2}
	begin := pickups[0].EventTime
	var want []string
	for at, n := range counts {
		day := (at.window*600_000 - begin) / 86_400_000
		var sum float64
		for w := at.window/6*6 - day*144 - 144; w < at.window; w++ {
			if w%144/6 == at.window%144/6 && (w*600_000-begin)/86_400_000 < day {
				sum += float64(counts[place{at.cell, w}])
			}
		}
		usual := max(1, sum/float64(6*day))
		if day > 0 && n >= o.least && float64(n) >= o.factor*usual {
			want = append(want, fmt.Sprintf("%v %d: %d of %.3f", at.cell, at.window, n, usual))
		}
	}
	slices.Sort(want)
	for _, parallelism := range []int{1, 3} {
		alarms, err := o.find(pickups, parallelism)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range alarms {
			got = append(got, fmt.Sprintf("%v %d: %d of %.3f", a.cell, a.start/600_000, a.count, a.usual))
		}
		slices.Sort(got)
		if len(want) < 20 || !slices.Equal(got, want) {
			t.Errorf("%d alarms, want %d\n%s\nwant\n%s", len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// Ensure that files are read, that help is help, and that what is wrong is said.
func TestRun_Usage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trips.csv")
	text := "tpep_pickup_datetime,tpep_dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount\n"
	for i := range 40 {
		text += fmt.Sprintf("2015-01-15 19:%02d:10,2015-01-15 19:%02d:50,-73.99,40.75,-73.98,40.76,9.5\n", i, i)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "usage: demand"},
		{[]string{file}, 0, "40 pickups, 0 windows"},
		{[]string{"-source", "trips.csv"}, 1, "named without -source"},
		{[]string{"-factor", "0"}, 2, "-factor must be positive"},
		{[]string{"no-such-file"}, 1, "no-such-file"},
	} {
		var out strings.Builder
		if code := run(c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, %s", c.args, code, out.String())
		}
	}
}
