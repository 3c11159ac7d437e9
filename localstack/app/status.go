package app

import (
	"fmt"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/internal/telemetry"
	processor "taxistream/processor/app"
)

// status shows one block of figures, in place on a terminal, as a line now and
// then elsewhere.
type status struct {
	d        *demoRun
	lastLine time.Time
}

// lineInterval is the time between lines where there is no terminal.
const lineInterval = 10 * time.Second

func newStatus(d *demoRun) *status { return &status{d: d, lastLine: time.Now()} }

func (s *status) interval() time.Duration { return 200 * time.Millisecond }

func (s *status) draw() {
	if s.d.processorConfig.Log.Quiet {
		return
	}
	if s.d.screen.Terminal() {
		s.d.screen.Draw(s.lines())
		return
	}
	if now := time.Now(); now.Sub(s.lastLine) >= lineInterval {
		s.lastLine = now
		s.line()
	}
}

// end shows the last state for good.
func (s *status) end() {
	switch {
	case !s.d.screen.Terminal():
		s.line()
	case !s.d.processorConfig.Log.Quiet:
		s.d.screen.Draw(s.lines())
	}
	s.close()
}

func (s *status) close() { s.d.screen.Keep() }

// lines put what is sent between the processor's state and its results.
func (s *status) lines() []string {
	p := s.d.producer.Stats()
	at := "event time     " + processor.InNewYork(p.EventTime)
	if w := s.d.processor.Status().Watermark; shown(p.EventTime) && shown(w) {
		at += ", the watermark " + (time.Duration(max(p.EventTime-w, 0)) * time.Millisecond).Round(time.Second).String() + " behind"
	}
	lines := s.d.processor.StatusLines()
	return slices.Insert(lines, 2, at, fmt.Sprintf("events         %s sent, %s/s", group(p.Put.Trips), group(int64(p.Rate))))
}

func (s *status) line() {
	p := s.d.producer.Stats()
	pairs := append([]any{"sent", p.Put.Trips, "sent_per_second", int64(p.Rate)}, s.d.processor.StatusPairs()...)
	fmt.Fprintln(s.d.stdout, telemetry.KeyValues("status", pairs...))
}

func shown(ms int64) bool { return ms != engine.NoWatermark && ms != engine.MaxWatermark }

func group(n int64) string { return telemetry.Group(n) }
