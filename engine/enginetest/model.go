package enginetest

import "slices"

// Model is the slowest, most obvious account of what a job must make of a log that
// judges lateness by split, lets each (id, window) pass once and counts by group
// and tumbling window. It shares no code with the engine.
type Model[T any] struct {
	ID    func(T) int64
	Group func(T) int64
	Size  int64 // of a window, ms
}

// Outcome is what must come out, whatever the schedule.
type Outcome struct {
	Counts map[GroupWindow]int64
	Late   []Place // in the order of splits and numbers
	// Duplicates is their number; which copy counts depends on the schedule.
	Duplicates int
}

// GroupWindow names one result.
type GroupWindow struct{ Group, Start int64 }

// Place names one record of a log.
type Place struct {
	Split  string
	Number int
}

// Run reads the log split by split.
func (m Model[T]) Run(l *Log[T]) Outcome {
	out := Outcome{Counts: make(map[GroupWindow]int64)}
	type pair struct{ id, start int64 }
	counted := make(map[pair]bool)
	last := make(map[string]int64) // watermark at each split's end
	for _, split := range l.Splits() {
		watermark, first := int64(-1<<63), true
		for _, parent := range split.Parents {
			if first || last[parent] < watermark {
				watermark, first = last[parent], false
			}
		}
		for number, e := range l.Records(split.ID) {
			if e.Value.IsWatermark {
				if e.EventTime > watermark {
					watermark = e.EventTime
				}
				continue
			}
			start := e.EventTime - e.EventTime%m.Size
			if e.EventTime%m.Size < 0 {
				start -= m.Size
			}
			if watermark >= start+m.Size-1 {
				out.Late = append(out.Late, Place{split.ID, number})
				continue
			}
			p := pair{m.ID(e.Value.Value), start}
			if counted[p] {
				out.Duplicates++
				continue
			}
			counted[p] = true
			out.Counts[GroupWindow{m.Group(e.Value.Value), start}]++
		}
		last[split.ID] = watermark
	}
	SortPlaces(out.Late)
	return out
}

// SortPlaces sorts by split and number.
func SortPlaces(places []Place) {
	slices.SortFunc(places, func(a, b Place) int {
		if a.Split != b.Split {
			if a.Split < b.Split {
				return -1
			}
			return 1
		}
		return a.Number - b.Number
	})
}
