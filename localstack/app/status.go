package app

import (
	"fmt"
	"time"

	"taxistream/engine"
	"taxistream/internal/telemetry"
	processor "taxistream/processor/app"
)

// status draws one block of figures, in place on a terminal, as a line now and
// then elsewhere.
type status struct {
	d        *demoRun
	block    telemetry.Block
	lastLine time.Time
}

// lineInterval is the time between lines where there is no terminal.
const lineInterval = 10 * time.Second

func newStatus(d *demoRun) *status {
	return &status{d: d, block: telemetry.Block{Out: d.stdout, Terminal: telemetry.IsTerminal(d.stdout)}, lastLine: time.Now()}
}

func (s *status) interval() time.Duration { return 200 * time.Millisecond }

func (s *status) draw() {
	if s.d.processorConfig.Log.Quiet {
		return
	}
	if !s.block.Terminal {
		now := time.Now()
		if now.Sub(s.lastLine) < lineInterval {
			return
		}
		s.lastLine = now
	}
	s.block.Draw(s.lines())
}

// end draws the last state for good.
func (s *status) end() {
	if !s.block.Terminal || !s.d.processorConfig.Log.Quiet {
		s.block.Draw(s.lines())
	}
	s.block.Keep()
}

func (s *status) close() { s.block.Keep() }

func (s *status) lines() []string {
	p := s.d.producer.Stats()
	head := "event time     " + processor.InNewYork(p.EventTime)
	if w := s.d.processor.Status().Watermark; shown(p.EventTime) && shown(w) {
		head += ", the watermark " + (time.Duration(max(p.EventTime-w, 0)) * time.Millisecond).Round(time.Second).String() + " behind"
	}
	events := fmt.Sprintf("events         %s sent, %s/s", group(p.Put.Trips), group(int64(p.Rate)))
	return append([]string{head, events}, s.d.processor.StatusLines()...)
}

func shown(ms int64) bool { return ms != engine.NoWatermark && ms != engine.MaxWatermark }

func group(n int64) string { return telemetry.Group(n) }
