package shards

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// PerDay is how often Kinesis lets a stream's number of shards be changed in 24
// hours (API reference, UpdateShardCount).
const PerDay = 10

// Settings are the function's environment.
type Settings struct {
	Stream          string
	Up, Down        string // names of the alarms
	Least, Greatest int    // shards
	Cooldown        time.Duration
}

// FromEnvironment reads STREAM, UP_ALARM, DOWN_ALARM, LEAST, GREATEST and
// COOLDOWN (a duration such as 10m); all are needed.
func FromEnvironment(getenv func(string) string) (Settings, error) {
	var errs []error
	text := func(name string) string {
		value := getenv(name)
		if value == "" {
			errs = append(errs, fmt.Errorf("environment: %s is not set", name))
		}
		return value
	}
	number := func(name string) int {
		n, err := strconv.Atoi(text(name))
		if err != nil || n < 1 {
			errs = append(errs, fmt.Errorf("environment: %s is no number of shards", name))
		}
		return n
	}
	s := Settings{
		Stream: text("STREAM"), Up: text("UP_ALARM"), Down: text("DOWN_ALARM"),
		Least: number("LEAST"), Greatest: number("GREATEST"),
	}
	var err error
	if s.Cooldown, err = time.ParseDuration(text("COOLDOWN")); err != nil || s.Cooldown < 0 {
		errs = append(errs, fmt.Errorf("environment: COOLDOWN is no duration such as 10m"))
	}
	if len(errs) == 0 && s.Least > s.Greatest {
		errs = append(errs, fmt.Errorf("environment: LEAST is %d, more than GREATEST, %d", s.Least, s.Greatest))
	}
	return s, errors.Join(errs...)
}

// target is twice the shards or half of them, rounded up, within the limits. A
// stream beyond a limit is brought to it as fast as Kinesis allows.
func (s *Settings) target(have int, up bool) int {
	if up {
		return max(have, min(2*have, s.Greatest))
	}
	return min(have, max((have+1)/2, s.Least))
}

// refuses gives the reason why the number of shards may not change now, or "".
func (s *Settings) refuses(past []time.Time, now time.Time) string {
	recent := 0
	for _, at := range past {
		if now.Sub(at) < s.Cooldown {
			return fmt.Sprintf("changed at %s, less than %v ago", at.Format(time.RFC3339), s.Cooldown)
		}
		if now.Sub(at) < 24*time.Hour {
			recent++
		}
	}
	if recent >= PerDay {
		return fmt.Sprintf("changed %d times in the last 24 hours, the limit of Kinesis", recent)
	}
	return ""
}
