package app

import (
	"fmt"
	"slices"
	"time"

	"taxistream/internal/telemetry"
	processor "taxistream/processor/app"
)

// status shows one block of figures, in place on a terminal, as a line now and
// then elsewhere.
type status struct {
	d        *demoRun
	lastLine time.Time
	rate     telemetry.Rate
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
	lines := processor.WithEvents(s.d.processor.StatusLines(), &s.rate, time.Now(), s.d.processor.Events())
	return slices.Insert(lines, 2,
		"event time     "+processor.InNewYork(p.EventTime),
		fmt.Sprintf("sent           %s trips, %s/s", group(p.Put.Trips), group(int64(p.Rate))))
}

func (s *status) line() {
	p := s.d.producer.Stats()
	pairs := append([]any{"trips_sent", p.Put.Trips, "trips_sent_per_second", int64(p.Rate)}, s.d.processor.StatusPairs()...)
	fmt.Fprintln(s.d.stdout, telemetry.KeyValues("status", pairs...))
}

func group(n int64) string { return telemetry.Group(n) }
