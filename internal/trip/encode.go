package trip

import (
	"bytes"
	"math"
	"strconv"
)

// AppendTrip appends the trip's wire form: one JSON object and a newline, in
// the contract's order of fields. Both times must be Writable and all numbers
// finite.
func AppendTrip(b []byte, t *Trip) []byte {
	b = append(b, tripHead...)
	b = strconv.AppendInt(b, t.ID, 10)
	b = append(b, `,"pickup_lat":`...)
	b = appendNumber(b, t.PickupLat)
	b = append(b, `,"pickup_lon":`...)
	b = appendNumber(b, t.PickupLon)
	b = append(b, `,"dropoff_lat":`...)
	b = appendNumber(b, t.DropoffLat)
	b = append(b, `,"dropoff_lon":`...)
	b = appendNumber(b, t.DropoffLon)
	if t.HasAmount {
		b = append(b, `,"total_amount":`...)
		b = appendNumber(b, t.TotalAmount)
	}
	b = append(b, `,"pickup_datetime":"`...)
	b = AppendTime(b, t.Pickup)
	b = append(b, `","dropoff_datetime":"`...)
	b = AppendTime(b, t.Dropoff)
	return append(b, "\"}\n"...)
}

// tripHead begins every trip's record; its id follows.
const tripHead = `{"type":"trip","trip_id":`

// EncodedID is the decimal trip_id in a record of AppendTrip, which owns it.
func EncodedID(record []byte) []byte {
	id := record[len(tripHead):]
	return id[:bytes.IndexByte(id, ',')]
}

// AppendWatermark appends a watermark record: one JSON object and a newline.
func AppendWatermark(b []byte, ms int64) []byte {
	b = append(b, `{"type":"watermark","watermark":"`...)
	b = AppendTime(b, ms)
	return append(b, "\"}\n"...)
}

// appendNumber writes the shortest text that reads back as f. Most numbers have
// six decimals or fewer and take the short way: if round(f*1e6)/1e6 is f, those
// digits are the shortest, because two decimals of up to 15 digits never share
// a float64.
func appendNumber(b []byte, f float64) []byte {
	scaled := math.Round(f * 1e6)
	if math.Abs(scaled) >= 1e15 || scaled/1e6 != f || scaled == 0 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	n := int64(scaled)
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendInt(b, n/1e6, 10)
	frac := uint32(n % 1e6)
	if frac == 0 {
		return b
	}
	at := len(b) + 1
	b = append(b, ".000000"...)
	for i := 5; i >= 0; i-- { // by a constant: no division
		b[at+i] = byte('0' + frac%10)
		frac /= 10
	}
	end := len(b)
	for b[end-1] == '0' {
		end--
	}
	return b[:end]
}
