// Package summary tells people what was read of trip files, for every program that reads them.
package summary

import (
	"fmt"
	"io"

	"taxistream/data/sort"
	"taxistream/internal/telemetry"
)

// Write says what was read, what was left out, and where the bad rows are.
func Write(w io.Writer, in sort.Summary) {
	rows, bad := int64(0), int64(0)
	for i := range in.Files {
		rows += in.Files[i].Rows
		bad += in.Files[i].BadRows()
	}
	fmt.Fprintf(w, "read        %s of %s, %s, %s\n", telemetry.Many(rows, "row"), telemetry.Many(int64(len(in.Files)), "file"), telemetry.Many(in.Generated, "generated trip"), telemetry.Many(bad, "bad row"))
	if in.LeftOut.Total() > 0 {
		fmt.Fprintf(w, "left out    %s\n", in.LeftOut.String())
	}
	for i := range in.Files {
		f := &in.Files[i]
		for _, reason := range f.Reasons() {
			b := f.Bad[reason]
			fmt.Fprintf(w, "  %s: %s: %s\n", f.Name, telemetry.Many(b.Count, "row"), reason)
			for _, place := range b.First {
				fmt.Fprintf(w, "    row %d: %s\n", place.Row, place.Text)
			}
		}
	}
}
