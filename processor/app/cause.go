package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"taxistream/dashboards/live"
	"taxistream/engine"
	"taxistream/internal/opensearch"
	"taxistream/internal/telemetry"
)

// Feed is how the producer of the stream keeps to its pace, where it runs in the same process.
type Feed struct {
	Speedup float64       // event time over wall clock, as it was told; 0: no pace
	Late    time.Duration // since when its next trip has been due
}

// facts are all that the state of the pipeline follows from.
type facts struct {
	s           engine.Snapshot
	reading     reading
	stood       time.Duration // that the watermark stands
	nothingOpen bool          // no window and no document waits, and the watermark is one that a producer sends last
	queued      int64         // documents not yet written
	store       string        // the results store's trouble; "": it answers
	failing     []string      // shards whose reads fail now
	feed        Feed
	fell        bool // by the last look, for whatever cause
	trend       trend
}

// verdict is the state: a condition, its cause in a sentence without a full stop, and in another what follows from it.
type verdict struct {
	condition     live.Condition
	why           live.Cause
	cause, effect string
}

const (
	refusedOften = 3   // reads refused within a span: fewer are a hiccup
	failsInRow   = 2   // checkpoints that fail one after the other: what a restart would do again grows
	fullyBusy    = 0.9 // share of its time from which an operator has none left
	waitsForRoom = 0.5 // share of its time from which an operator is held back by those behind it
)

// cause is the first that holds of those for which a pipeline falls behind. The store and the checkpoints need no
// trend: while either fails, what is confirmed stands still. The others are causes only of something that grows; an
// operator and the stream remain one until they have time again or the lag shrinks, though the watermark moves a step.
func (f *facts) cause() (v verdict, falls bool) {
	holds := f.trend.lag || f.trend.delay || f.stood >= standing || f.fell && !f.trend.eases
	for _, of := range []struct {
		asked bool
		find  func() verdict
	}{
		{true, f.storeCause},
		{true, f.checkpointCause},
		{holds, f.operatorCause},
		{holds, f.streamCause},
		{f.trend.delay, f.shardCause},
		{f.trend.late, f.producerCause},
		{f.trend.lag, f.readingCause},
	} {
		if !of.asked {
			continue
		}
		if v = of.find(); v.why != live.CauseNone {
			v.condition = live.FallingBehind
			return v, true
		}
	}
	return verdict{}, false
}

// refusals say how a results store refuses, by the reason for which documents are sent again.
var refusals = map[opensearch.RetryReason]string{
	opensearch.RetryThrottled:   "the results store refuses documents: it is full (429)",
	opensearch.RetryUnavailable: "the results store refuses documents: it is not available (5xx)",
	opensearch.RetryReadOnly:    "the results store refuses documents: an index is read-only",
	opensearch.RetryIndex:       "the results store refuses documents: their index is not there",
	opensearch.RetryGarbled:     "the results store gives answers that cannot be read",
	opensearch.RetryCredentials: "the results store refuses the credentials",
}

func (f *facts) storeCause() verdict {
	if f.store == "" {
		return verdict{}
	}
	text, most := "the results store does not answer", int64(0)
	for _, reason := range opensearch.RetryReasons() {
		if n := f.trend.retries[reason]; n > most {
			text, most = cmp.Or(refusals[reason], "the results store does not answer"), n
		}
	}
	effect := telemetry.Many(f.queued, "document") + " not yet written"
	if held := f.heldBack(""); held != "" {
		effect += "; holds back " + held
	}
	return verdict{why: live.CauseStore, cause: text, effect: effect}
}

func (f *facts) checkpointCause() verdict {
	c := f.s.Checkpoints
	if c.FailedInRow < failsInRow {
		return verdict{}
	}
	effect := "none is whole yet: a restart would begin anew"
	if c.LastID > 0 {
		effect = "a restart would begin again from " + clockNY(c.LastTime)
	}
	return verdict{why: live.CauseCheckpoints, cause: fmt.Sprintf("checkpoints fail, %d in a row", c.FailedInRow), effect: effect}
}

