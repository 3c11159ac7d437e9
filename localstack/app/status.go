package app

import (
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"

	"taxistream/dashboards/live"
	"taxistream/data/zones"
	"taxistream/engine"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// status draws one block of figures, in place on a terminal, as a line now and
// then elsewhere.
type status struct {
	d        *demoRun
	out      io.Writer
	terminal bool
	drawn    int // lines on the screen
	lastLine time.Time
	began    time.Time
}

// lineInterval is the time between lines where there is no terminal.
const lineInterval = 10 * time.Second

func newStatus(d *demoRun) *status {
	now := time.Now()
	return &status{d: d, out: d.stdout, terminal: telemetry.IsTerminal(d.stdout), began: now, lastLine: now}
}

func (s *status) interval() time.Duration { return 200 * time.Millisecond }

func (s *status) draw() {
	if s.d.processorConfig.Log.Quiet {
		return
	}
	if !s.terminal {
		if now := time.Now(); now.Sub(s.lastLine) >= lineInterval {
			s.lastLine = now
			fmt.Fprintln(s.out, strings.Join(s.lines(), "  "))
		}
		return
	}
	lines := s.lines()
	if s.drawn > 0 {
		fmt.Fprintf(s.out, "\x1b[%dA", s.drawn)
	}
	for _, l := range lines {
		fmt.Fprintf(s.out, "\x1b[2K%s\n", l)
	}
	s.drawn = len(lines)
}

// end draws the last state for good.
func (s *status) end() {
	if s.terminal {
		s.draw()
		s.drawn = 0
	} else {
		fmt.Fprintln(s.out, strings.Join(s.lines(), "  "))
	}
}

func (s *status) close() { s.drawn = 0 }

func (s *status) lines() []string {
	p, j, w := s.d.producer.Stats(), s.d.processor.Status(), s.d.processor.Documents()
	fired := int64(0)
	for _, o := range j.Operators {
		for _, t := range o.Subtasks {
			fired += t.Fired
		}
	}
	return []string{
		fmt.Sprintf("event time     %s", newYork(p.EventTime)),
		fmt.Sprintf("events         %s sent, %s/s", group(p.Put.Trips), group(int64(p.Rate))),
		fmt.Sprintf("watermark      %s, %s behind", newYork(j.Watermark), lag(p.EventTime, j.Watermark)),
		fmt.Sprintf("windows fired  %s", group(fired)),
		fmt.Sprintf("documents      %s written", group(w.Written)),
		fmt.Sprintf("rejects        %s", rejects(s.d.processor.Rejects())),
		fmt.Sprintf("hottest now    %s", hottestNow(s.d.processor.Hottest(hottestShown))),
	}
}

// hottestShown is how many cells fit into the status.
const hottestShown = 3

// hottestNow names cells by their neighbourhoods.
func hottestNow(spots []live.Spot) string {
	if len(spots) == 0 {
		return "–"
	}
	parts := make([]string, len(spots))
	for i, spot := range spots {
		name, _, ok := zones.Zone(spot.Lat, spot.Lon)
		if !ok {
			name = spot.Cell
		}
		parts[i] = group(spot.Pickups) + " " + name
	}
	return strings.Join(parts, ", ")
}

func lag(eventTime, watermark int64) string {
	if !shown(eventTime) || !shown(watermark) {
		return "–"
	}
	return (time.Duration(max(eventTime-watermark, 0)) * time.Millisecond).Round(time.Second).String()
}

func shown(ms int64) bool { return ms != engine.NoWatermark && ms != engine.MaxWatermark }

// newYork shows an instant on the city's clock.
func newYork(ms int64) string {
	switch {
	case ms == engine.MaxWatermark:
		return "at the end"
	case !shown(ms):
		return "–"
	}
	return time.UnixMilli(ms).In(trip.NewYorkZone()).Format("Mon 2006-01-02 15:04:05")
}

func rejects(n map[trip.Reason]int64) string {
	var parts []string
	for reason, count := range n {
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", group(count), reason))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

// group writes a number with separators.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
