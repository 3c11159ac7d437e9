package main

import (
	"fmt"
	"sort"
	"strings"
	"testing"
)

// Ensure that each minute has the words that a map of counts, sorted, has first.
func TestRun(t *testing.T) {
	var want []string
	counts := map[string]int{}
	end := func(minute int64) {
		var all []string
		for w := range counts {
			all = append(all, w)
		}
		sort.Slice(all, func(i, j int) bool {
			return counts[all[i]] > counts[all[j]] || counts[all[i]] == counts[all[j]] && all[i] < all[j]
		})
		line := fmt.Sprintf("09:%02d:00 ", minute)
		for i := range min(3, len(all)) {
			line += fmt.Sprintf(" %d. %-8s %4d ", i+1, all[i], counts[all[i]])
		}
		want = append(want, strings.TrimRight(line, " "))
		clear(counts)
	}
	const n = 20_000 // 50 a second
	for i := range int64(n) {
		counts[mention(i).Value]++
		if i%3000 == 2999 || i == n-1 {
			end(i / 3000)
		}
	}
	for _, parallelism := range []string{"1", "4"} {
		var stdout, stderr strings.Builder
		code := run([]string{"-parallelism", parallelism}, &stdout, &stderr)
		if got := strings.TrimSpace(stdout.String()); code != 0 || got != strings.Join(want, "\n") {
			t.Errorf("status %d, %s\n%s\nwant\n%s", code, stderr.String(), got, strings.Join(want, "\n"))
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
		{[]string{"-h"}, 0, "usage: topk"},
		{[]string{"-k", "0"}, 2, "-k must be at least 1"},
		{[]string{"-mentions", "0"}, 0, "nothing was found"},
	} {
		var out strings.Builder
		if code := run(c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, %s", c.args, code, out.String())
		}
	}
}
