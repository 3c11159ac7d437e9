package generate_test

import (
	"strings"
	"testing"

	"taxistream/data/generate"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, spec string
		first      string
		days       int
		err        string // "" for none, else part of it
	}{
		{"one day", "2016-01-05", "2016-01-05", 1, ""},
		{"a week", "2016-01-05/7", "2016-01-05", 7, ""},
		{"a leap year", "2012-01-01/366", "2012-01-01", 366, ""},
		{"the last day", "2030-12-31", "2030-12-31", 1, ""},
		{"nothing", "", "", 0, "no date such as"},
		{"no date", "tomorrow", "", 0, "no date such as"},
		{"not in the calendar", "2015-02-29", "", 0, "no date such as"},
		{"another order", "05.01.2016", "", 0, "no date such as"},
		{"no days", "2016-01-05/", "", 0, "no number of days"},
		{"days in words", "2016-01-05/week", "", 0, "no number of days"},
		{"signed days", "2016-01-05/+7", "", 0, "no number of days"},
		{"zero days", "2016-01-05/0", "", 0, "give 1 to 366"},
		{"negative days", "2016-01-05/-1", "", 0, "no number of days"},
		{"too many days", "2016-01-05/367", "", 0, "give 1 to 366"},
		{"far too many days", "2016-01-05/999999999", "", 0, "give 1 to 366"},
		{"before taxis reported", "2008-12-31", "", 0, "from 2009 to 2030"},
		{"past the end", "2030-12-31/2", "", 0, "from 2009 to 2030"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := generate.Parse(tt.spec)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n") {
					t.Fatalf("Parse(%q): %v, want %q in one line", tt.spec, err, tt.err)
				}
				return
			}
			if err != nil || o.First.String() != tt.first || o.Days != tt.days {
				t.Errorf("Parse(%q) = %v, %d days, %v", tt.spec, o.First, o.Days, err)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	day := generate.Date{Year: 2016, Month: 1, Day: 5}
	for name, o := range map[string]generate.Options{
		"the zero value":     {},
		"no days":            {First: day},
		"a date that is not": {First: generate.Date{Year: 2015, Month: 2, Day: 29}, Days: 1},
		"negative trips":     {First: day, Days: 1, TripsPerDay: -1},
		"too many trips":     {First: day, Days: 1, TripsPerDay: generate.MaxTripsPerDay + 1},
	} {
		if _, err := generate.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{"2016-01-05", "2016-01-05/7", "", "/", "2016-01-05/", "2015-02-29/1", "0000-01-01/1", "2016-01-05/1/2"} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		o, err := generate.Parse(spec)
		if err != nil {
			return
		}
		if _, err := generate.New(o); err != nil {
			t.Errorf("Parse(%q) gives %+v, which New refuses: %v", spec, o, err)
		}
		if o.Days < 1 || o.Days > generate.MaxDays || !strings.HasPrefix(spec, o.First.String()) {
			t.Errorf("Parse(%q) = %+v", spec, o)
		}
	})
}
