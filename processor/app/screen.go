package app

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"taxistream/internal/telemetry"
)

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
	events := s.p.Events()
	if s.Terminal() {
		s.Draw(WithEvents(s.p.StatusLines(), &s.rate, s.p.now(), events))
		return
	}
	count, rate := eventsIn(&s.rate, s.p.now(), events)
	pairs := append([]any{"events", forPrograms(count), "events_per_second", forPrograms(rate)}, s.p.StatusPairs()...)
	fmt.Fprintln(s.out, telemetry.KeyValues("status", pairs...))
}

// Events is how many events were read, trips and watermarks, rejected ones included; nil: not known yet.
func (p *Processor) Events() *int64 {
	status := p.Status()
	if len(status.Splits) == 0 {
		return nil
	}
	read := p.parts().Read.In(status)
	return &read
}

// WithEvents puts the events that were read, and how many a second, into StatusLines.
func WithEvents(lines []string, rate *telemetry.Rate, now time.Time, events *int64) []string {
	count, perSecond := eventsIn(rate, now, events)
	return slices.Insert(lines, 2, fmt.Sprintf("events         %s read, %s/s", count, perSecond))
}

func eventsIn(rate *telemetry.Rate, now time.Time, events *int64) (count, perSecond string) {
	if events == nil {
		return "–", "–"
	}
	count, perSecond = telemetry.Group(*events), "–"
	if r, known := rate.Of(now, *events); known {
		perSecond = telemetry.Group(int64(r))
	}
	return count, perSecond
}

// forPrograms takes the separators out of a figure.
func forPrograms(figure string) string {
	if figure == "–" {
		return telemetry.Unknown
	}
	return strings.ReplaceAll(figure, ",", "")
}
