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
// six decimals or fewer and take the short way: if n/1e6 is f, the digits of n
// are the shortest, because two decimals of up to 15 digits never share a
// float64.
func appendNumber(b []byte, f float64) []byte {
	size := math.Abs(f)
	if !(size < 1e9) {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	n := int64(size*1e6 + 0.5)
	if n == 0 || float64(n)/1e6 != size {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	if f < 0 {
		b = append(b, '-')
	}
	b = strconv.AppendInt(b, n/1e6, 10)
	frac := uint32(n % 1e6)
	if frac == 0 {
		return b
	}
	x, y, z := pairs[frac/10_000], pairs[frac/100%100], pairs[frac%100]
	b = append(b, '.', x[0], x[1], y[0], y[1], z[0], z[1])
	end := len(b)
	for b[end-1] == '0' {
		end--
	}
	return b[:end]
}

// pairs are the digits of 0 to 99.
var pairs = func() (p [100][2]byte) {
	for i := range p {
		p[i] = [2]byte{byte('0' + i/10), byte('0' + i%10)}
	}
	return p
}()
