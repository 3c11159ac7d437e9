package app

import (
	"fmt"
	"io"
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
	lag    time.Duration
	shards int
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
	f.lag, f.shards = r.lag, r.shards
	return f
}

// StatusLines say for people how far the processor is; the same for the demo. The
// address of the pages and what is wrong come first: they are not to be cut.
func (p *Processor) StatusLines() []string {
	f := p.figures()
	lines := []string{
		"page           " + p.URL() + "/",
		"state          " + f.health.Sentence(),
	}
	for _, trouble := range f.health.Troubles {
		lines = append(lines, "trouble        "+trouble)
	}
	watermark := "watermark      " + InNewYork(f.s.Watermark)
	if f.shards > 0 {
		watermark += ", reading " + round(f.lag).String() + " behind"
	}
	lines = append(lines,
		watermark,
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
	lag, troubles := telemetry.Unknown, strings.Join(f.health.Troubles, "; ")
	if f.shards > 0 {
		lag = round(f.lag).String()
	}
	if troubles == "" {
		troubles = "none"
	}
	pairs := []any{
		"page", p.URL() + "/", "state", f.health.Sentence(), "troubles", troubles, "watermark", instant(f.s.Watermark), "reading_behind", lag,
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

// InNewYork shows an instant, ms, on the city's clock.
func InNewYork(ms int64) string {
	switch ms {
	case engine.MaxWatermark:
		return "at the end"
	case engine.NoWatermark:
		return "–"
	}
	return time.UnixMilli(ms).In(trip.NewYorkZone()).Format("Mon 2006-01-02 15:04:05")
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

// screen shows the status while the processor runs: in place on a terminal, a
// line a minute elsewhere, or the figures in CloudWatch's format.
type screen struct {
	*telemetry.Screen
	out  io.Writer
	p    *Processor
	emf  *telemetry.EMF // nil: the status, for people
	rate telemetry.Rate
}

const terminalInterval, lineInterval = 500 * time.Millisecond, time.Minute

// watched begins with the processor that the screen is for. The figures' first
// lines are written at once: a start that ends soon is seen.
func (s *screen) watched(p *Processor) (err error) {
	s.p = p
	if p.c.EMF == "" {
		return nil
	}
	if s.emf, err = p.emf(s.out); err == nil {
		s.draw()
	}
	return err
}

func (s *screen) interval() time.Duration {
	switch {
	case s.emf != nil:
		return telemetry.EMFInterval
	case s.Terminal():
		return terminalInterval
	}
	return lineInterval
}

func (s *screen) draw() {
	switch {
	case s.emf != nil:
		if err := s.emf.Write(s.p.now()); err != nil {
			s.p.log.Warn("the figures for CloudWatch could not be written", "error", err)
		}
	case !s.p.c.Log.Quiet:
		s.status()
	}
}

// end writes what the figures counted since their last lines, and leaves the last
// block on the terminal.
func (s *screen) end() {
	if s.emf != nil {
		s.draw()
	}
	s.Keep()
}

func (s *screen) status() {
	status := s.p.Status()
	read := s.p.parts().Read.In(status)
	count, rate := "–", "–"
	perSecond, known := s.rate.Of(s.p.now(), read)
	if len(status.Splits) > 0 {
		count = telemetry.Group(read)
		if known {
			rate = telemetry.Group(int64(perSecond))
		}
	}
	if s.Terminal() {
		lines := s.p.StatusLines()
		s.Draw(slices.Insert(lines, 2, fmt.Sprintf("events         %s read, %s/s", count, rate)))
		return
	}
	pairs := append([]any{"events", forPrograms(count), "events_per_second", forPrograms(rate)}, s.p.StatusPairs()...)
	fmt.Fprintln(s.out, telemetry.KeyValues("status", pairs...))
}

// forPrograms takes the separators out of a figure.
func forPrograms(figure string) string {
	if figure == "–" {
		return telemetry.Unknown
	}
	return strings.ReplaceAll(figure, ",", "")
}
