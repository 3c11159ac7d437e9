package config

import (
	"errors"
	"fmt"
)

// Assumed is what the estimate of the cost assumes. Nothing that is deployed depends on it.
type Assumed struct {
	ReplayHours float64 `key:"replay-hours" doc:"for the estimate of the cost: hours a day in which trips are replayed"`
	Users       int     `key:"users" doc:"for the estimate of the cost: people who log in to the dashboard in a month"`
	Queries     int     `key:"queries" doc:"for the estimate of the cost: Athena queries a month, each as large as archive.scan-limit-gb allows"`
	Taxis       int     `key:"taxis" doc:"for the estimate of the cost: taxis that stay connected and send their trips by MQTT"`
	Deployments int     `key:"deployments" doc:"for the estimate of the cost: runs of the deployment pipeline a month"`
	RoundTrips  bool    `key:"round-trips" doc:"for the estimate of the cost: Firehose rounds each trip up to 5 KB, not each aggregate"`
}

var defaultAssumed = Assumed{ReplayHours: 1, Users: 3, Queries: 10, Taxis: 100, Deployments: 10}

func (a *Assumed) check() error {
	var bad []error
	if !(a.ReplayHours >= 0 && a.ReplayHours <= 24) {
		bad = append(bad, fmt.Errorf("assume.replay-hours is %v: choose 0 to 24", a.ReplayHours))
	}
	return errors.Join(append(bad,
		between("assume.users", a.Users, 0, 1_000_000),
		between("assume.queries", a.Queries, 0, 1_000_000),
		between("assume.taxis", a.Taxis, 0, 1_000_000),
		between("assume.deployments", a.Deployments, 0, 100_000))...)
}
