package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/dashboards/live"
	"taxistream/engine"
	"taxistream/internal/telemetry"
)

// Ensure starting, replaying, live, behind, stale, finished and ended pipelines
// are told apart, and each says why.
func TestFacts_Verdict(t *testing.T) {
	const hour = 3_600_000
	at := time.UnixMilli(500_000 * hour)
	running := func(watermark int64, splits ...engine.SplitStatus) engine.Snapshot {
		return engine.Snapshot{State: engine.JobRunning, Watermark: watermark, Splits: splits}
	}
	split := func(id string, state engine.SplitState, watermark int64, lag time.Duration) engine.SplitStatus {
		return engine.SplitStatus{ID: id, State: state, Watermark: watermark, Lag: lag, AtTip: lag == 0}
	}
	reading := func(watermark int64) engine.SplitStatus {
		return split("a", engine.SplitReading, watermark, 0)
	}
	open := running(500*hour-1, reading(500*hour-1))
	open.Operators = []engine.OperatorStatus{{Name: "windows", Inputs: []string{"x"}, Subtasks: []engine.SubtaskStatus{{StateEntries: 1}}}}
	slow := running(5, split("a", engine.SplitReading, 5, 20*time.Second))
	for name, c := range map[string]struct {
		s     engine.Snapshot
		f     facts
		want  live.Condition
		cause string
	}{
		"Created":       {s: engine.Snapshot{State: engine.JobCreated}, want: live.Starting, cause: "not begun"},
		"Restarting":    {s: engine.Snapshot{State: engine.JobRestarting}, want: live.Starting, cause: "an attempt has failed"},
		"Stopping":      {s: engine.Snapshot{State: engine.JobStopping}, want: live.Stopping, cause: "last checkpoint"},
		"Stopped":       {s: engine.Snapshot{State: engine.JobFinished, Watermark: 500*hour + 1}, want: live.Stopped, cause: "ended in order"},
		"Drained":       {s: engine.Snapshot{State: engine.JobFinished, Watermark: 500*hour - 1}, want: live.Finished, cause: "the job has ended"},
		"Failed":        {s: engine.Snapshot{State: engine.JobFailed}, want: live.Failed, cause: "failed"},
		"NoShard":       {s: running(engine.NoWatermark), want: live.Starting, cause: "no shard is open yet"},
		"NoWatermark":   {s: running(engine.NoWatermark, reading(engine.NoWatermark)), want: live.Starting, cause: "1 shard found, none has given a watermark yet"},
		"OneSilent":     {s: running(engine.NoWatermark, reading(5), split("b", engine.SplitReading, engine.NoWatermark, 0)), want: live.Starting, cause: "shard b has given no watermark yet"},
		"Replaying":     {s: running(500*hour, reading(500*hour)), want: live.Replaying, cause: "keeps up"},
		"Live":          {s: running(at.UnixMilli()-2000, reading(at.UnixMilli()-2000)), want: live.KeepingUp},
		"StandsBriefly": {s: open, f: facts{stood: standing - time.Second}, want: live.Replaying},
		"Stale":         {s: open, f: facts{stood: standing}, want: live.Stale, cause: "nothing new comes"},
		"Held":          {s: running(7, reading(7), split("b", engine.SplitReading, 9, 0)), f: facts{stood: standing}, want: live.Stale, cause: "shard a holds it, 1 of 2 are ahead"},
		"Finished":      {s: running(500*hour-1, reading(500*hour-1)), f: facts{stood: settled}, want: live.Finished, cause: "read, counted and written"},
		"NotYet":        {s: running(500*hour-1, reading(500*hour-1)), f: facts{stood: settled - time.Second}, want: live.Replaying},
		"InMidWindow":   {s: running(500*hour+1, reading(500*hour+1)), f: facts{stood: standing}, want: live.Stale},
		"TipNotKnown":   {s: running(500*hour-1, reading(500*hour-1)), f: facts{stood: settled, failing: []string{"a"}}, want: live.Replaying},
		"AllEnded":      {s: running(5, split("a", engine.SplitEnded, 5, 0)), want: live.Finished, cause: "every shard has ended"},
		"CatchingUp":    {s: slow, want: live.CatchingUp, cause: "shard a are read 20 s after they arrived"},
		"FallingBehind": {s: slow, f: facts{trend: trend{lag: true}}, want: live.FallingBehind, cause: "and it grows"},
		"StoreSilent":   {s: open, f: facts{stood: standing, store: "down"}, want: live.FallingBehind, cause: "the results store does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &Processor{}
			p.c.Rules.HotspotWindow = 10 * time.Minute
			c.f.s, c.f.reading, c.f.nothingOpen = c.s, readingOf(c.s), p.nothingOpen(c.s)
			v := c.f.verdict(at)
			if v.condition != c.want || !strings.Contains(v.cause, c.cause) {
				t.Errorf("%s: %s; want %s: %s", v.condition, v.cause, c.want, c.cause)
			}
			if (v.why != live.CauseNone) != (v.condition == live.FallingBehind) {
				t.Errorf("%s because of %q", v.condition, v.why)
			}
		})
	}
}

// Ensure what fails is told whatever the condition.
func TestProcessor_Troubles(t *testing.T) {
	p := &Processor{now: time.Now}
	p.monitor.storeTrouble("opensearch at x: down")
	s := engine.Snapshot{Checkpoints: engine.CheckpointStatus{FailedInRow: 3, LastError: "disk\nfull"}}
	want := []string{"opensearch at x: down", "checkpoints fail, 3 in a row: disk full"}
	if got := p.troubles(s); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if err := notReading("the job is created", p.troubles(s)); !strings.HasPrefix(err.Error(), "not reading: the job is created; opensearch at x: down; checkpoints fail") {
		t.Errorf("got %q", err)
	}
	p.monitor.storeTrouble("")
	if got := p.troubles(engine.Snapshot{}); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// Ensure a condition's beginning is kept while it holds.
func TestMonitor_Enter(t *testing.T) {
	var m monitor
	at := time.UnixMilli(0)
	m.enter(at, live.Replaying)
	if since := m.enter(at.Add(time.Hour), live.Replaying); !since.Equal(at) {
		t.Errorf("since %v", since)
	}
	if since := m.enter(at.Add(2*time.Hour), live.Stale); !since.Equal(at.Add(2 * time.Hour)) {
		t.Errorf("since %v", since)
	}
}

func TestInstant(t *testing.T) {
	for ms, want := range map[int64]string{engine.NoWatermark: telemetry.Unknown, engine.MaxWatermark: "end", 0: "1970-01-01T00:00:00.000Z"} {
		if got := instant(ms); got != want {
			t.Errorf("%d: %s, want %s", ms, got, want)
		}
	}
}
