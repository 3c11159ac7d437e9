package protocol

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Millis is a timestamp in milliseconds since the epoch. JSON has it as seconds with
// three decimals, AWS's CBOR as tag 1 around whole milliseconds (not seconds, as
// RFC 8949 has that tag).
type Millis int64

// MarshalJSON writes seconds.
func (t Millis) MarshalJSON() ([]byte, error) { return t.AppendSeconds(nil), nil }

// MarshalCBOR writes milliseconds.
func (t Millis) MarshalCBOR() ([]byte, error) { return t.AppendCBOR(nil), nil }

// AppendSeconds writes seconds with three decimals.
func (t Millis) AppendSeconds(dst []byte) []byte {
	ms := int64(t)
	if ms < 0 {
		dst = append(dst, '-')
		ms = -ms
	}
	dst = strconv.AppendInt(dst, ms/1000, 10)
	ms %= 1000
	return append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
}

// AppendCBOR writes tag 1 and milliseconds in eight bytes.
func (t Millis) AppendCBOR(dst []byte) []byte {
	const tag1, unsigned, negative = 0xc1, 0x1b, 0x3b
	kind, n := byte(unsigned), uint64(t)
	if t < 0 {
		kind, n = negative, uint64(-1-t)
	}
	dst = append(dst, tag1, kind)
	for shift := 56; shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift))
	}
	return dst
}

// mostSeconds is far beyond what a stream can hold, and an exact float.
const mostSeconds = 1e12

// millisOf reads a timestamp of a decoded body; the text is why it is none.
func millisOf(raw any) (Millis, string) {
	switch v := raw.(type) {
	case json.Number:
		seconds, err := strconv.ParseFloat(string(v), 64)
		if err == nil && math.Abs(seconds) <= mostSeconds {
			// Half a microsecond covers what a float lacks: 1700000000.123 is a little less.
			return Millis((seconds + 5e-7) * 1000), ""
		}
	case time.Time: // CBOR's tag 1, whose number was taken for seconds
		return Millis(v.Unix()), ""
	case uint64:
		if v <= mostSeconds*1000 {
			return Millis(v), ""
		}
	case int64:
		if v >= -mostSeconds*1000 {
			return Millis(v), ""
		}
	case float64:
		if math.Abs(v) <= mostSeconds*1000 {
			return Millis(v), ""
		}
	default:
		return 0, scalarText(raw, "milliseconds since epoch", "")
	}
	return 0, "The timestamp is out of range."
}
