package trip

import (
	"math"
	"strconv"
	"unsafe"
)

// The fields of an event, as bits of what a scan has seen.
const (
	sawType = 1 << iota
	sawID
	sawPickupLat
	sawPickupLon
	sawDropoffLat
	sawDropoffLon
	sawAmount
	sawPickup
	sawDropoff
	sawWatermark

	sawPlace = sawPickupLat | sawPickupLon | sawDropoffLat | sawDropoffLon
	sawTrip  = sawID | sawPlace | sawPickup | sawDropoff
)

// scanner walks over one record. A method that meets anything unusual returns
// false, and the whole record goes to the slow decoder.
type scanner struct {
	data []byte
	at   int
}

// decodeFast reads the usual forms: an object of the known names in their short
// spelling, each once, without escapes, nulls and nesting.
func decodeFast(data []byte, ev *Event) bool {
	s := scanner{data: data}
	s.space()
	if !s.take('{') {
		return false
	}
	var saw uint16
	kind := KindTrip
	t := &ev.Trip
	t.HasAmount = false
	for {
		s.space()
		name, ok := s.plainString()
		if !ok {
			return false
		}
		s.space()
		if !s.take(':') {
			return false
		}
		s.space()
		var bit uint16
		switch string(name) {
		case "type":
			bit = sawType
			v, k := s.plainString()
			switch string(v) {
			case "trip":
				kind = KindTrip
			case "watermark":
				kind = KindWatermark
			default:
				k = false
			}
			ok = k
		case "trip_id":
			bit = sawID
			t.ID, ok = s.id()
		case "pickup_lat":
			bit = sawPickupLat
			t.PickupLat, ok = s.number()
		case "pickup_lon":
			bit = sawPickupLon
			t.PickupLon, ok = s.number()
		case "dropoff_lat":
			bit = sawDropoffLat
			t.DropoffLat, ok = s.number()
		case "dropoff_lon":
			bit = sawDropoffLon
			t.DropoffLon, ok = s.number()
		case "total_amount":
			bit = sawAmount
			t.HasAmount = true
			t.TotalAmount, ok = s.number()
		case "pickup_datetime":
			bit = sawPickup
			t.Pickup, ok = s.instant()
		case "dropoff_datetime":
			bit = sawDropoff
			t.Dropoff, ok = s.instant()
		case "watermark":
			bit = sawWatermark
			ev.Watermark, ok = s.instant()
		default:
			return false
		}
		if !ok || saw&bit != 0 {
			return false
		}
		saw |= bit
		s.space()
		if s.take(',') {
			continue
		}
		if !s.take('}') {
			return false
		}
		break
	}
	s.space()
	if s.at != len(data) {
		return false
	}
	ev.Kind = kind
	if kind == KindWatermark {
		return saw&sawWatermark != 0
	}
	return saw&sawTrip == sawTrip
}

func (s *scanner) space() {
	for s.at < len(s.data) {
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

func (s *scanner) instant() (int64, bool) {
	v, ok := s.plainString()
	if !ok {
		return 0, false
	}
	return fastTime(v)
}

// id reads a positive integer of up to 18 digits, or 19 that fit.
func (s *scanner) id() (int64, bool) {
	start := s.at
	var v uint64
	for ; s.at < len(s.data); s.at++ {
		d := s.data[s.at] - '0'
		if d > 9 {
			break
		}
		v = v*10 + uint64(d)
	}
	n := s.at - start
	if n == 0 || n > 19 || s.data[start] == '0' || v > math.MaxInt64 {
		return 0, false
	}
	return int64(v), true
}

var powersOfTen = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// number reads a JSON number without exponent. Up to 15 digits are an exact
// integer over an exact power of ten, so that one division rounds correctly
// (Clinger, "How to Read Floating Point Numbers Accurately", 1990); the rest
// is strconv's.
func (s *scanner) number() (float64, bool) {
	start := s.at
	negative := s.take('-')
	first := s.at
	var mantissa uint64
	digits, decimals := 0, 0
	for ; s.at < len(s.data); s.at++ {
		d := s.data[s.at] - '0'
		if d > 9 {
			break
		}
		mantissa = mantissa*10 + uint64(d)
	}
	digits = s.at - first
	if digits == 0 || digits > 1 && s.data[first] == '0' {
		return 0, false
	}
	if s.take('.') {
		point := s.at
		for ; s.at < len(s.data); s.at++ {
			d := s.data[s.at] - '0'
			if d > 9 {
				break
			}
			mantissa = mantissa*10 + uint64(d)
		}
		decimals = s.at - point
		if decimals == 0 {
			return 0, false
		}
	}
	if s.at < len(s.data) && (s.data[s.at] == 'e' || s.data[s.at] == 'E') {
		return 0, false
	}
	if digits+decimals > 15 {
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
