package app

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"taxistream/data/sort"
	"taxistream/data/trips"
	"taxistream/internal/flags"
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
	text := fmt.Sprintf("%s UTC  %s trips  %s/s  %d of %d in flight", event, thousands(s.Put.Trips), thousands(int64(s.Rate)), s.Outstanding, c.MaxOutstanding)
	if again := s.Put.Retries + s.Watermarks.Retries; again > 0 {
		text += fmt.Sprintf("  %s sent again", thousands(again))
	}
	return text
}

func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// many is a number with its noun.
func many(n int64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		noun += "e"
	}
	return thousands(n) + " " + noun + "s"
}

// WriteSummary says what a producer did, after Run.
func (p *Producer) WriteSummary(w io.Writer) {
	s := p.Stats()
	seconds := max(s.Elapsed.Seconds(), 0.001)
	fmt.Fprintf(w, "sent        %s in %s (%s/s), %s, last event time %s\n",
		many(s.Put.Trips, "trip"), s.Elapsed.Round(time.Millisecond), thousands(int64(float64(s.Put.Trips)/seconds)), many(int64(s.Passes), "pass"), moment(s.EventTime))
	fmt.Fprintf(w, "records     %s of %.1f MiB in %s calls\n", thousands(s.Put.Records), float64(s.Put.Bytes)/(1<<20), thousands(s.Put.Calls))
	fmt.Fprintf(w, "sent again  %s records (%s throttled), %s calls did not reach the stream\n",
		thousands(s.Put.Retries+s.Watermarks.Retries), thousands(s.Put.Throttles), thousands(s.Put.Outages))
	fmt.Fprintf(w, "watermarks  %s in %s records, the last %s\n", thousands(s.Watermarks.Values), thousands(s.Watermarks.Records), moment(s.Watermark))
	if s.Gaps > 0 {
		fmt.Fprintf(w, "gaps        %s passed over, each longer than %s without an event\n", thousands(s.Gaps), flags.FormatDuration(p.c.MaxGap))
	}
	for _, shard := range slices.Sorted(maps.Keys(s.Put.Shards)) {
		fmt.Fprintf(w, "  %s  %s\n", shard, many(s.Put.Shards[shard], "trip"))
	}
	if s.Unwritable > 0 {
		fmt.Fprintf(w, "dropped     %s trips that cannot be written: times outside the years 0000 to 9999, or numbers not finite\n", thousands(s.Unwritable))
	}
	p.WriteInput(w)
}

// WriteInput says what was read, what was left out, and which rows were bad.
func (p *Producer) WriteInput(w io.Writer) {
	if in, ok := p.input.(interface{ Summary() sort.Summary }); ok {
		writeInput(w, in.Summary())
	}
}

// writeInput says what the files held, and where their bad rows are.
func writeInput(w io.Writer, in sort.Summary) {
	rows, bad := int64(0), int64(0)
	for i := range in.Files {
		rows += in.Files[i].Rows
		bad += in.Files[i].BadRows()
	}
	fmt.Fprintf(w, "read        %s of %s, %s, %s\n", many(rows, "row"), many(int64(len(in.Files)), "file"), many(in.Generated, "generated trip"), many(bad, "bad row"))
	if in.LeftOut.Total() > 0 {
		fmt.Fprintf(w, "left out    %s\n", in.LeftOut.String())
	}
	for i := range in.Files {
		f := &in.Files[i]
		for _, reason := range slices.SortedFunc(maps.Keys(f.Bad), byCount(f.Bad)) {
			b := f.Bad[reason]
			fmt.Fprintf(w, "  %s: %s: %s\n", f.Name, many(b.Count, "row"), reason)
			for _, place := range b.First {
				fmt.Fprintf(w, "    row %d: %s\n", place.Row, place.Text)
			}
		}
	}
}

// byCount puts the reason with the most rows first.
func byCount(bad map[trips.Reason]*trips.Bad) func(a, b trips.Reason) int {
	return func(a, b trips.Reason) int {
		return cmp.Or(cmp.Compare(bad[b].Count, bad[a].Count), cmp.Compare(a, b))
	}
}
