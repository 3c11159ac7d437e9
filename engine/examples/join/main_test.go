package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"taxistream/engine/examples/example"
)

// Ensure that the pairs are those of a loop over every showing and every click.
func TestRun(t *testing.T) {
	var want []string
	shown, clicked := generate(2000)
	for _, s := range shown {
		for _, c := range clicked {
			if after := c.EventTime - s.EventTime; s.Value == c.Value && after >= 0 && after <= 120_000 {
				want = append(want, fmt.Sprintf("%s  ad %2d, person %4d: clicked after %5.1f s", example.Clock(s.EventTime), s.Value.ad, s.Value.person, float64(after)/1000))
			}
		}
	}
	if len(want) < 10 || len(want) == len(clicked) {
		t.Fatalf("%d of %d clicks are to be found: not a test", len(want), len(clicked))
	}
	slices.Sort(want)
	for _, parallelism := range []string{"1", "4"} {
		var stdout, stderr strings.Builder
		code := run([]string{"-parallelism", parallelism}, &stdout, &stderr)
		got := strings.Split(strings.TrimSpace(stdout.String()), "\n")
		slices.Sort(got)
		if code != 0 || !slices.Equal(got, want) {
			t.Errorf("status %d, %s\n%s\nwant\n%s", code, stderr.String(), strings.Join(got, "\n"), strings.Join(want, "\n"))
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
		{[]string{"-h"}, 0, "usage: join"},
		{[]string{"-shown", "-1"}, 2, "-shown must not be negative"},
		{[]string{"-within", "soon"}, 2, "-within"},
		{[]string{"-shown", "0"}, 0, "nothing was found"},
	} {
		var out strings.Builder
		if code := run(c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, %s", c.args, code, out.String())
		}
	}
}
