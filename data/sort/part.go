package sort

import (
	"taxistream/data/generate"
	"taxistream/data/trips"
)

// meter is that of the files; it tells OnRead.
func (s *Stream) meter() *trips.Meter {
	var files []trips.Input
	for i := range s.sources {
		if s.sources[i].days == nil {
			files = append(files, s.sources[i].in)
		}
	}
	return trips.NewMeter(files, s.o.OnRead)
}

// UnknownPart is the answer of Part where it cannot be told.
const UnknownPart = -1.0

// Part is how much of the trips Next has given since the beginning or Rewind, 0
// to 1; given is their number. It is known where all sources are of one kind: sorted
// files tell it by their trips, prepared ones by their bytes, and one range of
// generated days by its time.
func (s *Stream) Part(given int64) float64 {
	var rows, read, size int64
	var days *generated
	kinds := 0
	for i := range s.summary.Files {
		rows += s.summary.Files[i].Trips
	}
	if rows > 0 {
		kinds++
	}
	for _, in := range s.inputs {
		switch in := in.(type) {
		case *generated:
			days = in
			kinds++
		case *prepared:
			at, of := trips.Position(in.reader)
			if size == 0 {
				kinds++
			}
			read, size = read+at, size+of
		}
	}
	switch {
	case kinds != 1:
		return UnknownPart
	case rows > 0:
		return float64(given) / float64(rows)
	case size > 0:
		return float64(read) / float64(size)
	case days != nil && days.count > 0:
		first, last := generate.Span(days.days)
		return max(float64(days.last-first)/float64(last-first), 0)
	}
	return UnknownPart
}
