package trip

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // the city's zone on machines without a table of their own
	"unicode/utf8"
)

const (
	secondMs = 1000
	dayMs    = 86_400_000

	// The instants that RFC 3339 can write: years 0000 to 9999.
	minWritable = -62_167_219_200_000
	maxWritable = 253_402_300_799_999
)

// NoWatermark is the watermark of a shard that has sent none.
const NoWatermark = -1 << 63

// Writable reports whether an instant has a year that RFC 3339 can write.
func Writable(ms int64) bool { return ms >= minWritable && ms <= maxWritable }

// AppendTime appends an instant as RFC 3339 in UTC with milliseconds. Callers
// ask Writable first: of another instant the text is no time.
func AppendTime(b []byte, ms int64) []byte {
	day := ms / dayMs
	rest := ms % dayMs
	if rest < 0 {
		day--
		rest += dayMs
	}
	year, month, dayOfMonth := civil(day)
	century, y, m, d := pairs[year/100%100], pairs[year%100], pairs[month], pairs[dayOfMonth]
	s, milli := uint32(rest/secondMs), uint32(rest%secondMs)
	h, mi, se, cs := pairs[s/3600], pairs[s/60%60], pairs[s%60], pairs[milli/10]
	return append(b,
		century[0], century[1], y[0], y[1], '-', m[0], m[1], '-', d[0], d[1], 'T',
		h[0], h[1], ':', mi[0], mi[1], ':', se[0], se[1], '.', cs[0], cs[1], byte('0'+milli%10), 'Z')
}

