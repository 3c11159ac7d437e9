package trip

import (
	"math"
	"strconv"
	"unsafe"

	"taxistream/internal/jsonscan"
)

// A scan reads one thing of the record and returns where the next one starts.
// What is unusual it does not read: it returns declined, and the whole record
// goes to the slow decoder.
const declined = jsonscan.Declined

// scanID reads a positive integer that fits an int64.
func scanID(data []byte, at int) (int64, int) {
	v, next := jsonscan.Digits(data, at, 0)
	if n := next - at; n == 0 || n > 19 || data[at] == '0' || v > math.MaxInt64 {
		return 0, declined
	}
	return int64(v), next
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// scanNumber reads a finite JSON number without exponent. Up to 15 digits are
// an exact integer over an exact power of ten, so that one division rounds
// correctly (Clinger, "How to Read Floating Point Numbers Accurately", 1990);
// the rest is strconv's.
func scanNumber(data []byte, at int) (float64, int) {
	start := at
	negative := jsonscan.Holds(data, at, '-')
	if negative {
		at++
	}
	mantissa, next := jsonscan.Digits(data, at, 0)
	digits := next - at
	if digits == 0 || digits > 1 && data[at] == '0' {
		return 0, declined
	}
	decimals := 0
	if jsonscan.Holds(data, next, '.') {
		point := next + 1
		mantissa, next = jsonscan.Digits(data, point, mantissa)
		decimals = next - point
		if decimals == 0 {
			return 0, declined
		}
	}
	if next < len(data) && data[next]|' ' == 'e' {
		return 0, declined
	}
	if digits+decimals >= len(powersOfTen) {
		text := data[start:next]
		f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
		if err != nil {
			return 0, declined
		}
		return f, next
	}
	f := float64(mantissa) / powersOfTen[decimals]
	if negative {
		f = -f
	}
	return f, next
}

// scanTime reads a time in one of the two usual forms. Neither holds a quote,
// so the closing one is looked for where it must stand.
func scanTime(data []byte, at int) (int64, int) {
	end := at + len(`"2013-01-01T05:02:03.000Z`)
	if !jsonscan.Holds(data, end, '"') {
		end = at + len(`"2013-01-01T05:02:03Z`)
	}
	if !jsonscan.Holds(data, at, '"') || !jsonscan.Holds(data, end, '"') {
		return 0, declined
	}
	ms, ok := fastTime(data[at+1 : end])
	if !ok {
		return 0, declined
	}
	return ms, end + 1
}
