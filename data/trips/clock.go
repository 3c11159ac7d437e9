package trips

import (
	"bytes"

	"taxistream/internal/trip"
)

// parseClock reads a time as trip files write it, into ms: "2013-01-01 05:02:03",
// New York wall clock, or any other form of slowClock.
func parseClock(b []byte) (int64, Reason) {
	if len(b) == 19 {
		if sec, ok := trip.Clock(b); ok {
			return writable(trip.NewYorkClock(sec) * 1000)
		}
	}
	return slowClock(bytes.TrimSpace(b))
}

func writable(ms int64) (int64, Reason) {
	if !trip.Writable(ms) {
		return 0, BadTime
	}
	return ms, ""
}

// slowClock reads the forms of ISO 8601 with a date and a time, those of
// PostgreSQL, and the American one with AM or PM:
//
//	2013-01-01 05:02:03   with T, t, slashes, without seconds
//	20130101T050203
//	1/31/2013 5:02:03 PM
//
// A fraction of a second, with a point or a comma, is cut off behind
// milliseconds. Behind the time may stand Z, UTC, GMT or an offset (+00, -0500,
// +05:30, +05:30:00), with or without a space, and behind that the name of a zone
// in brackets, which says no more. Without an offset it is New York wall clock.
func slowClock(b []byte) (int64, Reason) {
	s := scanner{b: b}
	date, american := s.date()
	if !s.separator() {
		return 0, BadTime
	}
	second, milli := s.time()
	half := s.half()
	if s.bad {
		return 0, BadTime
	}
	if american && half == "" {
		return 0, DayOrMonth
	}
	if half != "" {
		hour := second / 3600
		if hour < 1 || hour > 12 {
			return 0, BadTime
		}
		second -= hour / 12 * 12 * 3600
		if half == "PM" {
			second += 12 * 3600
		}
	}
	sec := date + second
	offset, local := s.offset()
	if s.bad || len(s.b) > 0 {
		return 0, s.fault()
	}
	if local {
		sec = trip.NewYorkClock(sec)
	} else {
		sec -= offset
	}
	return writable(sec*1000 + milli)
}

// scanner takes a text apart from its beginning; bad is set once it cannot go on.
type scanner struct {
	b   []byte
	bad bool
}

