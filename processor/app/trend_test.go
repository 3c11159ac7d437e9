package app

import (
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/internal/opensearch"
)

// Ensure what grows over a whole span is told from what is high, shakes or shrinks.
func TestTrends(t *testing.T) {
	second := func(i int) time.Duration { return time.Duration(i) * time.Second }
	for name, c := range map[string]struct {
		looks int
		of    func(i int) look
		want  trend
	}{
		"Still":         {20, func(int) look { return look{lag: time.Minute, delay: 5, newest: 9} }, trend{}},
		"TooShort":      {9, func(i int) look { return look{lag: second(10 + i)} }, trend{}},
		"LagGrows":      {20, func(i int) look { return look{lag: second(10 + i)} }, trend{lag: true}},
		"LagGrowsSlow":  {5, func(i int) look { return look{lag: second(10 + i), at: time.UnixMilli(0).Add(second(4 * i))} }, trend{lag: true}},
		"LagIsSmall":    {20, func(i int) look { return look{lag: second(i) / 10} }, trend{}},
		"LagShakes":     {20, func(i int) look { return look{lag: second(20 + i + 9*(i%2))} }, trend{}},
		"LagHolds":      {40, func(i int) look { return look{lag: second(10 + min(i, 20))} }, trend{lag: true}},
		"LagShrinks":    {60, func(i int) look { return look{lag: second(60 - max(i-20, 20-i))} }, trend{eases: true}},
		"LagEases":      {20, func(i int) look { return look{lag: second(60 - i)} }, trend{eases: true}},
		"DelayGrows":    {20, func(i int) look { return look{delay: int64(i) * 60, newest: int64(i) * 60} }, trend{delay: true}},
		"DelayIsJitter": {20, func(i int) look { return look{delay: int64(i), newest: int64(i) * 60} }, trend{}},
		"DelayNotKnown": {20, func(i int) look { return look{delay: int64(i), newest: engine.NoWatermark} }, trend{}},
		"DelayHolds":    {40, func(i int) look { return look{delay: int64(min(i, 15)) * 60, newest: int64(min(i, 15)) * 60} }, trend{}},
		"OfABacklog":    {20, func(i int) look { return look{lag: time.Minute, delay: int64(i) * 60, newest: int64(i) * 60} }, trend{}},
		"Late":          {20, func(i int) look { return look{late: second(i)} }, trend{late: true}},
		"LateNoMore":    {20, func(int) look { return look{late: time.Minute} }, trend{}},
		"Refused":       {20, func(i int) look { return look{refused: int64(i)} }, trend{refused: 10}},
	} {
		t.Run(name, func(t *testing.T) {
			var all trends
			var got trend
			for i := range c.looks {
				l := c.of(i)
				if l.at.IsZero() {
					l.at = time.UnixMilli(0).Add(second(i))
				}
				got = all.note(l)
				l.at = l.at.Add(lookEvery / 2) // others ask, too
				all.note(l)
			}
			if got.lag != c.want.lag || got.delay != c.want.delay || got.late != c.want.late || got.eases != c.want.eases || got.refused != c.want.refused {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if len(all.looks) > 11 {
				t.Errorf("%d looks are kept", len(all.looks))
			}
		})
	}
}

// Ensure shares are means of the span, and retries its own.
func TestTrends_Means(t *testing.T) {
	var all trends
	var got trend
	for i := range 30 {
		l := look{
			at: time.UnixMilli(0).Add(time.Duration(i) * time.Second), retries: map[opensearch.RetryReason]int64{opensearch.RetryTimeout: int64(2 * i)},
			tasks: []task{{name: "a", busy: float64(i % 2), backpressured: 1}},
		}
		got = all.note(l)
	}
	if a := got.tasks[0]; a.busy < 0.4 || a.busy > 0.6 || a.backpressured < 0.99 {
		t.Errorf("got %+v", a)
	}
	if n := got.retries[opensearch.RetryTimeout]; n != 20 {
		t.Errorf("%d retries in the span, want 20", n)
	}
}
