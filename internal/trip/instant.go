package trip

import (
	"fmt"
	"strings"
)

// ParseInstant reads a time as people write it, of -seek and -until, into ms: RFC 3339, or the
// wall clock of New York with or without the time of day, "2015-01-15 07:30:00".
func ParseInstant(text string) (int64, error) {
	if ms, err := ParseTime(text); err == nil {
		return ms, nil
	}
	wall, frac, _ := strings.Cut(text, ".")
	switch len(wall) {
	case len("2015-01-15"):
		wall += " 00:00:00"
	case len("2015-01-15 07:30"):
		wall += ":00"
	}
	milli, ok := parseMilli(frac)
	if seconds, known := Clock(wall); known && ok {
		return NewYorkClock(seconds)*1000 + milli, nil
	}
	return 0, fmt.Errorf("write a time as 2015-01-15T12:30:00Z, or in New York's wall clock as \"2015-01-15 07:30:00\"")
}

// InstantVar reads what ParseInstant does into ms: a flag's function.
func InstantVar(ms *int64) func(text string) error {
	return func(text string) (err error) {
		*ms, err = ParseInstant(text)
		return err
	}
}

// parseMilli reads the digits after the point; digits beyond milliseconds are cut off.
func parseMilli(digits string) (ms int64, ok bool) {
	scale := int64(100)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		ms += int64(c-'0') * scale
		scale /= 10
	}
	return ms, true
}
