package search

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date in the format strict_date_optional_time||epoch_millis.
// first and last are the milliseconds that it spans: 2016-01 is the whole month,
// which a query's lte and gt mean to its end.
func parseDate(s string) (first, last int64, ok bool) {
	if t, span, ok := parseISO(s); ok {
		first = t.UnixMilli()
		return first, span(t).UnixMilli() - 1, true
	}
	return parseMillis(s)
}

// parseInstant reads the one form that the pipeline writes,
// yyyy-MM-ddTHH:mm:ss.SSSZ, without allocating. What it does not take may still
// be a date.
func parseInstant(b []byte) (ms int64, ok bool) {
	const form = "0000-00-00T00:00:00.000Z"
	if len(b) != len(form) {
		return 0, false
	}
	for i := range b {
		if digit := form[i] == '0'; digit && (b[i] < '0' || b[i] > '9') || !digit && b[i] != form[i] {
			return 0, false
		}
	}
	two := func(i int) int64 { return int64(b[i]-'0')*10 + int64(b[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return 0, false // the ends of months are for the one who knows them
	}
	// Days since the epoch, counted in years that begin in March.
	if month <= 2 {
		year--
		month += 12
	}
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469
	return ((days*24+hour)*60+minute)*60_000 + second*1000 + two(20)*10 + int64(b[22]-'0'), true
}

// parseMillis reads milliseconds; a fraction is cut off.
func parseMillis(s string) (first, last int64, ok bool) {
	whole, fraction, dotted := strings.Cut(s, ".")
	if _, rest, _ := number(fraction, len(fraction)); rest != "" || dotted && fraction == "" {
		return 0, 0, false
	}
	ms, err := strconv.ParseInt(whole, 10, 64)
	return ms, ms, err == nil
}

// number reads exactly n digits.
func number(s string, n int) (value int, rest string, ok bool) {
	if len(s) < n {
		return 0, s, false
	}
	for i := range n {
		c := s[i] - '0'
		if c > 9 {
			return 0, s, false
		}
		value = value*10 + int(c)
	}
	return value, s[n:], true
}

// part reads a separator and n digits, if the separator is there.
func part(s string, separator byte, n int) (value int, rest string, there, ok bool) {
	if s == "" || s[0] != separator {
		return 0, s, false, true
	}
	value, rest, ok = number(s[1:], n)
	return value, rest, true, ok
}

type span func(time.Time) time.Time

func lasting(d time.Duration) span { return func(t time.Time) time.Time { return t.Add(d) } }

// parseISO reads yyyy[-MM[-dd[THH[:mm[:ss[.fraction]]]][zone]]].
func parseISO(s string) (time.Time, span, bool) {
	year, s, ok := number(s, 4)
	if !ok {
		return time.Time{}, nil, false
	}
	day := 1
	unit := lasting(24 * time.Hour) // of a year or a month too: OpenSearch takes their first day
	var month int
	var there bool
	if month, s, there, ok = part(s, '-', 2); !ok {
		return time.Time{}, nil, false
	} else if !there {
		month = 1
	} else {
		if day, s, there, ok = part(s, '-', 2); !ok {
			return time.Time{}, nil, false
		} else if !there {
			day = 1
		}
	}
	c, zone, ok := parseClock(s)
	if !ok {
		return time.Time{}, nil, false
	}
	if c.unit != nil {
		unit = c.unit
	}
	t := time.Date(year, time.Month(month), day, c.hour, c.minute, c.second, c.nanos, time.UTC)
	if t.Day() != day || int(t.Month()) != month || c.hour > 23 || c.minute > 59 || c.second > 59 {
		return time.Time{}, nil, false
	}
	return t.Add(-zone), unit, true
}

type clockTime struct {
	hour, minute, second, nanos int
	unit                        span // nil: no time was given
}

// parseClock reads what follows the day: nothing, or THH[:mm[:ss[.f…]]] and a zone.
func parseClock(s string) (c clockTime, zone time.Duration, ok bool) {
	if s == "" {
		return c, 0, true
	}
	var there bool
	if c.hour, s, there, ok = part(s, 'T', 2); !ok || !there {
		return c, 0, false
	}
	c.unit = lasting(time.Hour)
	if c.minute, s, there, ok = part(s, ':', 2); !ok {
		return c, 0, false
	}
	if there {
		c.unit = lasting(time.Minute)
		if c.second, s, there, ok = part(s, ':', 2); !ok {
			return c, 0, false
		}
		if there {
			c.unit = lasting(time.Second)
			if s != "" && (s[0] == '.' || s[0] == ',') {
				if c.nanos, s, ok = fraction(s[1:]); !ok {
					return c, 0, false
				}
				c.unit = lasting(time.Millisecond)
			}
		}
	}
	zone, ok = parseZone(s)
	return c, zone, ok
}

func fraction(s string) (nanos int, rest string, ok bool) {
	scale, n := 100_000_000, 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' && n < 9 {
		nanos += int(s[n]-'0') * scale
		scale /= 10
		n++
	}
	return nanos, s[n:], n > 0
}

// parseZone reads nothing (UTC), Z, ±HH, ±HHmm or ±HH:mm.
func parseZone(s string) (time.Duration, bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	sign := time.Duration(1)
	switch s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	hours, rest, ok := number(s[1:], 2)
	if !ok || hours > 18 {
		return 0, false
	}
	minutes := 0
	if len(rest) > 0 {
		if rest[0] == ':' {
			rest = rest[1:]
		}
		if minutes, rest, ok = number(rest, 2); !ok || rest != "" || minutes > 59 {
			return 0, false
		}
	}
	return sign * (time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute), true
}
