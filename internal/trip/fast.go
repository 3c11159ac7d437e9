package trip

import "taxistream/internal/jsonscan"

// The fields of an event, as bits of what has been seen.
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
	sawOther

	sawPlaces = sawPickupLat | sawPickupLon | sawDropoffLat | sawDropoffLon
	sawTrip   = sawID | sawPlaces | sawPickup | sawDropoff
)

// decodeFast reads the usual forms in any order and spacing: an object of names
// without escapes, the known ones once and in one spelling, the values neither
// null nor nested. Whatever else there is, it leaves to decodeSlow.
func decodeFast(data []byte, ev *Event) bool {
	at := jsonscan.Space(data, 0)
	if !jsonscan.Holds(data, at, '{') {
		return false
	}
	ev.Kind = KindTrip
	ev.Trip.HasAmount = false
	var saw, bit uint32
	for {
		if bit, at = scanField(data, jsonscan.Space(data, at+1), ev); at == declined || saw&bit != 0 {
			return false
		}
		saw |= bit &^ sawOther
		if at = jsonscan.Space(data, at); !jsonscan.Holds(data, at, ',') {
			break
		}
	}
	if !jsonscan.Holds(data, at, '}') || jsonscan.Space(data, at+1) != len(data) {
		return false
	}
	if ev.Kind == KindWatermark {
		return saw&sawWatermark != 0
	}
	return saw&sawTrip == sawTrip
}

// scanField reads a name and its value into the event. The two spellings of a
// place are one field: an event with both has it twice.
func scanField(data []byte, at int, ev *Event) (bit uint32, next int) {
	name, at := jsonscan.Plain(data, at)
	if at == declined {
		return 0, declined
	}
	if at = jsonscan.Space(data, at); !jsonscan.Holds(data, at, ':') {
		return 0, declined
	}
	at = jsonscan.Space(data, at+1)
	t := &ev.Trip
	switch string(name) {
	case "type":
		bit = sawType
		ev.Kind, next = scanKind(data, at)
	case "trip_id":
		bit = sawID
		t.ID, next = scanID(data, at)
	case "pickup_lat", "pickup_latitude":
		bit = sawPickupLat
		t.PickupLat, next = scanNumber(data, at)
	case "pickup_lon", "pickup_longitude":
		bit = sawPickupLon
		t.PickupLon, next = scanNumber(data, at)
	case "dropoff_lat", "dropoff_latitude":
		bit = sawDropoffLat
		t.DropoffLat, next = scanNumber(data, at)
	case "dropoff_lon", "dropoff_longitude":
		bit = sawDropoffLon
		t.DropoffLon, next = scanNumber(data, at)
	case "total_amount":
		bit = sawAmount
		t.HasAmount = true
		t.TotalAmount, next = scanNumber(data, at)
	case "pickup_datetime":
		bit = sawPickup
		t.Pickup, next = scanTime(data, at)
	case "dropoff_datetime":
		bit = sawDropoff
		t.Dropoff, next = scanTime(data, at)
	case "watermark":
		bit = sawWatermark
		ev.Watermark, next = scanTime(data, at)
	default:
		bit = sawOther
		next = skipScalar(data, at)
	}
	return bit, next
}

func scanKind(data []byte, at int) (Kind, int) {
	name, next := jsonscan.Plain(data, at)
	switch string(name) {
	case "trip":
		return KindTrip, next
	case "watermark":
		return KindWatermark, next
	}
	return 0, declined
}

// skipScalar passes over a string, a number, true or false.
func skipScalar(data []byte, at int) int {
	if at >= len(data) {
		return declined
	}
	switch data[at] {
	case '"':
		_, at = jsonscan.Plain(data, at)
	case 't':
		at = jsonscan.Literal(data, at, "true")
	case 'f':
		at = jsonscan.Literal(data, at, "false")
	default:
		_, at = scanNumber(data, at)
	}
	return at
}
