package sort

import (
	"fmt"
	"math"
	"strings"

	"taxistream/internal/trip"
)

// nothing is the error of a stream that gave no trip: none has a time that was asked for.
func (s *Stream) nothing() error {
	var asked []string
	if s.o.First != math.MinInt64 {
		asked = append(asked, "from "+moment(s.o.First))
	}
	if s.o.Last != math.MaxInt64 {
		asked = append(asked, "to "+moment(s.o.Last))
	}
	if len(asked) == 0 {
		return fmt.Errorf("the sources hold no trip")
	}
	there := ""
	switch {
	case s.low <= s.high:
		there = fmt.Sprintf(": the sources' lie from %s to %s", moment(s.low), moment(s.high))
	case s.high != math.MinInt64:
		there = ": the sources' last is " + moment(s.high)
	case s.low != math.MaxInt64:
		there = ": the sources' first is " + moment(s.low)
	}
	return fmt.Errorf("no trip has an event time %s%s", strings.Join(asked, " "), there)
}

func moment(ms int64) string { return string(trip.AppendTime(nil, ms)) }
