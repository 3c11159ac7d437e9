package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/engine/examples/example"
)

func printed(t *testing.T, args ...string) []string {
	t.Helper()
	var stdout, stderr strings.Builder
	if code := run(args, &stdout, &stderr); code != 0 {
		t.Fatalf("%v: status %d, %s", args, code, stderr.String())
	}
	return strings.Split(strings.TrimSpace(stdout.String()), "\n")
}

// Ensure that the visits are those that sorting all clicks of a visitor and cutting them at the gaps gives.
func TestRun_Generated(t *testing.T) {
	for _, gap := range []time.Duration{30 * time.Second, 5 * time.Minute, time.Hour} {
		times := map[string][]int64{}
		for _, c := range generate(12, 60) {
			times[c.Value.visitor] = append(times[c.Value.visitor], c.EventTime)
		}
		var want []string
		for visitor, at := range times {
			slices.Sort(at)
			first := 0
			for i := range at {
				if i+1 == len(at) || at[i+1]-at[i] > gap.Milliseconds() {
					want = append(want, fmt.Sprintf("%s - %s  %-9s clicks: %d", example.Clock(at[first]), example.Clock(at[i]), visitor, i+1-first))
					first = i + 1
				}
			}
		}
		for _, parallelism := range []string{"1", "3"} {
			got := printed(t, "-gap", gap.String(), "-parallelism", parallelism)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("gap %v: %d visits, want %d\n%s", gap, len(got), len(want), strings.Join(got, "\n"))
			}
		}
	}
}

// Ensure that a click between two visits makes one of them, and that one which comes too late is told. With one subtask:
// what is too late depends on how far the clock has come in the subtask, and so on others that it hears of it from.
func TestRun_File(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clicks")
	text := strings.Repeat("2026-03-02T09:31:00Z cat /often\n", 1000) // more than what is read at once
	text = `2026-03-02T09:00:00Z ann /a
2026-03-02T09:09:00Z ann /b
2026-03-02T09:08:30Z bob /a

2026-03-02T09:04:30Z ann /late
2026-03-02T09:30:00Z bob /b
` + text + "2026-03-02T09:00:00Z ann /too-late\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(printed(t, "-file", file, "-gap", "5m", "-parallelism", "1"), "\n")
	want := `                    ann too late: /too-late
09:08:30 - 09:08:30  bob       clicks: 1
09:00:00 - 09:09:00  ann       clicks: 3
09:30:00 - 09:30:00  bob       clicks: 1
09:31:00 - 09:31:00  cat       clicks: 1000`
	if got != strings.TrimSpace(want) {
		t.Errorf("got\n%s", got)
	}
}

// Ensure that help is help, and that what is wrong is said with its line.
func TestRun_Usage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clicks")
	if err := os.WriteFile(file, []byte("2026-03-02T09:00:00Z ann /a\nyesterday ann /b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "usage: sessions"},
		{[]string{"-gap", "0"}, 2, "-gap"},
		{[]string{"-file", file}, 1, "line 2"},
	} {
		var out strings.Builder
		if code := run(c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, %s", c.args, code, out.String())
		}
	}
}
