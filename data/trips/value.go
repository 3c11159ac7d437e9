package trips

import (
	"bytes"
	"math"
	"strconv"
	"unsafe"
)

var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

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

// decimalPoint is a number whose decimal mark may be a comma, as it stands in files with another separator.
func decimalPoint(b []byte) []byte {
	at := bytes.IndexByte(b, ',')
	if at < 0 || bytes.IndexByte(b[at+1:], ',') >= 0 || bytes.IndexByte(b, '.') >= 0 {
		return b // no comma, or commas between thousands: not a number here
	}
	return bytes.Replace(b, []byte{','}, []byte{'.'}, 1)
}
