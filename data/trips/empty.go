package trips

import "fmt"

// Yield sums up what each source gives, a source being what a person names: one
// file or many. A part of a folder may be empty; a source that gives no row is a
// mistake that is not to pass for success. The zero value is ready.
type Yield struct {
	sources []yield
}

type yield struct {
	source                string
	files, trips, skipped int64
}

// Add adds a file that was read to its end. The files of a source follow each other.
func (y *Yield) Add(source string, s *Stats) {
	if last := len(y.sources) - 1; last < 0 || y.sources[last].source != source {
		y.sources = append(y.sources, yield{source: source})
	}
	of := &y.sources[len(y.sources)-1]
	of.files++
	of.trips += s.Trips
	of.skipped += s.Skipped
}

// Err names the first source that gave no trip, if there is one.
func (y *Yield) Err() error {
	for _, of := range y.sources {
		if of.trips > 0 {
			continue
		}
		text := of.source + ": no row"
		if of.files > 1 {
			text += fmt.Sprintf(" in %d files", of.files)
		}
		if of.skipped > 0 {
			text += fmt.Sprintf(" but %d that are no trips (starts of rides, watermarks)", of.skipped)
		}
		return fmt.Errorf("%s: name a source that holds trips", text)
	}
	return nil
}
