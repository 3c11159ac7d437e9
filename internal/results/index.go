package results

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"taxistream/internal/names"
)

// Aliases are the names without prefix, each with its own template.
func Aliases() []string {
	return []string{names.PickupCount, names.TripDuration, names.TaxiRejects}
}

// ValidatePrefix checks that index names can begin with prefix.
func ValidatePrefix(prefix string) error {
	switch {
	case strings.ToLower(prefix) != prefix:
		return fmt.Errorf("index prefix %q: write it in lower case", prefix)
	case strings.ContainsAny(prefix, "\\/*?\"<>| ,#:\t\n\r"):
		return fmt.Errorf("index prefix %q: leave out blanks and each of \\ / * ? \" < > | , # : in it", prefix)
	case prefix != "" && strings.ContainsAny(prefix[:1], "-_+."):
		return fmt.Errorf("index prefix %q: begin with a letter or a digit", prefix)
	case len(prefix) > 200:
		return errors.New("index prefix: longer than 200 bytes")
	}
	return nil
}

// MonthlyIndex names the index of the UTC month that holds the time ms, in
// milliseconds since the epoch: <prefix><alias>-yyyy.MM.
func MonthlyIndex(prefix, alias string, ms int64) string {
	t := time.UnixMilli(ms).UTC()
	b := make([]byte, 0, len(prefix)+len(alias)+len("-2016.01"))
	b = append(b, prefix...)
	b = append(b, alias...)
	b = append(b, '-')
	year := t.Year()
	for limit := 1000; limit > 1 && year < limit && year >= 0; limit /= 10 {
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, int64(year), 10)
	b = append(b, '.')
	if t.Month() < 10 {
		b = append(b, '0')
	}
	return string(strconv.AppendInt(b, int64(t.Month()), 10))
}
