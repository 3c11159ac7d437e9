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

// StatusLines say for people how far the processor is; the same for the demo.
func (p *Processor) StatusLines() []string {
	j := p.Status()
	fired, behind := int64(0), time.Duration(0)
	for _, o := range j.Operators {
		for _, t := range o.Subtasks {
			fired += t.Fired
		}
	}
	for _, split := range j.Splits {
		if split.State == engine.SplitReading {
			behind = max(behind, split.Lag)
		}
	}
	return []string{
		fmt.Sprintf("watermark      %s, reading %s behind", InNewYork(j.Watermark), behind.Round(100*time.Millisecond)),
		fmt.Sprintf("windows fired  %s", telemetry.Group(fired)),
		fmt.Sprintf("documents      %s written", telemetry.Group(p.Documents().Written)),
		fmt.Sprintf("rejects        %s", rejectsInWords(p.Rejects())),
		fmt.Sprintf("hottest now    %s", hottestInWords(p.room.Hottest(hottestShown))),
	}
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

// screen shows the status while the processor runs: in place on a terminal,
// a line a minute elsewhere, or the figures in CloudWatch's format.
type screen struct {
	block telemetry.Block
	p     *Processor
	emf   *telemetry.EMF // nil: the status, for people
	read  int64
	at    time.Time
}

const terminalInterval, lineInterval = 500 * time.Millisecond, time.Minute

// newScreen writes the figures' first lines at once: a start that ends soon is seen.
func newScreen(p *Processor, stdout io.Writer) (*screen, error) {
	s := &screen{block: telemetry.Block{Out: stdout, Terminal: telemetry.IsTerminal(stdout)}, p: p, at: p.now()}
	if p.c.EMF == "" {
		return s, nil
	}
	var err error
	if s.emf, err = p.emf(stdout); err == nil {
		s.draw()
	}
	return s, err
}

func (s *screen) interval() time.Duration {
	switch {
	case s.emf != nil:
		return telemetry.EMFInterval
	case s.block.Terminal:
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

// end writes what the figures counted since their last lines.
func (s *screen) end() {
	if s.emf != nil {
		s.draw()
	}
}

func (s *screen) status() {
	read, now := int64(0), s.p.now()
	for _, split := range s.p.Status().Splits {
		read += split.Elements
	}
	rate := 0.0
	if d := now.Sub(s.at).Seconds(); d > 0 {
		rate = float64(read-s.read) / d
	}
	s.read, s.at = read, now
	s.block.Draw(append([]string{fmt.Sprintf("events         %s read, %s/s", telemetry.Group(read), telemetry.Group(int64(rate)))}, s.p.StatusLines()...))
}
