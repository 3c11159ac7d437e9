package trips

import (
	"bytes"
	"math"
	"strconv"
	"unsafe"

	"taxistream/internal/trip"
)

// parseClock reads a time as trip files write it: "2013-01-01 05:02:03", with T
// or slashes, perhaps with a fraction (cut off behind milliseconds), perhaps
// with an offset. Without an offset it is New York wall clock. The result is in ms.
func parseClock(b []byte) (int64, bool) {
	b = bytes.TrimSpace(b)
	if len(b) < 19 {
		return 0, false
	}
	sec, ok := trip.Clock(b[:19])
	if !ok {
		return 0, false
	}
	rest := b[19:]
	milli, rest, ok := fraction(rest)
	if !ok {
		return 0, false
	}
	if rest = bytes.TrimSpace(rest); len(rest) == 0 {
		sec = trip.NewYorkClock(sec)
	} else {
		offset, ok := parseOffset(rest)
		if !ok {
			return 0, false
		}
		sec -= offset
	}
	ms := sec*1000 + milli
	return ms, trip.Writable(ms)
}

func fraction(b []byte) (milli int64, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b, true
	}
	n := 1
	unit := int64(100)
	for ; n < len(b) && b[n] >= '0' && b[n] <= '9'; n++ {
		milli += int64(b[n]-'0') * unit
		unit /= 10
	}
	return milli, b[n:], n > 1
}

// parseOffset reads Z, UTC, +hh:mm or -hh:mm as seconds.
func parseOffset(b []byte) (int64, bool) {
	if s := string(b); s == "Z" || s == "UTC" {
		return 0, true
	}
	if len(b) != 6 || b[3] != ':' || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	h, errH := strconv.Atoi(string(b[1:3]))
	m, errM := strconv.Atoi(string(b[4:6]))
	if errH != nil || errM != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	offset := int64(h*3600 + m*60)
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true
}

var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// parseNumber reads a decimal number. Digits that are together below 2^53 are
// an exact integer over an exact power of ten, rounded once; the rest is
// strconv's. "" is the reason of a number that is good. Zero has no sign, so
// that "-0" and "0" are equal rows.
func parseNumber(b []byte) (float64, Reason) {
	if len(b) == 0 || b[0] <= ' ' || b[len(b)-1] <= ' ' {
		b = bytes.TrimSpace(b)
	}
	i, digits, point := 0, 0, -1
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		i = 1
	}
	var mantissa uint64
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			mantissa = mantissa*10 + uint64(c-'0')
			digits++
		case c == '.' && point < 0:
			point = i
		default:
			return oddNumber(b)
		}
	}
	if digits == 0 || digits > 19 || mantissa >= 1<<53 { // 19 digits cannot overflow
		return slowNumber(b)
	}
	f := float64(mantissa)
	if point >= 0 {
		f /= tens[len(b)-point-1]
	}
	if negative && mantissa != 0 {
		f = -f
	}
	return f, ""
}

// oddNumber reads what is more than digits and a point: an exponent, a plus, a word.
func oddNumber(b []byte) (float64, Reason) {
	if bytes.ContainsAny(b, "xXpP_") { // Go's own notations are no numbers of a trip file
		return 0, BadNumber
	}
	return slowNumber(b)
}

func slowNumber(b []byte) (float64, Reason) {
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return 0, NotFinite
	case err != nil:
		return 0, BadNumber
	}
	return f + 0, "" // -0 + 0 is 0
}
