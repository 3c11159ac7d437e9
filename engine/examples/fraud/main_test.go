package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taxistream/engine/examples/example"
)

// Ensure that the alarms are those of a loop over all pairs of payments of a card that follow each other.
func TestRun(t *testing.T) {
	last := map[int64]int{}
	payments := generate(20_000)
	var want strings.Builder
	for i, e := range payments {
		p := e.Value
		if before, ok := last[p.card]; ok && p.amount >= 50_000 {
			b := payments[before]
			if since := e.EventTime - b.EventTime; b.Value.amount <= 100 && since <= 60_000 {
				fmt.Fprintf(&want, "%s  card %4d: $%.2f, %.0f s after a tiny payment\n", example.Clock(e.EventTime), p.card, float64(p.amount)/100, float64(since)/1000)
			}
		}
		last[p.card] = i
	}
	if n := strings.Count(want.String(), "\n"); n < 5 {
		t.Fatalf("only %d alarms are to be found", n)
	}
	for _, parallelism := range []string{"1", "4"} {
		var stdout, stderr strings.Builder
		if code := run([]string{"-parallelism", parallelism}, &stdout, &stderr); code != 0 || stdout.String() != want.String() {
			t.Errorf("status %d, %s\n%s\nwant\n%s", code, stderr.String(), stdout.String(), want.String())
		}
	}
}

// Ensure that a large payment at the end of the time still counts, and one a millisecond later does not.
func TestPattern_Within(t *testing.T) {
	p := pattern{tiny: 100, large: 50_000, within: time.Minute}
	for after, want := range map[int64]int{1: 1, 60_000: 1, 60_001: 0} {
		payments := generate(2)
		payments[0].Value, payments[1].Value = payment{1, 100}, payment{1, 50_000}
		payments[1].EventTime = payments[0].EventTime + after
		alarms, err := p.find(payments, 1)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		alarms.Print(&out)
		if got := strings.Count(out.String(), "card"); got != want {
			t.Errorf("after %d ms: %s", after, out.String())
		}
	}
}

// Ensure that help is help, and that what is wrong is said.
func TestRun_Usage(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "usage: fraud"},
		{[]string{"-tiny", "500"}, 2, "-tiny must be less than -large"},
		{[]string{"-payments", "0"}, 0, "nothing was found"},
	} {
		var out strings.Builder
		if code := run(c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, %s", c.args, code, out.String())
		}
	}
}
