package app

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/dashboards/live"
	"taxistream/engine"
	"taxistream/internal/opensearch"
)

// Ensure each cause is found, says what it holds back, and gives way to those before it.
func TestFacts_Cause(t *testing.T) {
	shards := []engine.SplitStatus{
		{ID: "shardId-000000000001", State: engine.SplitReading, Watermark: 600_000, Lag: 48 * time.Second},
		{ID: "shardId-000000000012", State: engine.SplitReading, Watermark: 4_200_000},
	}
	all := func() facts {
		f := facts{
			s:     engine.Snapshot{State: engine.JobRunning, Watermark: 600_000, Splits: shards},
			store: "down", queued: 1, failing: []string{"shardId-000000000001"}, feed: Feed{Speedup: 1440, Late: 2 * time.Minute},
			trend: trend{
				lag: true, delay: true, late: true, refused: 12, retries: map[opensearch.RetryReason]int64{opensearch.RetryThrottled: 9, opensearch.RetryTimeout: 2},
				tasks: []task{{name: "trips", backpressured: 0.7}, {name: "distinct", inputs: []string{"trips"}, backpressured: 0.9}, {name: "hotspots", inputs: []string{"distinct"}, busy: 0.97}},
			},
		}
		f.s.Checkpoints = engine.CheckpointStatus{FailedInRow: 3, LastID: 7, LastTime: time.UnixMilli(0)}
		f.reading = readingOf(f.s)
		return f
	}
	f := all()
	for _, c := range []struct {
		over          func() // what was the cause before is over
		why           live.Cause
		cause, effect string
	}{
		{func() {}, live.CauseStore, "the results store refuses documents: it is full (429)", "1 document not yet written; holds back trips, distinct"},
		{func() { f.trend.retries = nil }, live.CauseStore, "the results store does not answer", "1 document not yet written; holds back trips, distinct"},
		{func() { f.store = "" }, live.CauseCheckpoints, "checkpoints fail, 3 in a row", "a restart would begin again from 19:00:00 New York"},
		{func() { f.s.Checkpoints.LastID = 0 }, live.CauseCheckpoints, "checkpoints fail, 3 in a row", "none is whole yet: a restart would begin anew"},
		{func() { f.s.Checkpoints.FailedInRow = 1 }, live.CauseBusy, "operator hotspots is busy 97 %", "holds back trips, distinct"},
		{func() { f.trend.tasks[2].busy = 0.9 }, live.CauseBackpressured, "operator distinct is backpressured 90 %", "it waits for room in hotspots"},
		{func() { f.trend.tasks = nil }, live.CauseThrottled, "reading is throttled by the stream", "12 calls refused in 10 s; no records come of shard 0001"},
		{func() { f.trend.refused = 2 }, live.CauseStream, "the stream does not answer", "no records come of shard 0001"},
		{func() { f.failing = nil }, live.CauseShard, "shard 0001 holds the watermark", "1 of 2 shards are ahead, by up to 60 min of event time"},
		{func() { f.trend.delay = false }, live.CauseProducer, "the producer is slower than its speed", "it was told 1,440 times life and is 2 min late"},
		{func() { f.trend.late = false }, live.CauseReading, "records of shard 0001 are read 48 s after they arrived, and it grows", "no operator is busy, and no read is refused"},
	} {
		c.over()
		v, falls := f.cause()
		if !falls || v.condition != live.FallingBehind || v.why != c.why || v.cause != c.cause || v.effect != c.effect {
			t.Errorf("got %v %q: %q, %q\nwant %q: %q, %q", falls, v.why, v.cause, v.effect, c.why, c.cause, c.effect)
		}
	}
	f.trend.lag = false
	if v, falls := f.cause(); falls {
		t.Errorf("nothing is wrong, and %q", v.cause)
	}
	f = all() // what is busy, refused or late is no cause of what keeps up
	f.store, f.s.Checkpoints.FailedInRow, f.trend.lag, f.trend.delay, f.trend.late = "", 1, false, false, false
	if v, falls := f.cause(); falls {
		t.Errorf("it keeps up, and %q", v.cause)
	}
	f.fell = true // but of what fell behind until now,
	if v, _ := f.cause(); v.why != live.CauseBusy {
		t.Errorf("it has no time left still, and %q", v.cause)
	}
	f.trend.eases = true
	if v, falls := f.cause(); falls {
		t.Errorf("it catches up, and %q", v.cause)
	}
	f.stood = standing // and of what stands still
	if v, _ := f.cause(); v.why != live.CauseBusy {
		t.Errorf("it stands still, and %q", v.cause)
	}
}

// Ensure reads that are refused are counted, and a shard fails from a failed call to
// the next that succeeds.
func TestReads(t *testing.T) {
	var r reads
	at := time.UnixMilli(0)
	r.answered(at, "a", &types.ProvisionedThroughputExceededException{})
	r.answered(at, "b", errors.New("reset"))
	r.answered(at, "c", errors.New("reset"))
	r.answered(at.Add(time.Second), "c", nil)
	if refused, failing := r.look(at.Add(time.Second)); refused != 1 || len(failing) != 2 || failing[0] != "a" || failing[1] != "b" {
		t.Errorf("%d refused, failing: %q", refused, failing)
	}
	if refused, failing := r.look(at.Add(failingFor + 1)); refused != 1 || len(failing) != 0 {
		t.Errorf("%d refused, long after: %q", refused, failing)
	}
}

func TestShardNames(t *testing.T) {
	for id, want := range map[string]string{"shardId-000000000000": "0000", "shardId-000000000042": "0042", "shardId-000000123456": "123456", "a": "a"} {
		if got := shardName(id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if got := shardNames([]string{"a", "b", "c", "d", "e"}); got != "shard a, b, c and 2 more" {
		t.Errorf("got %q", got)
	}
}
