package generate

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Years that trips can be generated for: the records' first, and the last that
// the daylight saving rule of today is trusted for.
const (
	FirstYear = 2009
	LastYear  = 2030
)

// Date is a calendar day in New York.
type Date struct{ Year, Month, Day int }

// String gives the date as 2016-01-05.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// plus returns the date some days later.
func (d Date) plus(days int) Date {
	t := time.Date(d.Year, time.Month(d.Month), d.Day+days, 0, 0, 0, 0, time.UTC)
	return Date{t.Year(), int(t.Month()), t.Day()}
}

func (d Date) weekday() time.Weekday {
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Parse reads what follows "generate:" in a source: "2016-01-05" for one day, or
// "2016-01-05/7" for seven days beginning with that one. The error says which
// part is wrong and what would be right.
func Parse(spec string) (Options, error) {
	date, days, hasDays := strings.Cut(spec, "/")
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return Options{}, fmt.Errorf("generate %q: %q is no date such as 2016-01-05", spec, date)
	}
	o := Options{First: Date{day.Year(), int(day.Month()), day.Day()}, Days: 1}
	if hasDays {
		if o.Days, err = number(days); err != nil {
			return Options{}, fmt.Errorf("generate %q: %q is no number of days", spec, days)
		}
	}
	if err := o.check(); err != nil {
		return Options{}, fmt.Errorf("generate %q: %w", spec, err)
	}
	return o, nil
}

// check reports the first option that is out of its limits.
func (o *Options) check() error {
	switch last := o.First.plus(o.Days - 1); {
	case o.First != o.First.plus(0):
		return fmt.Errorf("%s is not in the calendar", o.First)
	case o.Days < 1 || o.Days > MaxDays:
		return fmt.Errorf("%d days; give 1 to %d", o.Days, MaxDays)
	case o.First.Year < FirstYear || last.Year > LastYear:
		return fmt.Errorf("%s to %s; give days from %d to %d", o.First, last, FirstYear, LastYear)
	case o.TripsPerDay < 0 || o.TripsPerDay > MaxTripsPerDay:
		return fmt.Errorf("%d trips a day; give at most %d", o.TripsPerDay, MaxTripsPerDay)
	}
	return nil
}

// number reads a short run of digits, without sign.
func number(text string) (int, error) {
	if text == "" || len(text) > 9 {
		return 0, errors.New("no number of 1 to 9 digits")
	}
	n := 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%q is no number", text)
		}
		n = n*10 + int(c-'0')
	}
	return n, nil
}
