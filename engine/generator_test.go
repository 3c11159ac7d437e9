package engine_test

import (
	"testing"
	"time"

	"taxistream/engine"
)

// Ensure what the stock strategies make of a sequence of event times.
func TestStrategies(t *testing.T) {
	const none = engine.NoWatermark
	tests := []struct {
		name     string
		strategy engine.WatermarkStrategy[int]
		from     int64
		want     []int64 // after 100, 95, 120
	}{
		{"bounded", engine.BoundedOutOfOrderness[int](10 * time.Millisecond), none, []int64{89, 89, 109}},
		{"bounded after a restart", engine.BoundedOutOfOrderness[int](10 * time.Millisecond), 100, []int64{100, 100, 109}},
		{"monotonous", engine.Monotonous[int](), none, []int64{99, 99, 119}},
		{"none", engine.NoWatermarks[int](), none, []int64{none, none, none}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := test.strategy(engine.Split{ID: "a", Watermark: test.from})
			current := test.from
			for i, at := range []int64{100, 95, 120} {
				w, keep := g.OnElement(&engine.Element[int]{EventTime: at}, current)
				if w != test.want[i] || !keep {
					t.Errorf("after %d: %d, %v; want %d", at, w, keep, test.want[i])
				}
				current = w
				if tick := g.OnTick(time.Unix(0, 0), current); tick != current {
					t.Errorf("a tick moves it to %d", tick)
				}
			}
		})
	}
}
