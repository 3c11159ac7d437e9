package trip

import (
	"strconv"
	"unsafe"
)

// scanner walks over one record. A method that meets anything unusual returns
// false, and the whole record goes to the slow decoder.
type scanner struct {
	data []byte
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.data) && s.data[s.at] <= ' ' {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) literal(text string) bool {
	end := s.at + len(text)
	if end <= len(s.data) && string(s.data[s.at:end]) == text {
		s.at = end
		return true
	}
	return false
}

// plainString reads a string of printable ASCII without escapes.
func (s *scanner) plainString() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	start := s.at
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[start : s.at-1], true
		case c < 0x20 || c >= 0x80 || c == '\\':
			return nil, false
		}
	}
	return nil, false
}

// digits reads as many digits as there are after those that v holds. From the
// 20th on the value is meaningless.
func (s *scanner) digits(v uint64) uint64 {
	at := s.at
	for ; at < len(s.data); at++ {
		d := s.data[at] - '0'
		if d > 9 {
			break
		}
		v = v*10 + uint64(d)
	}
	s.at = at
	return v
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// number reads a finite JSON number without exponent. Up to 15 digits are an
// exact integer over an exact power of ten, so that one division rounds
// correctly (Clinger, "How to Read Floating Point Numbers Accurately", 1990);
// the rest is strconv's.
func (s *scanner) number() (float64, bool) {
	start := s.at
	negative := s.take('-')
	first := s.at
	mantissa := s.digits(0)
	digits, decimals := s.at-first, 0
	if digits == 0 || digits > 1 && s.data[first] == '0' {
		return 0, false
	}
	if s.take('.') {
		point := s.at
		mantissa = s.digits(mantissa)
		decimals = s.at - point
		if decimals == 0 {
			return 0, false
		}
	}
	if s.at < len(s.data) && s.data[s.at]|' ' == 'e' {
		return 0, false
	}
	if digits+decimals >= len(powersOfTen) {
		text := s.data[start:s.at]
		f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
		return f, err == nil
	}
	f := float64(mantissa) / powersOfTen[decimals]
	if negative {
		f = -f
	}
	return f, true
}
