package trip

import "math"

// field is one of the known names of an event, in the order of the wire form.
type field uint8

const (
	fieldType field = iota
	fieldID
	fieldPickupLat
	fieldPickupLon
	fieldDropoffLat
	fieldDropoffLon
	fieldAmount
	fieldPickup
	fieldDropoff
	fieldWatermark
	fieldOther

	neededOfTrip      = 1<<fieldID | 1<<fieldPickupLat | 1<<fieldPickupLon | 1<<fieldDropoffLat | 1<<fieldDropoffLon | 1<<fieldPickup | 1<<fieldDropoff
	neededOfWatermark = 1 << fieldWatermark
)

// written is how the wire form writes each name. The field that the wire form
// has next is compared first, at once, before a name is read byte by byte.
var written = [fieldOther + 1]string{
	`"type":`, `"trip_id":`,
	`"pickup_lat":`, `"pickup_lon":`, `"dropoff_lat":`, `"dropoff_lon":`, `"total_amount":`,
	`"pickup_datetime":`, `"dropoff_datetime":`, `"watermark":`, "\x00",
}

// decodeFast reads the usual forms: an object of names without escapes, the
// known ones once and in one spelling, the values neither null nor nested.
func decodeFast(data []byte, ev *Event) bool {
	s := scanner{data: data}
	s.space()
	if !s.take('{') {
		return false
	}
	ev.Kind = KindTrip
	ev.Trip.HasAmount = false
	var saw uint32
	for next := fieldType; ; next++ {
		s.space()
		if !s.literal(written[next]) {
			var ok bool
			if next, ok = s.name(); !ok {
				return false
			}
		}
		s.space()
		if saw>>next&1 != 0 || !s.value(next, ev) {
			return false
		}
		if next == fieldOther {
			next = fieldType
		} else {
			saw |= 1 << next
		}
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
	if ev.Kind == KindWatermark {
		return saw&neededOfWatermark == neededOfWatermark
	}
	return saw&neededOfTrip == neededOfTrip
}

// name reads a name and its colon. Both spellings of a place are one field, so
// an event that has both goes to the slow decoder.
func (s *scanner) name() (field, bool) {
	name, ok := s.plainString()
	if !ok {
		return 0, false
	}
	s.space()
	if !s.take(':') {
		return 0, false
	}
	switch string(name) {
	case "type":
		return fieldType, true
	case "trip_id":
		return fieldID, true
	case "pickup_lat", "pickup_latitude":
		return fieldPickupLat, true
	case "pickup_lon", "pickup_longitude":
		return fieldPickupLon, true
	case "dropoff_lat", "dropoff_latitude":
		return fieldDropoffLat, true
	case "dropoff_lon", "dropoff_longitude":
		return fieldDropoffLon, true
	case "total_amount":
		return fieldAmount, true
	case "pickup_datetime":
		return fieldPickup, true
	case "dropoff_datetime":
		return fieldDropoff, true
	case "watermark":
		return fieldWatermark, true
	}
	return fieldOther, true
}

// value reads the value of a field into the event.
func (s *scanner) value(f field, ev *Event) (ok bool) {
	t := &ev.Trip
	switch f {
	case fieldType:
		ev.Kind, ok = s.kind()
	case fieldID:
		t.ID, ok = s.id()
	case fieldPickupLat:
		t.PickupLat, ok = s.number()
	case fieldPickupLon:
		t.PickupLon, ok = s.number()
	case fieldDropoffLat:
		t.DropoffLat, ok = s.number()
	case fieldDropoffLon:
		t.DropoffLon, ok = s.number()
	case fieldAmount:
		t.HasAmount = true
		t.TotalAmount, ok = s.number()
	case fieldPickup:
		t.Pickup, ok = s.instant()
	case fieldDropoff:
		t.Dropoff, ok = s.instant()
	case fieldWatermark:
		ev.Watermark, ok = s.instant()
	default:
		ok = s.skip()
	}
	return ok
}

func (s *scanner) kind() (Kind, bool) {
	v, _ := s.plainString()
	switch string(v) {
	case "trip":
		return KindTrip, true
	case "watermark":
		return KindWatermark, true
	}
	return 0, false
}

// skip passes over a string, a number, true or false.
func (s *scanner) skip() bool {
	if s.at == len(s.data) {
		return false
	}
	switch s.data[s.at] {
	case '"':
		_, ok := s.plainString()
		return ok
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	}
	_, ok := s.number()
	return ok
}

// id reads a positive integer that fits an int64.
func (s *scanner) id() (int64, bool) {
	start := s.at
	v := s.digits(0)
	n := s.at - start
	if n == 0 || n > 19 || s.data[start] == '0' || v > math.MaxInt64 {
		return 0, false
	}
	return int64(v), true
}

// instant reads a time in one of the two usual forms. Neither holds a quote, so
// the closing one is looked for where it must stand.
func (s *scanner) instant() (int64, bool) {
	for _, n := range [...]int{len("2013-01-01T05:02:03.000Z"), len("2013-01-01T05:02:03Z")} {
		if end := s.at + 1 + n; end < len(s.data) && s.data[s.at] == '"' && s.data[end] == '"' {
			ms, ok := fastTime(s.data[s.at+1 : end])
			s.at = end + 1
			return ms, ok
		}
	}
	return 0, false
}
