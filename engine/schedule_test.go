package engine_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"taxistream/engine/enginetest"
)

// Ensure, under the driver's simulated schedules, that the same steps print the
// same results in any order of tasks, at any parallelism, killed and restored anywhere.
func TestSchedules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		script := drawScript(rt)
		want := play(rt, script, 1, nil, 0)
		for range 2 {
			random := rand.New(rand.NewSource(rapid.Int64().Draw(rt, "seed")))
			parallelism := rapid.IntRange(1, 5).Draw(rt, "parallelism")
			kill := rapid.IntRange(0, 10).Draw(rt, "kill every")
			got := play(rt, script, parallelism, random.Intn, kill)
			if !slices.Equal(got, want) {
				rt.Fatalf("at parallelism %d, killed every %d steps\n got %v\nwant %v", parallelism, kill, got, want)
			}
		}
	})
}

// drawScript draws steps: "element split key time", "watermark split time", "snapshot".
func drawScript(t *rapid.T) (script []string) {
	now := map[string]int64{"a": 0, "b": 0, "c": 0}
	for range rapid.IntRange(0, 40).Draw(t, "steps") {
		split := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "split")
		switch rapid.IntRange(0, 5).Draw(t, "step") {
		case 0:
			script = append(script, "snapshot")
		case 1, 2:
			now[split] += rapid.Int64Range(0, 9).Draw(t, "by")
			script = append(script, fmt.Sprintf("watermark %s %d", split, now[split]))
		default:
			at := max(0, now[split]+rapid.Int64Range(-5, 20).Draw(t, "ahead"))
			script = append(script, fmt.Sprintf("element %s %d %d", split, rapid.IntRange(0, 3).Draw(t, "key"), at))
		}
	}
	return script
}

// play runs a script and returns the final result of each window and key, and what was late.
func play(t *rapid.T, script []string, parallelism int, pick func(int) int, kill int) []string {
	check := func(err error) {
		if err != nil {
			t.Fatalf("play: %v", err)
		}
	}
	w, err := enginetest.NewWorld(t.Context(), enginetest.Settings{Size: 10, Parallelism: parallelism, Distinct: true, Judge: true}, pick, "a", "b", "c")
	check(err)
	for i, step := range script {
		var what, split string
		var x, y int64
		_, _ = fmt.Sscan(step, &what, &split, &x, &y) // short steps leave the rest
		switch what {
		case "element":
			w.Log.Append(split, enginetest.Event{Key: fmt.Sprint(x)}, y)
		case "watermark":
			w.Log.Watermark(split, x)
		case "snapshot":
			check(w.Snapshot())
		}
		check(w.Run())
		if kill > 0 && i%kill == kill-1 {
			check(w.Restore(t.Context(), 1+i%parallelism))
			check(w.Run())
		}
	}
	check(w.Drain())
	check(w.Close())
	lines := strings.Split(w.Look(), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "duplicate") })
	return slices.Compact(lines)
}