// operatorCause finds the last operator in the flow that has no time left: those before it may only seem to be busy,
// as they wait for the same sink. If none is, the last one that is backpressured waits for its readers.
func (f *facts) operatorCause() verdict {
	tasks := f.trend.tasks
	for _, t := range slices.Backward(tasks) {
		if t.busy > fullyBusy {
			effect := "holds back " + cmp.Or(f.heldBack(t.name), "what is read")
			return verdict{why: live.CauseBusy, cause: fmt.Sprintf("operator %s is busy %s", t.name, percent(t.busy)), effect: effect}
		}
	}
	for _, t := range slices.Backward(tasks) {
		if t.backpressured <= waitsForRoom {
			continue
		}
		var readers []string
		for _, reader := range tasks {
			if slices.Contains(reader.inputs, t.name) {
				readers = append(readers, reader.name)
			}
		}
		return verdict{
			why: live.CauseBackpressured, cause: fmt.Sprintf("operator %s is backpressured %s", t.name, percent(t.backpressured)),
			effect: "it waits for room in " + cmp.Or(strings.Join(readers, ", "), "what is behind it"),
		}
	}
	return verdict{}
}

// heldBack names the operators that wait for room, but one.
func (f *facts) heldBack(but string) string {
	var held []string
	for _, t := range f.trend.tasks {
		if t.backpressured > waitsForRoom && t.name != but {
			held = append(held, t.name)
		}
	}
	return strings.Join(held, ", ")
}

func (f *facts) streamCause() verdict {
	effect := ""
	if len(f.failing) > 0 {
		effect = "no records come of " + shardNames(f.failing)
	}
	switch {
	case f.trend.refused >= refusedOften:
		text := fmt.Sprintf("%s refused in %s", telemetry.Many(f.trend.refused, "call"), inWords(trendSpan))
		if effect != "" {
			text += "; " + effect
		}
		return verdict{why: live.CauseThrottled, cause: "reading is throttled by the stream", effect: text}
	case len(f.failing) > 0:
		return verdict{why: live.CauseStream, cause: "the stream does not answer", effect: effect}
	}
	return verdict{}
}

func (f *facts) shardCause() verdict {
	r := f.reading
	return verdict{
		why: live.CauseShard, cause: "shard " + shardName(r.lowest) + " holds the watermark",
		effect: fmt.Sprintf("%d of %d shards are ahead, by up to %s of event time", r.ahead(f.s), r.shards, inWords(time.Duration(r.highest-f.s.Watermark)*time.Millisecond)),
	}
}

func (f *facts) producerCause() verdict {
	return verdict{
		why: live.CauseProducer, cause: "the producer is slower than its speed",
		effect: fmt.Sprintf("it was told %s times life and is %s late", telemetry.Group(int64(f.feed.Speedup)), inWords(f.feed.Late)),
	}
}

func (f *facts) readingCause() verdict {
	r := f.reading
	return verdict{
		why: live.CauseReading, cause: fmt.Sprintf("records of shard %s are read %s after they arrived, and it grows", shardName(r.slowest), inWords(r.lag)),
		effect: "no operator is busy, and no read is refused",
	}
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*min(share, 1)) }

// inWords is a duration for people, in the largest unit that leaves a sensible number.
func inWords(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 90*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// shardName is a shard's id without what all have in common: 0003 of shardId-000000000003.
func shardName(id string) string {
	if digits, ok := strings.CutPrefix(id, "shardId-"); ok && len(digits) > 4 {
		return strings.Repeat("0", max(4-len(strings.TrimLeft(digits, "0")), 0)) + strings.TrimLeft(digits, "0")
	}
	return id
}

// shardNames names a few.
func shardNames(ids []string) string {
	const most = 3
	var names []string
	for _, id := range ids[:min(len(ids), most)] {
		names = append(names, shardName(id))
	}
	text := "shard " + strings.Join(names, ", ")
	if more := len(ids) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