// fault is the reason of a text that is no time: the name of a zone is told apart.
func (s *scanner) fault() Reason {
	rest := bytes.TrimLeft(s.b, " [")
	if len(rest) > 1 && letter(rest[0]) && letter(rest[1]) {
		return NamedZone
	}
	return BadTime
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// digits takes n digits, or as many as there are from 1 to -n.
func (s *scanner) digits(n int) int64 {
	most := max(n, -n)
	var v int64
	i := 0
	for ; i < most && i < len(s.b) && s.b[i]-'0' <= 9; i++ {
		v = v*10 + int64(s.b[i]-'0')
	}
	s.bad = s.bad || i == 0 || n > 0 && i < n
	s.b = s.b[i:]
	return v
}

// one takes one of the characters, and returns it, or 0.
func (s *scanner) one(of string) byte {
	if len(s.b) == 0 || bytes.IndexByte([]byte(of), s.b[0]) < 0 {
		return 0
	}
	c := s.b[0]
	s.b = s.b[1:]
	return c
}

// run is the number of digits that follow.
func (s *scanner) run() int {
	n := 0
	for n < len(s.b) && s.b[n]-'0' <= 9 {
		n++
	}
	return n
}

// date takes a date, in seconds since the epoch, and says whether the year came last.
func (s *scanner) date() (sec int64, american bool) {
	var y, m, d int64
	switch s.run() {
	case 8:
		y, m, d = s.digits(4), s.digits(2), s.digits(2)
	case 4:
		y = s.digits(4)
		mark := s.one("-/")
		m = s.digits(2)
		s.bad = s.bad || mark == 0 || s.one("-/") != mark
		d = s.digits(2)
	default:
		american = true
		m = s.digits(-2)
		s.bad = s.bad || s.one("/") == 0
		d = s.digits(-2)
		s.bad = s.bad || s.one("/") == 0
		y = s.digits(4)
	}
	text := [19]byte{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', ' ', '0', '0', ':', '0', '0', ':', '0', '0'}
	for i, v := 3, y; i >= 0; i, v = i-1, v/10 {
		text[i] = byte('0' + v%10)
	}
	text[5], text[6], text[8], text[9] = byte('0'+m/10), byte('0'+m%10), byte('0'+d/10), byte('0'+d%10)
	sec, ok := trip.Clock(text[:])
	s.bad = s.bad || !ok
	return sec, american
}

// separator takes what stands between date and time.
func (s *scanner) separator() bool {
	if s.one("Tt") != 0 {
		return !s.bad
	}
	return s.one(" ") != 0 && !s.bad
}

// time takes a time of day, with colons or without.
func (s *scanner) time() (second, milli int64) {
	basic := s.run() >= 4
	mark := func() bool { return basic || s.one(":") != 0 }
	var h, m, sec int64
	if h = s.digits(-2); !mark() {
		s.bad = true
	}
	m = s.digits(2)
	if basic && s.run() > 0 || !basic && mark() {
		sec = s.digits(2)
		milli = s.fraction()
	}
	s.bad = s.bad || h > 23 || m > 59 || sec > 59
	return h*3600 + m*60 + sec, milli
}

// fraction takes the fraction of a second, if there is one.
func (s *scanner) fraction() (milli int64) {
	if s.one(".,") == 0 {
		return 0
	}
	n := s.run()
	s.bad = s.bad || n == 0
	for i, unit := 0, int64(100); i < n; i, unit = i+1, unit/10 {
		milli += int64(s.b[i]-'0') * unit
	}
	s.b = s.b[n:]
	return milli
}

// half takes AM or PM, in any case, with a space before it or without; "" if there is none.
func (s *scanner) half() string {
	text := bytes.TrimLeft(s.b, " ")
	if len(text) < 2 || text[1]|0x20 != 'm' || len(text) > 2 && letter(text[2]) {
		return ""
	}
	switch text[0] | 0x20 {
	case 'a':
		s.b = text[2:]
		return "AM"
	case 'p':
		s.b = text[2:]
		return "PM"
	}
	return ""
}

// offset takes the offset from UTC, in seconds; local if there is none.
func (s *scanner) offset() (seconds int64, local bool) {
	if len(s.b) == 0 {
		return 0, true
	}
	s.b = bytes.TrimLeft(s.b, " ")
	switch c := s.one("+-"); {
	case c != 0:
		seconds = s.signed(c)
	case bytes.HasPrefix(s.b, []byte("\u2212")): // the minus that ISO 8601 means
		s.b = s.b[len("\u2212"):]
		seconds = s.signed('-')
	default:
		if !s.utc() {
			return 0, false
		}
	}
	if len(s.b) > 2 && s.b[0] == '[' && s.b[len(s.b)-1] == ']' { // as Java writes it (RFC 9557)
		s.b = nil
	}
	return seconds, false
}

// signed takes hours, minutes and seconds behind a sign, with colons or without.
func (s *scanner) signed(sign byte) int64 {
	h := s.digits(2)
	colons := s.one(":") != 0
	var m, sec int64
	if colons || s.run() > 0 {
		m = s.digits(2)
		if colons && s.one(":") != 0 || !colons && s.run() > 0 {
			sec = s.digits(2)
		}
	}
	s.bad = s.bad || h > 23 || m > 59 || sec > 59
	if seconds := h*3600 + m*60 + sec; sign == '+' {
		return seconds
	} else {
		return -seconds
	}
}

// utc takes Z, UTC or GMT, in any case.
func (s *scanner) utc() bool {
	name := s.b
	if at := bytes.IndexByte(name, '['); at >= 0 {
		name = name[:at]
	}
	for _, utc := range []string{"Z", "UTC", "GMT"} {
		if bytes.EqualFold(name, []byte(utc)) {
			s.b = s.b[len(utc):]
			return true
		}
	}
	return false
}
