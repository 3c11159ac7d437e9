package app

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"taxistream/data/sort"
	"taxistream/data/summary"
	"taxistream/internal/flags"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/producer/watermark"
)

// moment is an instant for people; "none" before the first.
func moment(ms int64) string {
	if ms == watermark.None || !trip.Writable(ms) {
		return "none"
	}
	return string(trip.AppendTime(nil, ms))
}

// figures is a line of statistics, for programs and for grep.
func figures(s *Stats, c *Config) string {
	return fmt.Sprintf("statistics elapsed=%s event_time=%s watermark=%s trips=%d rate=%.0f/s outstanding=%d/%d records=%d bytes=%d retries=%d throttles=%d watermarks=%d",
		s.Elapsed.Round(time.Second), moment(s.EventTime), moment(s.Watermark), s.Put.Trips, s.Rate, s.Outstanding, c.MaxOutstanding,
		s.Put.Records, s.Put.Bytes, s.Put.Retries+s.Watermarks.Retries, s.Put.Throttles, s.Watermarks.Values)
}

// progress is the same for a person who looks on; it fits a usual terminal.
func progress(s *Stats, c *Config) string {
	event := moment(s.EventTime)
	if len(event) > 16 {
		event = event[:10] + " " + event[11:16]
	}
	text := fmt.Sprintf("%s UTC  %s trips  %s/s  %d of %d in flight", event, telemetry.Group(s.Put.Trips), telemetry.Group(int64(s.Rate)), s.Outstanding, c.MaxOutstanding)
	if again := s.Put.Retries + s.Watermarks.Retries; again > 0 {
		text += fmt.Sprintf("  %s sent again", telemetry.Group(again))
	}
	return text
}

// WriteSummary says what a producer did, after Run.
func (p *Producer) WriteSummary(w io.Writer) {
	s := p.Stats()
	seconds := max(s.Elapsed.Seconds(), 0.001)
	fmt.Fprintf(w, "sent        %s in %s (%s/s), %s, last event time %s\n",
		telemetry.Many(s.Put.Trips, "trip"), s.Elapsed.Round(time.Millisecond), telemetry.Group(int64(float64(s.Put.Trips)/seconds)), telemetry.Many(int64(s.Passes), "pass"), moment(s.EventTime))
	fmt.Fprintf(w, "records     %s of %.1f MiB in %s calls\n", telemetry.Group(s.Put.Records), float64(s.Put.Bytes)/(1<<20), telemetry.Group(s.Put.Calls))
	fmt.Fprintf(w, "sent again  %s records (%s throttled), %s calls did not reach the stream\n",
		telemetry.Group(s.Put.Retries+s.Watermarks.Retries), telemetry.Group(s.Put.Throttles), telemetry.Group(s.Put.Outages))
	fmt.Fprintf(w, "watermarks  %s in %s records, the last %s\n", telemetry.Group(s.Watermarks.Values), telemetry.Group(s.Watermarks.Records), moment(s.Watermark))
	if s.Gaps > 0 {
		fmt.Fprintf(w, "gaps        %s passed over, each longer than %s without an event\n", telemetry.Group(s.Gaps), flags.FormatDuration(p.c.MaxGap))
	}
	for _, shard := range slices.Sorted(maps.Keys(s.Put.Shards)) {
		fmt.Fprintf(w, "  %s  %s\n", shard, telemetry.Many(s.Put.Shards[shard], "trip"))
	}
	if s.Unwritable > 0 {
		fmt.Fprintf(w, "dropped     %s trips that cannot be written: times outside the years 0000 to 9999, or numbers not finite\n", telemetry.Group(s.Unwritable))
	}
	p.WriteInput(w)
}

// WriteInput says what was read, what was left out, and which rows were bad.
func (p *Producer) WriteInput(w io.Writer) {
	if in, ok := p.input.(interface{ Summary() sort.Summary }); ok {
		summary.Write(w, in.Summary())
	}
}
