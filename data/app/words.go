package app

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// writeStats says what a file is and what its rows are.
func writeStats(w io.Writer, s *trips.Stats) {
	fmt.Fprintf(w, "%s: %s, compression %s: %s, %s, %s bad", s.Name, s.Format, s.Compression, many(s.Rows, "row"), many(s.Trips, "trip"), thousands(s.BadRows()))
	if s.Skipped > 0 {
		fmt.Fprintf(w, ", %s passed over (starts of rides, watermarks)", thousands(s.Skipped))
	}
	fmt.Fprintln(w)
	byCount := func(a, b trips.Reason) int {
		return cmp.Or(cmp.Compare(s.Bad[b].Count, s.Bad[a].Count), cmp.Compare(a, b))
	}
	for _, reason := range slices.SortedFunc(maps.Keys(s.Bad), byCount) {
		fmt.Fprintf(w, "  %s: %s\n", many(s.Bad[reason].Count, "row"), reason)
		for _, place := range s.Bad[reason].First {
			fmt.Fprintf(w, "    %s:%d: %s\n", s.Name, place.Row, place.Text)
		}
	}
}

// writeLeftOut says what was not read of folders, globs and prefixes.
func writeLeftOut(w io.Writer, l trips.LeftOut) {
	if l.Total() > 0 {
		fmt.Fprintf(w, "left out: %s\n", l.String())
	}
}

func moment(ms int64) string { return string(trip.AppendTime(nil, ms)) }

func inNewYork(ms int64) string {
	return time.UnixMilli(ms).In(trip.NewYorkZone()).Format("Mon 2006-01-02 15:04:05 -0700")
}

// percent is a share in hundredths of a percent. Little is not nothing, and nearly
// all is not all.
func percent(part, whole int64) string {
	share := 100 * float64(part) / float64(max(whole, 1))
	switch {
	case part > 0 && share < 0.01:
		return "< 0.01 %"
	case part < whole && share > 99.99:
		return "> 99.99 %"
	}
	return fmt.Sprintf("%.2f %%", share)
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
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
