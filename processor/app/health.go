package app

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"taxistream/dashboards/live"
	"taxistream/engine"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// Health is how the processor does, for people: the same words on the page, on
// the terminal and in /readyz.
type Health struct {
	Condition live.Condition
	Since     time.Time // that it holds, as seen by those who ask; zero: not known
	Why       live.Cause
	Cause     string   // a sentence without a full stop; "": there is nothing to say
	Effect    string   // and what follows from it; may be empty
	Troubles  []string // what is wrong whatever the condition, the worst first
}

// ready says what the processor waits for before it reads.
func (p *Processor) ready() error {
	s := p.Status()
	r := readingOf(s)
	switch {
	case s.State != engine.JobRunning:
		return notReading("the job is "+string(s.State), p.troubles(s))
	case r.shards == 0 && (r.known == 0 || r.waiting > 0):
		return notReading("no shard is open yet", p.troubles(s))
	}
	return nil
}

func notReading(why string, troubles []string) error {
	return errors.New(strings.Join(append([]string{"not reading: " + why}, troubles...), "; "))
}

// detail is what /readyz says beside reading: the condition, and each trouble.
func (p *Processor) detail() string {
	h := p.Health()
	text := "state: " + h.Sentence() + "\n"
	for _, trouble := range h.Troubles {
		text += "trouble: " + trouble + "\n"
	}
	return text
}

// Health looks at the figures of the moment.
func (p *Processor) Health() Health {
	s, now := p.Status(), p.now()
	f := p.facts(s, now)
	v := f.verdict(now)
	return Health{
		Condition: v.condition, Since: p.monitor.enter(now, v.condition), Why: v.why, Cause: v.cause, Effect: v.effect,
		Troubles: p.troubles(s),
	}
}

// facts looks at all that the state follows from.
func (p *Processor) facts(s engine.Snapshot, now time.Time) facts {
	documents := p.Documents()
	f := facts{
		s: s, reading: readingOf(s), stood: p.rise.stalled(now, s.Watermark), nothingOpen: p.nothingOpen(s),
		queued: documents.Queued, store: p.monitor.trouble(),
	}
	if p.c.Feed != nil {
		f.feed = p.c.Feed()
	}
	l := look{at: now, lag: f.reading.lag, newest: f.reading.highest, late: f.feed.Late, retries: documents.Retries, tasks: tasksOf(s)}
	l.refused, f.failing = p.reads.look(now)
	if s.Watermark != engine.NoWatermark && l.newest != engine.NoWatermark {
		l.delay = max(l.newest-s.Watermark, 0)
	}
	f.trend, f.fell = p.monitor.look(l)
	return f
}

// verdict is the state that follows from the facts.
func (f *facts) verdict(now time.Time) verdict {
	is := func(c live.Condition, cause string) verdict { return verdict{condition: c, cause: cause} }
	s, r := f.s, f.reading
	switch s.State {
	case engine.JobRunning:
	case engine.JobCreated:
		return is(live.Starting, "the job has not begun")
	case engine.JobRestarting:
		return is(live.Starting, "an attempt has failed, the next one has not begun")
	case engine.JobStopping:
		return is(live.Stopping, "a last checkpoint is being taken")
	case engine.JobFailed:
		return is(live.Failed, "the job has failed")
	default:
		if s.State == engine.JobFinished && f.nothingOpen {
			return is(live.Finished, "all that came is read, counted and written, and the job has ended")
		}
		return is(live.Stopped, "the job has ended in order; what windows hold is in its last checkpoint")
	}
	switch {
	case r.known > 0 && r.shards+r.waiting == 0:
		return is(live.Finished, "every shard has ended and was read to its end")
	case r.shards == 0:
		return is(live.Starting, "no shard is open yet")
	case s.Watermark == engine.NoWatermark:
		return is(live.Starting, r.withoutWatermark())
	case f.stood >= settled && r.atTip && len(f.failing) == 0 && f.nothingOpen:
		return is(live.Finished, "all that came is read, counted and written")
	}
	if v, falls := f.cause(); falls {
		return v
	}
	switch {
	case f.stood >= standing:
		return is(live.Stale, fmt.Sprintf("the watermark stands since %s; %s", clockNY(now.Add(-f.stood)), r.holder(s)))
	case r.lag >= behind:
		return is(live.CatchingUp, fmt.Sprintf("records of shard %s are read %s after they arrived", shardName(r.slowest), inWords(r.lag)))
	}
	if ago := now.Sub(time.UnixMilli(s.Watermark)); ago < liveWithin && ago > -liveWithin {
		return is(live.KeepingUp, "")
	}
	return is(live.Replaying, "keeps up")
}

