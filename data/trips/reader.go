package trips

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"taxistream/internal/trip"
)

// Reader gives the trips of one file in the file's order.
type Reader interface {
	// Read fills t with the next trip; t.ID is 0 where the file has none. At the end it
	// returns io.EOF, or an error if the file is cut off or all its rows were bad.
	Read(t *trip.Trip) error
	// Stats says what was read so far. It is the reader's own: read it, do not keep it.
	Stats() *Stats
	// Close gives the file free.
	Close() error
}

// Reason says why a row cannot be a trip.
type Reason string

// The reasons.
const (
	BadTime     Reason = "unreadable time"
	DayOrMonth  Reason = "date with the year last, whose day and month cannot be told apart; write 2013-01-31"
	NamedZone   Reason = "time with the name of a zone; write its offset"
	BadNumber   Reason = "unreadable number"
	NotFinite   Reason = "number not finite"
	FewFields   Reason = "missing fields"
	OpenQuote   Reason = "a quote that is not closed"
	NotUTF8     Reason = "not UTF-8"
	LongLine    Reason = "line too long"
	UnknownZone Reason = "unknown zone"
	BadJSON     Reason = "not a trip in JSON"
)

// Place is one bad row.
type Place struct {
	Row  int64 // line of a text file, row of a Parquet file, from 1
	Text string
}

// Bad counts the rows of one reason and keeps the first three places.
type Bad struct {
	Count int64
	First []Place
}

// Stats describes a file and counts its rows.
type Stats struct {
	Name        string
	Format      string // such as "TLC CSV with coordinates"
	Compression string // "none", "gzip", …
	Prepared    bool   // sorted by event time, as its head says
	Rows        int64  // data rows: trips and bad ones
	Trips       int64
	Skipped     int64 // rows that are no trips by design: the start of a ride, a watermark
	Bad         map[Reason]*Bad
}

// Reasons are those of the bad rows, the one of the most rows first.
func (s *Stats) Reasons() []Reason {
	return slices.SortedFunc(maps.Keys(s.Bad), func(a, b Reason) int {
		return cmp.Or(cmp.Compare(s.Bad[b].Count, s.Bad[a].Count), cmp.Compare(a, b))
	})
}

// BadRows is the number of rows that cannot be trips.
func (s *Stats) BadRows() int64 { return s.Rows - s.Trips }

// keepPlaces and keepText bound what is kept of bad rows.
const keepPlaces, keepText = 3, 120

func (s *Stats) bad(reason Reason, row int64, text []byte) {
	s.Rows++
	if s.Bad == nil {
		s.Bad = make(map[Reason]*Bad)
	}
	b := s.Bad[reason]
	if b == nil {
		b = &Bad{}
		s.Bad[reason] = b
	}
	b.Count++
	if len(b.First) < keepPlaces {
		shown := text
		if len(shown) > keepText {
			shown = shown[:keepText]
		}
		b.First = append(b.First, Place{row, fmt.Sprintf("%q", shown)})
	}
}

func (s *Stats) good() {
	s.Rows++
	s.Trips++
}

// end is what Read returns behind the last row.
func (s *Stats) end() error {
	if s.Rows == 0 || s.Trips > 0 {
		return io.EOF
	}
	var reason Reason
	var first Place
	for r, b := range s.Bad {
		if first.Row == 0 || b.First[0].Row < first.Row {
			reason, first = r, b.First[0]
		}
	}
	return fmt.Errorf("%s: all %d rows are bad; the first, row %d: %s in %s", s.Name, s.Rows, first.Row, reason, first.Text)
}
