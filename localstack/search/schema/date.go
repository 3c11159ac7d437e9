package schema

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a date in the format strict_date_optional_time||epoch_millis.
// first and last are the milliseconds that it spans: 2016-01-02 is the whole day,
// which a query's lte and gt mean to its end.
func ParseDate(s string) (first, last int64, ok bool) {
	if t, span, ok := parseISO(s); ok {
		first = t.UnixMilli()
		return first, t.Add(span).UnixMilli() - 1, true
	}
	first, ok = ParseMillis(s)
	return first, first, ok
}

// ParseMillis reads milliseconds; a fraction is cut off.
func ParseMillis(s string) (ms int64, ok bool) {
	whole, fraction, dotted := strings.Cut(s, ".")
	if strings.Trim(fraction, "0123456789") != "" || dotted && fraction == "" {
		return 0, false
	}
	ms, err := strconv.ParseInt(whole, 10, 64)
	return ms, err == nil
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

// isoForms are what ISO dates may be cut to, by their length, and what they then
// span. A year or a month is its first day to OpenSearch.
var isoForms = map[int]struct {
	layout string
	span   time.Duration
}{
	4: {"2006", 24 * time.Hour}, 7: {"2006-01", 24 * time.Hour}, 10: {"2006-01-02", 24 * time.Hour},
	13: {"2006-01-02T15", time.Hour}, 16: {"2006-01-02T15:04", time.Minute}, 19: {"2006-01-02T15:04:05", time.Second},
}

// parseISO reads yyyy[-MM[-dd[THH[:mm[:ss[.fraction]]]][zone]]].
func parseISO(s string) (t time.Time, span time.Duration, ok bool) {
	local, zone := s, ""
	if clock := strings.IndexByte(s, 'T'); clock >= 0 {
		if i := strings.IndexAny(s[clock:], "Z+-"); i >= 0 {
			local, zone = s[:clock+i], s[clock+i:]
		}
	}
	whole, fraction := local, ""
	if i := strings.IndexAny(local, ".,"); i >= 0 {
		whole, fraction = local[:i], local[i+1:]
		if len(whole) != 19 || fraction == "" || len(fraction) > 9 || strings.Trim(fraction, "0123456789") != "" {
			return t, 0, false
		}
	}
	form, ok := isoForms[len(whole)]
	if !ok {
		return t, 0, false
	}
	t, err := time.Parse(form.layout, local) // it takes a fraction after seconds
	if err != nil {
		return t, 0, false
	}
	if fraction != "" {
		form.span = time.Millisecond
	}
	offset, ok := parseZone(zone)
	return t.Add(-offset), form.span, ok
}

// parseZone reads nothing (UTC), Z, ±HH, ±HHmm or ±HH:mm.
func parseZone(s string) (time.Duration, bool) {
	layout, ok := map[int]string{0: "", 1: "Z", 3: "-07", 5: "-0700", 6: "-07:00"}[len(s)]
	if !ok {
		return 0, false
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return 0, false
	}
	_, offset := t.Zone()
	zone := time.Duration(offset) * time.Second
	return zone, zone.Abs() <= 18*time.Hour
}
