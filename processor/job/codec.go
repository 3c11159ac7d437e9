package job

import (
	"encoding/binary"
	"errors"

	"taxistream/engine"
	"taxistream/internal/geo"
)

var errShort = errors.New("state is cut short")

// airportKeyCodec writes the cell in 8 bytes and the airport in one.
var airportKeyCodec = engine.FuncCodec[AirportKey]{
	AppendFunc: func(b []byte, k AirportKey) []byte {
		return append(binary.BigEndian.AppendUint64(b, uint64(k.Cell)), byte(k.Airport))
	},
	DecodeFunc: func(b []byte) (AirportKey, []byte, error) {
		if len(b) < 9 {
			return AirportKey{}, nil, errShort
		}
		return AirportKey{geo.Cell(binary.BigEndian.Uint64(b)), geo.Airport(b[8])}, b[9:], nil
	},
}

// durationsCodec writes four 8-byte integers: count, sum, least, greatest.
var durationsCodec = engine.FuncCodec[Durations]{
	AppendFunc: func(b []byte, d Durations) []byte {
		for _, v := range [...]int64{d.Count, d.SumMs, d.MinMs, d.MaxMs} {
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		}
		return b
	},
	DecodeFunc: func(b []byte) (Durations, []byte, error) {
		if len(b) < 32 {
			return Durations{}, nil, errShort
		}
		at := func(i int) int64 { return int64(binary.BigEndian.Uint64(b[8*i:])) }
		return Durations{at(0), at(1), at(2), at(3)}, b[32:], nil
	},
}
