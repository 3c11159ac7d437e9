package app

import (
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// watched is a processor without a job, whose clock is turned by hand.
type watched struct {
	*Processor
	at time.Time
}

func newWatched() *watched {
	w := &watched{at: time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)}
	w.Processor = &Processor{now: func() time.Time { return w.at }, started: w.at, recreated: newRecreated()}
	w.operators.Store(&job.Operators{Judge: "judge"})
	return w
}

func (w *watched) judged(n int64) engine.Snapshot {
	return engine.Snapshot{State: engine.JobRunning, Operators: []engine.OperatorStatus{
		{Name: "trips", Subtasks: []engine.SubtaskStatus{{In: 9 * n}}},
		{Name: "judge", Subtasks: []engine.SubtaskStatus{{In: n / 2}, {In: n - n/2}}},
	}}
}

func (w *watched) texts(s engine.Snapshot) (all []string) {
	for _, wrong := range w.wrongTimes(s) {
		all = append(all, wrong.text)
	}
	return all
}

// wants holds the troubles of a snapshot against the texts that they must contain, one each.
func (w *watched) wants(t *testing.T, what string, s engine.Snapshot, want ...string) {
	t.Helper()
	got := w.texts(s)
	if len(got) != len(want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("%s: got %q, want %q", what, got[i], want[i])
		}
	}
}

// Ensure a share of late or early trips is told from five of them and more than one
// percent on, of the last five minutes alone.
func TestWrongTimes_Shares(t *testing.T) {
	w := newWatched()
	w.wants(t, "Begin", w.judged(0))
	w.counts.Add(trip.ReasonLate, 4)
	w.wants(t, "Few", w.judged(10))
	w.counts.Add(trip.ReasonLate, 1)
	w.wants(t, "OnePercent", w.judged(500))
	w.wants(t, "More", w.judged(499), "1.0 % of the last minutes' trips are late (5 of 499)")
	w.counts.Add(trip.ReasonTooEarly, 1000)
	w.wants(t, "Both", w.judged(2000), "50.0 % of the last minutes' trips are too_early (1,000 of 2,000)")
	for range 61 { // somebody looks all the time
		w.at = w.at.Add(5 * time.Second)
		w.wrongTimes(w.judged(2000))
	}
	w.wants(t, "Over", w.judged(2100))
	w.counts.Add(trip.ReasonLate, 100)
	w.wants(t, "Again", w.judged(2200), "50.0 % of the last minutes' trips are late (100 of 200)")
	w.at = w.at.Add(time.Hour) // nobody looked meanwhile
	w.wants(t, "Seldom", w.judged(2200), "are late (100 of 200)")
	w.at = w.at.Add(time.Second)
	w.wants(t, "OverAtLast", w.judged(2200), "are late (100 of 200)")
	w.at = w.at.Add(5 * time.Minute)
	w.wants(t, "OverAtLast", w.judged(2200))
	w.counts.Add(trip.ReasonLate, 4)
	w.wants(t, "JobBeganAgain", w.judged(4))
	w.counts.Add(trip.ReasonLate, 5)
	w.wants(t, "AndGoesOn", w.judged(100), "5.0 % of the last minutes' trips are late (5 of 100)")
	if n := len(w.wrong.samples); n > int(shareSpan/shareStep)+2 {
		t.Errorf("%d samples are kept", n)
	}
}

// Ensure a shard is told that is a day ahead of another for five seconds, with the record
// that moved it, but not while shards are read late or one has no watermark.
func TestWrongTimes_ShardAhead(t *testing.T) {
	const day = int64(24 * time.Hour / time.Millisecond)
	reading := func(id string, watermark int64) engine.SplitStatus {
		return engine.SplitStatus{ID: id, State: engine.SplitReading, Watermark: watermark}
	}
	late := reading("b", 0)
	late.Lag = time.Minute
	idle := reading("b", 0)
	idle.Idle = true
	for name, c := range map[string]struct {
		state  engine.JobState
		splits []engine.SplitStatus
		want   bool
	}{
		"Day":         {engine.JobRunning, []engine.SplitStatus{reading("a", day), reading("b", 0)}, true},
		"Less":        {engine.JobRunning, []engine.SplitStatus{reading("a", day-1), reading("b", 0)}, false},
		"Centuries":   {engine.JobRunning, []engine.SplitStatus{reading("a", 253402300799999), reading("b", -62167219200000)}, true},
		"NoWatermark": {engine.JobRunning, []engine.SplitStatus{reading("a", day), reading("b", engine.NoWatermark)}, false},
		"Third":       {engine.JobRunning, []engine.SplitStatus{reading("c", engine.NoWatermark), reading("a", day), reading("b", 0)}, true},
		"Alone":       {engine.JobRunning, []engine.SplitStatus{reading("a", day)}, false},
		"Drained":     {engine.JobRunning, []engine.SplitStatus{reading("a", engine.MaxWatermark), reading("b", 0)}, false},
		"Ended":       {engine.JobRunning, []engine.SplitStatus{reading("a", day), {ID: "b", State: engine.SplitEnded}}, false},
		"ReadLate":    {engine.JobRunning, []engine.SplitStatus{reading("a", day), late}, false},
		"Idle":        {engine.JobRunning, []engine.SplitStatus{reading("a", day), idle}, false},
		"Stopped":     {engine.JobFinished, []engine.SplitStatus{reading("a", day), reading("b", 0)}, false},
	} {
		w := newWatched()
		s := engine.Snapshot{State: c.state, Splits: c.splits}
		w.wants(t, name+" at once", s)
		w.at = w.at.Add(aheadHolds)
		if got := w.texts(s); (len(got) == 1 && strings.HasPrefix(got[0], "shard a is at ")) != c.want {
			t.Errorf("%s: got %q", name, got)
		}
		w.wants(t, name+" over", engine.Snapshot{State: c.state})
		w.wants(t, name+" again", s)
	}
	raised := job.Mark{Shard: "a", Sequence: "49", Watermark: day}
	for by, want := range map[job.Mark]string{
		raised: "shard a is at 1970-01-02T00:00:00.000Z, far ahead of shard b at 1970-01-01T00:00:00.000Z, since record 49: see the runbook wrong-watermark",
		{}:     "shard a is at 1970-01-02T00:00:00.000Z, far ahead of shard b at 1970-01-01T00:00:00.000Z: see the runbook wrong-watermark",
	} {
		if got := aheadInWords(reading("a", day), reading("b", 0), by); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Ensure refused watermarks are told with the last record, and a stream made again first of all.
func TestWrongTimes_RefusedAndRecreated(t *testing.T) {
	w := newWatched()
	clocks := map[string]job.ShardClock{
		"a": {Refused: 2, Last: job.Mark{Shard: "a", Sequence: "7", Watermark: 86_400_000, Arrival: 5}},
		"b": {Refused: 1, Last: job.Mark{Shard: "b", Sequence: "9", Watermark: 0, Arrival: 4}},
	}
	const want = "3 watermarks too far ahead were refused in the last minutes, the last of shard a, record 7, with 1970-01-02T00:00:00.000Z: see the runbook wrong-watermark"
	if got := refusedInWords(3, clocks); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.recreated.at.Store(&kinesis.Description{Created: w.at})
	w.counts.Add(trip.ReasonLate, 10)
	w.wants(t, "Recreated", w.judged(10), "made again at 2026-11-27T08:00:00Z", "100.0 % of the last minutes' trips are late")
	if w.recreated.figure() != 1 {
		t.Error("the metric does not tell")
	}
}
