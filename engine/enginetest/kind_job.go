package enginetest

import (
	"context"
	"time"

	"taxistream/engine"
)

func init() {
	kinds["job"] = kind{about: "a count by tumbling window, perhaps behind a judge of lateness and a filter of duplicates", begin: beginJob}
}

func beginJob(ctx context.Context, s *Step) (running, error) {
	settings := Settings{
		Size: s.Millis("size", 10), Lateness: s.Millis("lateness", 0), Parallelism: int(s.Int("parallelism", 1)),
		Distinct: s.Flag("distinct"), Judge: s.Flag("judge"), Idle: time.Duration(s.Millis("idle", 0)) * time.Millisecond,
		Strategy: strategyOf(s), Drift: s.Millis("drift", 0),
	}
	splits := s.List("splits")
	if len(splits) == 0 {
		splits = []string{"a"}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	w, err := NewWorld(ctx, settings, nil, splits...)
	if err != nil {
		return nil, err
	}
	return &jobCase{w: w, clock: engine.NoWatermark}, nil
}
