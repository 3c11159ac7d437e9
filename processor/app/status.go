package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"taxistream/dashboards/live"
	"taxistream/data/zones"
	"taxistream/engine"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// hottestShown is how many cells fit into the status.
const hottestShown = 3

// figures are the status of one moment; what is not known yet is "–" for people
// and "unknown" for programs, never 0.
type figures struct {
	health Health
	s      engine.Snapshot
	known  bool // the job runs or ran: its counters say something
	fired  int64
	newest int64  // the highest watermark of any shard that is read
	lag    string // of reading behind the stream
	shards int
}

// watermarkLag is how far the combined watermark is behind the highest of any shard, in event
// time: what the control room shows and taxistream_watermark_spread_seconds counts.
func (f *figures) watermarkLag() string {
	if f.newest == engine.NoWatermark || f.s.Watermark == engine.NoWatermark {
		return "–"
	}
	return round(time.Duration(max(f.newest-f.s.Watermark, 0)) * time.Millisecond).String()
}

func (p *Processor) figures() figures {
	f := figures{health: p.Health(), s: p.Status()}
	f.known = f.s.State != engine.JobCreated
	for _, o := range f.s.Operators {
		for _, t := range o.Subtasks {
			f.fired += t.Fired
		}
	}
	r := readingOf(f.s)
	f.lag, f.shards, f.newest = round(r.lag).String(), r.shards, r.highest
	if _, failing := p.reads.look(p.now()); len(failing) > 0 {
		f.lag = "–"
	}
	return f
}

// StatusLines say for people how far the processor is; the same for the demo. The
// address of the pages and what is wrong come first: they are not to be cut.
func (p *Processor) StatusLines() []string {
	f := p.figures()
	lines := []string{
		controlRoom(p.URL() + "/"),
		"state          " + f.health.Sentence(),
	}
	for _, trouble := range f.health.Troubles {
		lines = append(lines, "trouble        "+trouble)
	}
	lag := "–"
	if f.shards > 0 {
		lag = f.watermarkLag() + ", reading " + f.lag + " behind the stream"
	}
	lines = append(lines,
		"trips          "+f.count(p.parts().Counted.In(f.s))+" counted",
		"watermark      "+InNewYork(f.s.Watermark),
		"watermark lag  "+lag,
		"windows fired  "+f.count(f.fired),
		"documents      "+f.count(p.Documents().Written)+" written",
	)
	if !p.c.Also.None() {
		files := p.Files()
		lines = append(lines, "files          "+f.count(files.Files)+" visible, "+f.count(files.Pending)+" wait for their checkpoint")
	}
	return append(lines,
		"rejects        "+f.ifKnown(rejectsInWords(p.Rejects())),
		"checkpoints    "+f.checkpoints(p.now()),
		"hottest now    "+hottestInWords(p.room.Hottest(hottestShown)),
	)
}

func controlRoom(url string) string { return "control room   " + url }

// Sentence is the condition and its cause.
func (h Health) Sentence() string {
	if h.Cause == "" {
		return string(h.Condition)
	}
	return string(h.Condition) + ": " + h.Cause
}

func (f *figures) count(n int64) string { return f.ifKnown(telemetry.Group(n)) }

func (f *figures) ifKnown(text string) string {
	if !f.known {
		return "–"
	}
	return text
}

func (f *figures) checkpoints(now time.Time) string {
	c := f.s.Checkpoints
	text := "none yet"
	if c.Completed > 0 {
		text = fmt.Sprintf("the last %s ago, %s whole", now.Sub(c.LastTime).Round(time.Second), telemetry.Group(c.Completed))
		if c.Unsaved.IsZero() {
			text += ", nothing new since"
		}
	}
	if c.Failed > 0 {
		text += fmt.Sprintf(", %s failed", telemetry.Group(c.Failed))
	}
	return f.ifKnown(text)
}

// StatusPairs are the same for programs, as telemetry.KeyValues takes them.
func (p *Processor) StatusPairs() []any {
	f := p.figures()
	known := func(n int64) any {
		if !f.known {
			return telemetry.Unknown
		}
		return n
	}
	var rejects int64
	for _, n := range p.Rejects() {
		rejects += n
	}
	lag, watermarkLag, troubles := telemetry.Unknown, telemetry.Unknown, strings.Join(f.health.Troubles, "; ")
	if f.shards > 0 {
		lag = strings.ReplaceAll(f.lag, "–", telemetry.Unknown)
		watermarkLag = strings.ReplaceAll(f.watermarkLag(), "–", telemetry.Unknown)
	}
	if troubles == "" {
		troubles = "none"
	}
	pairs := []any{
		"control_room", p.URL() + "/", "state", f.health.Sentence(), "troubles", troubles,
		"trips", known(p.parts().Counted.In(f.s)), "watermark", instant(f.s.Watermark), "watermark_lag", watermarkLag, "reading_behind", lag,
		"windows_fired", known(f.fired), "documents", known(p.Documents().Written), "rejects", known(rejects),
		"checkpoints", known(f.s.Checkpoints.Completed), "checkpoints_failed", known(f.s.Checkpoints.Failed),
	}
	if !p.c.Also.None() {
		files := p.Files()
		pairs = append(pairs, "files", known(files.Files), "files_pending", known(files.Pending))
	}
	return pairs
}

// instant is an event time, ms, for programs.
func instant(ms int64) string {
	switch {
	case ms == engine.MaxWatermark:
		return "end"
	case ms == engine.NoWatermark || !trip.Writable(ms):
		return telemetry.Unknown
	}
	return string(trip.AppendTime(nil, ms))
}

// InNewYork shows an instant, ms, on the city's clock, with UTC beside it.
func InNewYork(ms int64) string {
	switch ms {
	case engine.MaxWatermark:
		return "at the end"
	case engine.NoWatermark:
		return "–"
	}
	at := time.UnixMilli(ms)
	return at.In(trip.NewYorkZone()).Format("Mon 2006-01-02 15:04:05") + " New York, " + at.UTC().Format("15:04:05") + " UTC"
}

func rejectsInWords(n map[trip.Reason]int64) string {
	var parts []string
	for reason, count := range n {
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", telemetry.Group(count), reason))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// hottestInWords names cells by their neighbourhoods.
func hottestInWords(spots []live.Spot) string {
	if len(spots) == 0 {
		return "–"
	}
	parts := make([]string, len(spots))
	for i, spot := range spots {
		name, _, ok := zones.Zone(spot.Lat, spot.Lon)
		if !ok {
			name = spot.Cell
		}
		parts[i] = telemetry.Group(spot.Pickups) + " " + name
	}
	return strings.Join(parts, ", ")
}