var rfc3339 = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$`)

// ParseTime reads an RFC 3339 instant, with T and Z in upper case, into ms.
// Digits beyond milliseconds are cut off. A time without offset, a 24th hour
// and a 60th second are errors.
func ParseTime(s string) (int64, error) {
	if ms, ok := fastTime(s); ok {
		return ms, nil
	}
	return slowTime(s)
}

// slowTime is the obvious reading, which the fast one is tested against.
func slowTime(s string) (int64, error) {
	p := rfc3339.FindStringSubmatch(s)
	if p == nil {
		return 0, fmt.Errorf("time %q is not RFC 3339 with an offset", clip(s))
	}
	n := func(i int) int { v, _ := strconv.Atoi(p[i]); return v }
	at := time.Date(n(1), time.Month(n(2)), n(3), n(4), n(5), n(6), 0, time.UTC)
	if at.Month() != time.Month(n(2)) || at.Day() != n(3) || n(4) > 23 || n(5) > 59 || n(6) > 59 {
		return 0, fmt.Errorf("time %q does not exist", clip(s))
	}
	milli, _ := strconv.Atoi((p[7] + "000")[:3])
	offset := 0
	if zone := p[8]; zone != "Z" {
		h, _ := strconv.Atoi(zone[1:3])
		m, _ := strconv.Atoi(zone[4:6])
		if h > 23 || m > 59 {
			return 0, fmt.Errorf("time %q has an offset that does not exist", clip(s))
		}
		offset = (h*60 + m) * 60
		if zone[0] == '-' {
			offset = -offset
		}
	}
	ms := (at.Unix()-int64(offset))*secondMs + int64(milli)
	if !Writable(ms) {
		return 0, fmt.Errorf("time %q lies outside the years 0000 to 9999", clip(s))
	}
	return ms, nil
}

// fastTime reads the two usual forms, 2013-01-01T05:02:03Z and …03.000Z.
func fastTime[S string | []byte](s S) (int64, bool) {
	if len(s) != 20 && len(s) != 24 || s[len(s)-1] != 'Z' || s[10] != 'T' {
		return 0, false
	}
	sec, ok := Clock(s[:19])
	if !ok || s[4] != '-' {
		return 0, false
	}
	ms := sec * secondMs
	if len(s) == 24 {
		a, b, c := s[20]-'0', s[21]-'0', s[22]-'0'
		if s[19] != '.' || a > 9 || b > 9 || c > 9 {
			return 0, false
		}
		ms += int64(a)*100 + int64(b)*10 + int64(c)
	}
	return ms, true
}

// Clock reads "2013-01-01 05:02:03" (or with T, or slashes), exactly 19 bytes,
// as seconds since the epoch in the clock's own zone. It reports whether the
// text is a time that exists.
func Clock[S string | []byte](s S) (int64, bool) {
	if len(s) != 19 || s[4] != s[7] || s[13] != ':' || s[16] != ':' || s[10] != ' ' && s[10] != 'T' || s[4] != '-' && s[4] != '/' {
		return 0, false
	}
	y, m, d := two(s[0], s[1])*100+two(s[2], s[3]), two(s[5], s[6]), two(s[8], s[9])
	h, mi, se := two(s[11], s[12]), two(s[14], s[15]), two(s[17], s[18])
	if y > 9999 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) || h > 23 || mi > 59 || se > 59 {
		return 0, false
	}
	return days(y, m, d)*86400 + int64(h*3600+mi*60+se), true
}

// two is the number of two digits, far above them where one is none.
func two(tens, ones byte) int {
	tens, ones = tens-'0', ones-'0'
	if tens > 9 || ones > 9 {
		return 1 << 16
	}
	return int(tens)*10 + int(ones)
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// days counts from the epoch to a civil date of the years 0 to 9999, and civil
// back (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
func days(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := uint32(y+400) / 400
	yoe := uint32(y+400) % 400
	doy := (153*((uint32(m)+9)%12)+2)/5 + uint32(d) - 1
	return int64(era*146097+yoe*365+yoe/4-yoe/100+doy) - eraDays - 719468
}

// eraDays are the days of 400 years. One era more on the way keeps the year 0 above zero, so that
// all is unsigned, which divides faster.
const eraDays = 146097

func civil(day int64) (y, m, d uint32) {
	z := uint32(day + 719468 + eraDays)
	era := z / eraDays
	doe := z % eraDays
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	y = yoe + era*400 - 400
	if m > 12 {
		m -= 12
		y++
	}
	return y, m, d
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// NewYorkZone is the city's time zone. The program holds it: a machine or an
// image need have no time zones.
var NewYorkZone = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic("the embedded time zones are missing: " + err.Error())
	}
	return l
})

// NewYork turns the city's wall clock, a date and time that exist, into UTC ms. A time that the clock shows
// twice is its first reading; one that it skips is read with the offset before
// the change: 2015-03-08 02:30 is 07:30Z.
func NewYork(year, month, day, hour, minute, second, milli int) int64 {
	wall := days(year, month, day)*86400 + int64(hour*3600+minute*60+second)
	return NewYorkClock(wall)*secondMs + int64(milli)
}

// NewYorkClock is NewYork on seconds as Clock returns them.
func NewYorkClock(wall int64) int64 {
	table := newYorkOffsets()
	if i := floorDiv(wall, 86400) - firstTabled; i >= 0 && i < int64(len(table)) && table[i] != 0 {
		return wall + int64(table[i])*3600
	}
	return newYorkSlow(wall)
}

// firstTabled is 2000-01-01; the table reaches to the end of 2039.
const firstTabled, tabledDays = 10957, 14610

// newYorkOffsets holds the hours from the city's clock to UTC for each day on
// which the clock does not change; 0 for the others.
var newYorkOffsets = sync.OnceValue(func() *[tabledDays]int8 {
	var table [tabledDays]int8
	for i := range table {
		start := (firstTabled + int64(i)) * 86400
		first, last := newYorkSlow(start)-start, newYorkSlow(start+86399)-start-86399
		if first == last {
			table[i] = int8(first / 3600)
		}
	}
	return &table
})

func newYorkSlow(wall int64) int64 {
	offset := func(utc int64) int64 {
		_, o := time.Unix(utc, 0).In(NewYorkZone()).Zone()
		return int64(o)
	}
	before, after := offset(wall-86400), offset(wall+86400)
	if first := wall - before; offset(first) == before {
		return first
	}
	if second := wall - after; offset(second) == after {
		return second
	}
	return wall - before
}

// clip shortens foreign text so that it can stand in a message, between runes.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
