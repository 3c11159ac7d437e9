package app

import (
	"errors"
	"fmt"
	"strings"
	"sync"
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
	Cause     string    // a sentence without a full stop; "": there is nothing to say
	Troubles  []string  // what is wrong whatever the condition, the worst first
}

const (
	standing   = 10 * time.Second // a watermark that stands for so long is stale
	settled    = 2 * time.Second  // a watermark that stands for so long is the last one, if nothing waits for another
	behind     = 10 * time.Second // reading is behind from here
	trendSpan  = 10 * time.Second // over which it is told whether reading falls back
	liveWithin = 30 * time.Second // event time within this of the wall clock is of now
)

// monitor remembers what one look at the figures cannot tell.
type monitor struct {
	mu        sync.Mutex
	condition live.Condition // of the last look, and since when
	since     time.Time
	lag       time.Duration // at the time lagAt, trendSpan ago at most
	lagAt     time.Time     // zero: not looked yet
	falling   bool          // lag grew over the last whole span
	store     string        // what is wrong with the results store; "": it answers
}

// storeTrouble notes that the results store does not answer, or does again ("").
func (m *monitor) storeTrouble(message string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.store = message
}

func (m *monitor) trouble() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.store
}

// falls notes how far reading is behind and reports whether it grows.
func (m *monitor) falls(now time.Time, lag time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.lagAt.IsZero():
		m.lag, m.lagAt = lag, now
	case now.Sub(m.lagAt) >= trendSpan:
		m.falling = lag > m.lag
		m.lag, m.lagAt = lag, now
	}
	return m.falling
}

// enter notes the condition and returns since when it holds.
func (m *monitor) enter(now time.Time, c live.Condition) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.condition != c {
		m.condition, m.since = c, now
	}
	return m.since
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
	var h Health
	h.Condition, h.Cause = p.condition(s, now)
	h.Since = p.monitor.enter(now, h.Condition)
	h.Troubles = p.troubles(s)
	return h
}

func (p *Processor) condition(s engine.Snapshot, now time.Time) (live.Condition, string) {
	switch s.State {
	case engine.JobRunning:
	case engine.JobCreated:
		return live.Starting, "the job has not begun"
	case engine.JobStopping:
		return live.Stopping, "a last checkpoint is being taken"
	case engine.JobFailed:
		return live.Failed, "the job has failed"
	default:
		if s.State == engine.JobFinished && p.nothingOpen(s) {
			return live.Finished, "all that came is read, counted and written, and the job has ended"
		}
		return live.Stopped, "the job has ended in order; what windows hold is in its last checkpoint"
	}
	r := readingOf(s)
	stood, falling := p.rise.stalled(now, s.Watermark), p.monitor.falls(now, r.lag)
	switch {
	case r.known > 0 && r.shards+r.waiting == 0:
		return live.Finished, "every shard has ended and was read to its end"
	case r.shards == 0:
		return live.Starting, "no shard is open yet"
	case s.Watermark == engine.NoWatermark:
		return live.Starting, r.withoutWatermark()
	case stood >= settled && r.atTip && p.nothingOpen(s):
		return live.Finished, "all that came is read, counted and written"
	case p.monitor.trouble() != "":
		return live.FallingBehind, "the results store does not take the documents"
	case stood >= standing:
		return live.Stale, fmt.Sprintf("the watermark stands since %s; %s", p.clock(now.Add(-stood)), r.holder(s))
	case r.lag >= behind && falling:
		return live.FallingBehind, fmt.Sprintf("records of shard %s are read %s after they arrived, and it grows", r.slowest, round(r.lag))
	case r.lag >= behind:
		return live.CatchingUp, fmt.Sprintf("records of shard %s are read %s after they arrived", r.slowest, round(r.lag))
	}
	if ago := now.Sub(time.UnixMilli(s.Watermark)); ago < liveWithin && ago > -liveWithin {
		return live.KeepingUp, ""
	}
	return live.Replaying, "keeps up"
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

func (p *Processor) clock(at time.Time) string {
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
	return fmt.Sprintf("shard %s has given no watermark yet; the others wait for it", r.lowest)
}

// holder says what a watermark that stands waits for.
func (r reading) holder(s engine.Snapshot) string {
	ahead := 0
	for _, split := range s.Splits {
		if split.State == engine.SplitReading && split.Watermark > s.Watermark {
			ahead++
		}
	}
	if ahead > 0 {
		return fmt.Sprintf("shard %s holds it, %d of %d are ahead", r.lowest, ahead, r.shards)
	}
	if r.atTip {
		return "nothing new comes"
	}
	return "records are read, but no watermark comes"
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
