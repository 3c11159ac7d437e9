package app

import (
	"math"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/internal/names"
	"taxistream/internal/telemetry"
)

// Ensure the watermark counts as stalled from when it was first seen as it is,
// and not at all at the end of event time.
func TestRise(t *testing.T) {
	begin := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	var r rise
	for _, step := range []struct {
		name      string
		after     time.Duration
		watermark int64
		want      time.Duration
	}{
		{"FirstLook", 0, engine.NoWatermark, 0},
		{"NoWatermarkYet", time.Minute, engine.NoWatermark, time.Minute},
		{"Rises", 2 * time.Minute, 1000, 0},
		{"Stands", 3 * time.Minute, 1000, time.Minute},
		{"StillStands", 5 * time.Minute, 1000, 3 * time.Minute},
		{"RisesAgain", 6 * time.Minute, 2000, 0},
		{"End", 7 * time.Minute, engine.MaxWatermark, 0},
		{"StillEnd", 9 * time.Minute, engine.MaxWatermark, 0},
	} {
		if got := r.stalled(begin.Add(step.after), step.watermark); got != step.want {
			t.Errorf("%s: got %v, want %v", step.name, got, step.want)
		}
	}
}

// Ensure what is told of progress is told of a running job only, and the spread
// only where watermarks are known.
func TestProgressMetrics(t *testing.T) {
	begin := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	p := &Processor{now: func() time.Time { return begin.Add(time.Minute) }}
	reading := func(w int64) engine.SplitStatus {
		return engine.SplitStatus{State: engine.SplitReading, Watermark: w}
	}
	unsaved := func(since time.Duration) engine.CheckpointStatus {
		return engine.CheckpointStatus{LastTime: begin.Add(-time.Hour), Unsaved: begin.Add(since)}
	}
	const absent = math.MaxFloat64
	for _, test := range []struct {
		name        string
		s           engine.Snapshot
		age, spread float64
	}{
		{"NotRunning", engine.Snapshot{State: engine.JobCreated, Watermark: 5}, absent, absent},
		{"NoWatermark", engine.Snapshot{State: engine.JobRunning, Watermark: engine.NoWatermark, Checkpoints: unsaved(0), Splits: []engine.SplitStatus{reading(7)}}, 60, absent},
		{"Drained", engine.Snapshot{State: engine.JobRunning, Watermark: engine.MaxWatermark, Checkpoints: unsaved(0)}, 60, absent},
		{"Spread", engine.Snapshot{State: engine.JobRunning, Watermark: 5, Checkpoints: unsaved(0), Splits: []engine.SplitStatus{reading(5), reading(engine.NoWatermark), reading(8), {State: engine.SplitEnded, Watermark: 20}}}, 60, 0.003},
		{"Year9999", engine.Snapshot{State: engine.JobRunning, Watermark: 0, Checkpoints: unsaved(0), Splits: []engine.SplitStatus{reading(0), reading(253402300799999)}}, 60, 253402300799.999},
		{"Checkpointed", engine.Snapshot{State: engine.JobRunning, Watermark: 5, Checkpoints: unsaved(50 * time.Second)}, 10, 0},
		{"AllSaved", engine.Snapshot{State: engine.JobRunning, Watermark: 5, Checkpoints: engine.CheckpointStatus{LastTime: begin.Add(-time.Hour)}}, 0, 0},
	} {
		got := map[string]float64{names.MetricCheckpointAge: absent, names.MetricWatermarkSpread: absent}
		p.progressMetrics(func(_ telemetry.Kind, name, _ string, v float64, _ ...string) { got[name] = v }, test.s)
		if got[names.MetricCheckpointAge] != test.age || got[names.MetricWatermarkSpread] != test.spread {
			t.Errorf("%s: age %v, spread %v, want %v and %v", test.name, got[names.MetricCheckpointAge], got[names.MetricWatermarkSpread], test.age, test.spread)
		}
	}
}