// nothingOpen reports whether no window waits for a later watermark and no
// document to be written, and whether the watermark is the end of a window: the
// one that a producer sends last.
func (p *Processor) nothingOpen(s engine.Snapshot) bool {
	if s.Watermark == engine.MaxWatermark {
		return p.Documents().Queued == 0
	}
	if (s.Watermark+1)%p.c.Rules.HotspotWindow.Milliseconds() != 0 || p.Documents().Queued > 0 {
		return false
	}
	for _, o := range s.Operators {
		for _, t := range o.Subtasks {
			if len(o.Inputs) > 0 && t.StateEntries > 0 {
				return false
			}
		}
	}
	return true
}

// troubles are what a person must see at once.
func (p *Processor) troubles(s engine.Snapshot) []string {
	var all []string
	if store := p.monitor.trouble(); store != "" {
		all = append(all, store)
	}
	if c := s.Checkpoints; c.FailedInRow > 0 {
		text := fmt.Sprintf("checkpoints fail, %d in a row", c.FailedInRow)
		if c.LastError != "" {
			text += ": " + oneLine(c.LastError)
		}
		all = append(all, text)
	}
	if n := p.Documents().Poisoned; n > 0 {
		all = append(all, fmt.Sprintf("%s refused by the results store for good: see taxi_rejects, reason unwritable", telemetry.Many(n, "document")))
	}
	for _, w := range p.wrongTimes(s) {
		all = append(all, w.text)
	}
	return all
}

func clockNY(at time.Time) string {
	return at.In(trip.NewYorkZone()).Format("15:04:05") + " New York"
}

// reading is what is read now.
type reading struct {
	known, shards, waiting int // shards seen, being read, waiting for their parents
	silent                 int // being read, without a watermark
	atTip                  bool
	lag                    time.Duration // the greatest, of slowest
	slowest, lowest        string        // shards: furthest behind; the one that holds the watermark
	highest                int64         // watermark of any shard being read
}

func readingOf(s engine.Snapshot) reading {
	r := reading{known: len(s.Splits), atTip: true, highest: engine.NoWatermark}
	low := int64(engine.MaxWatermark)
	for _, split := range s.Splits {
		switch split.State {
		case engine.SplitWaiting:
			r.waiting++
		case engine.SplitReading:
			r.shards++
			r.atTip = r.atTip && split.AtTip
			if r.slowest == "" || split.Lag > r.lag {
				r.lag, r.slowest = split.Lag, split.ID
			}
			r.highest = max(r.highest, split.Watermark)
			if split.Watermark == engine.NoWatermark {
				r.silent++
			}
			if r.lowest == "" || split.Watermark < low {
				low, r.lowest = split.Watermark, split.ID
			}
		}
	}
	return r
}

func (r reading) withoutWatermark() string {
	if r.silent == r.shards {
		return telemetry.Many(int64(r.shards), "shard") + " found, none has given a watermark yet"
	}
	return fmt.Sprintf("shard %s has given no watermark yet; the others wait for it", shardName(r.lowest))
}

// holder says what a watermark that stands waits for.
func (r reading) holder(s engine.Snapshot) string {
	if ahead := r.ahead(s); ahead > 0 {
		return fmt.Sprintf("shard %s holds it, %d of %d are ahead", shardName(r.lowest), ahead, r.shards)
	}
	if r.atTip {
		return "nothing new comes"
	}
	return "records are read, but no watermark comes"
}

// ahead counts the shards whose watermark is past the one of all.
func (r reading) ahead(s engine.Snapshot) (n int) {
	for _, split := range s.Splits {
		if split.State == engine.SplitReading && split.Watermark > s.Watermark {
			n++
		}
	}
	return n
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
