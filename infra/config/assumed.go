package config

import (
	"errors"
	"fmt"
)

// Assumed is what the estimate of the cost assumes. Nothing that is deployed depends on it.
type Assumed struct {
	ReplayHours float64 `key:"replay-hours" doc:"for the estimate of the cost: hours a day in which trips are replayed"`
	Speedup     float64 `key:"speedup" doc:"for the estimate of the cost: event time over wall-clock time of a replay"`
	Users       int     `key:"users" doc:"for the estimate of the cost: people who log in to the dashboard in a month"`
}

var defaultAssumed = Assumed{ReplayHours: 1, Speedup: 1440, Users: 3}

func (l *Assumed) check() error {
	var bad []error
	if !(l.ReplayHours >= 0 && l.ReplayHours <= 24) {
		bad = append(bad, fmt.Errorf("assume.replay-hours is %v: choose 0 to 24", l.ReplayHours))
	}
	if !(l.Speedup > 0 && l.Speedup <= 100_000) {
		bad = append(bad, fmt.Errorf("assume.speedup is %v: choose more than 0, up to 100000", l.Speedup))
	}
	return errors.Join(append(bad, between("assume.users", l.Users, 0, 1_000_000))...)
}
