package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"taxistream/engine"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// What counts as a wrong time (docs/runbooks).
const (
	shareSpan  = 5 * time.Minute // over which shares are told
	shareStep  = 5 * time.Second // least time between two samples of that span
	shareLimit = 0.01            // of the trips
	shareLeast = 5               // trips: fewer are no share
	aheadLimit = 24 * time.Hour  // event time, of a shard before another
	aheadLag   = time.Minute     // further behind their tips shards may well be that far apart
	aheadHolds = 5 * time.Second // before it is told: a gap in the data is crossed by each shard by itself
)

// figuresOfTime are counts since the start of the process.
type figuresOfTime struct{ judged, late, early, refused int64 }

// timeWatch remembers what one look at the figures cannot tell. Who asks seldom gets
// shares of a longer span.
//
// Invariants: samples are in order of time, at least shareStep apart; only the first may
// be older than shareSpan.
type timeWatch struct {
	mu         sync.Mutex
	samples    []timeSample
	aheadSince time.Time // zero: no shard is
}

type timeSample struct {
	at time.Time
	figuresOfTime
}

// recent notes the counts of now and returns what came within the last shareSpan.
func (w *timeWatch) recent(started, now time.Time, f figuresOfTime) figuresOfTime {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.samples) == 0 {
		w.samples = []timeSample{{at: started}}
	}
	last := w.samples[len(w.samples)-1]
	if f.judged < last.judged { // the job began again: its counts did, those of rejects did not
		w.samples = []timeSample{{now, figuresOfTime{0, f.late, f.early, f.refused}}}
	} else if now.Sub(last.at) >= shareStep {
		w.samples = append(w.samples, timeSample{now, f})
	}
	for len(w.samples) > 1 && now.Sub(w.samples[1].at) >= shareSpan {
		w.samples = w.samples[1:]
	}
	from := w.samples[0]
	return figuresOfTime{f.judged - from.judged, f.late - from.late, f.early - from.early, f.refused - from.refused}
}

// holds reports whether a shard has been far ahead for long enough to be told.
func (w *timeWatch) holds(now time.Time, ahead bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !ahead:
		w.aheadSince = time.Time{}
	case w.aheadSince.IsZero():
		w.aheadSince = now
	}
	return ahead && now.Sub(w.aheadSince) >= aheadHolds
}

func (p *Processor) figuresOfTime(s engine.Snapshot, clocks map[string]job.ShardClock) (f figuresOfTime) {
	f.judged = p.parts().Judge.In(s)
	rejects := p.Rejects()
	f.late, f.early = rejects[trip.ReasonLate], rejects[trip.ReasonTooEarly]
	for _, c := range clocks {
		f.refused += c.Refused
	}
	return f
}

// wrongTime is one trouble: its kind stays the same while the figures in its text change.
type wrongTime struct{ kind, text string }

// wrongTimes are the troubles that times give, for people, the worst first.
func (p *Processor) wrongTimes(s engine.Snapshot) []wrongTime {
	var all []wrongTime
	if text := p.recreated.trouble(); text != "" {
		all = append(all, wrongTime{"recreated", text})
	}
	now, clocks := p.now(), p.clocks.Shards()
	f := p.wrong.recent(p.started, now, p.figuresOfTime(s, clocks))
	ahead, behind := furthest(s)
	far := s.State == engine.JobRunning && distance(ahead, behind) >= aheadLimit && greatestLag(s) < aheadLag
	if p.wrong.holds(now, far) {
		all = append(all, wrongTime{"ahead of " + ahead.ID, aheadInWords(ahead, behind, clocks[ahead.ID].Raised)})
	}
	for _, share := range []struct {
		n      int64
		reason trip.Reason
	}{{f.late, trip.ReasonLate}, {f.early, trip.ReasonTooEarly}} {
		if share.n >= shareLeast && float64(share.n) > shareLimit*float64(f.judged) {
			judged := max(f.judged, share.n) // they are counted one after the other
			all = append(all, wrongTime{string(share.reason), fmt.Sprintf("%.1f %% of the last minutes' trips are %s (%s of %s): see the runbook late-records",
				100*float64(share.n)/float64(judged), share.reason, telemetry.Group(share.n), telemetry.Group(judged))})
		}
	}
	if f.refused > 0 {
		all = append(all, wrongTime{"refused", refusedInWords(f.refused, clocks)})
	}
	return all
}

// tellWrongTimes logs each trouble once when it begins, and goes on until ctx ends.
func (p *Processor) tellWrongTimes(ctx context.Context) {
	tick := time.NewTicker(shareStep)
	defer tick.Stop()
	told := map[string]bool{"recreated": true, "refused": true} // these are logged where they are found
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		there := map[string]bool{"recreated": true, "refused": true}
		for _, w := range p.wrongTimes(p.Status()) {
			if there[w.kind] = true; !told[w.kind] {
				p.log.Warn(w.text)
			}
		}
		told = there
	}
}

// furthest are the open shards with the highest and the lowest watermark. Idle ones hold
// nobody back, and one without a watermark is no measure.
func furthest(s engine.Snapshot) (ahead, behind engine.SplitStatus) {
	ahead.Watermark, behind.Watermark = engine.NoWatermark, engine.MaxWatermark
	for _, split := range s.Splits {
		if split.State != engine.SplitReading || split.Watermark == engine.NoWatermark || split.Watermark == engine.MaxWatermark {
			continue
		}
		if split.Watermark > ahead.Watermark {
			ahead = split
		}
		if split.Watermark < behind.Watermark && !split.Idle {
			behind = split
		}
	}
	return ahead, behind
}

// distance is the event time between two shards, 0 where one of them is none.
func distance(ahead, behind engine.SplitStatus) time.Duration {
	if ahead.Watermark == engine.NoWatermark || behind.Watermark == engine.MaxWatermark {
		return 0
	}
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(min(ahead.Watermark-behind.Watermark, most)) * time.Millisecond
}

func greatestLag(s engine.Snapshot) (lag time.Duration) {
	for _, split := range s.Splits {
		if split.State == engine.SplitReading {
			lag = max(lag, split.Lag)
		}
	}
	return lag
}

// aheadInWords names the record that moved the shard, if it was read in this run.
func aheadInWords(ahead, behind engine.SplitStatus, by job.Mark) string {
	text := fmt.Sprintf("shard %s is at %s, far ahead of shard %s at %s", ahead.ID, engine.FormatTime(ahead.Watermark), behind.ID, engine.FormatTime(behind.Watermark))
	if by.Watermark == ahead.Watermark && by.Sequence != "" {
		text += ", since record " + by.Sequence
	}
	return text + ": see the runbook wrong-watermark"
}

// refusedInWords names the last one that was refused.
func refusedInWords(n int64, clocks map[string]job.ShardClock) string {
	var last job.Mark
	for _, c := range clocks {
		if m := c.Last; m.Arrival > last.Arrival || m.Arrival == last.Arrival && m.Shard > last.Shard {
			last = m
		}
	}
	return fmt.Sprintf("%s watermarks too far ahead were refused in the last minutes, the last of shard %s, record %s, with %s: see the runbook wrong-watermark",
		telemetry.Group(n), last.Shard, last.Sequence, engine.FormatTime(last.Watermark))
}
