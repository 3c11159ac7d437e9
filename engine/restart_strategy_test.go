package engine

import (
	"testing"
	"time"
)

// Ensure what each strategy makes of a history of failures.
func TestRestartStrategies(t *testing.T) {
	at := func(seconds ...int) (times []time.Time) {
		for _, s := range seconds {
			times = append(times, time.Unix(int64(s), 0))
		}
		return times
	}
	exponential := ExponentialDelay{Initial: time.Second, Max: 5 * time.Second, Reset: time.Minute}
	rate := FailureRate{Failures: 2, Interval: 10 * time.Second, Delay: time.Second}
	tests := []struct {
		name            string
		s               RestartStrategy
		failures, begun []time.Time
		delay           time.Duration
		again           bool
	}{
		{"none", NoRestart{}, at(1), at(0), 0, false},
		{"fixed, the last", FixedDelay{Attempts: 2, Delay: time.Second}, at(1, 2), at(0, 1), time.Second, true},
		{"fixed, one too many", FixedDelay{Attempts: 2, Delay: time.Second}, at(1, 2, 3), at(0, 1, 2), time.Second, false},
		{"exponential, the first", exponential, at(1), at(0), time.Second, true},
		{"exponential, the third in a row", exponential, at(1, 2, 3), at(0, 1, 2), 4 * time.Second, true},
		{"exponential, at its greatest", exponential, at(1, 2, 3, 4, 5), at(0, 1, 2, 3, 4), 5 * time.Second, true},
		{"exponential, after a long run", exponential, at(1, 2, 100), at(0, 1, 2), time.Second, true},
		{"exponential, given up", ExponentialDelay{Initial: 1, Max: 1, Attempts: 1, Reset: time.Minute}, at(1, 2), at(0, 1), 1, false},
		{"rate, at its limit", rate, at(0, 95, 100), at(0, 0, 95), time.Second, true},
		{"rate, above it", rate, at(92, 95, 100), at(0, 92, 95), time.Second, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if delay, again := test.s.next(test.failures, test.begun); again != test.again || again && delay != test.delay {
				t.Errorf("%v, %v; want %v, %v", delay, again, test.delay, test.again)
			}
		})
	}
}
