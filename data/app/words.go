package app

import (
	"fmt"
	"io"
	"time"

	"taxistream/data/trips"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// writeStats says what a file is and what its rows are.
func writeStats(w io.Writer, s *trips.Stats) {
	fmt.Fprintf(w, "%s: %s, compression %s: %s, %s, %s bad", s.Name, s.Format, s.Compression, telemetry.Many(s.Rows, "row"), telemetry.Many(s.Trips, "trip"), telemetry.Group(s.BadRows()))
	if s.Skipped > 0 {
		fmt.Fprintf(w, ", %s passed over (starts of rides, watermarks)", telemetry.Group(s.Skipped))
	}
	fmt.Fprintln(w)
	for _, reason := range s.Reasons() {
		fmt.Fprintf(w, "  %s: %s\n", telemetry.Many(s.Bad[reason].Count, "row"), reason)
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

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
