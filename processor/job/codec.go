package job

import (
	"encoding/binary"
	"errors"

	"taxistream/engine"
	"taxistream/internal/geo"
	"taxistream/internal/results/document"
)

var errShort = errors.New("state is cut short")

// airportKeyCodec writes the cell in 8 bytes and the airport in one.
var airportKeyCodec = engine.FuncCodec[document.AirportKey]{
	AppendFunc: func(b []byte, k document.AirportKey) []byte {
		return append(binary.BigEndian.AppendUint64(b, uint64(k.Cell)), byte(k.Airport))
	},
	DecodeFunc: func(b []byte) (document.AirportKey, []byte, error) {
		if len(b) < 9 {
			return document.AirportKey{}, nil, errShort
		}
		return document.AirportKey{Cell: geo.Cell(binary.BigEndian.Uint64(b)), Airport: geo.Airport(b[8])}, b[9:], nil
	},
}

// pickupsCodec writes the count in 8 bytes.
var pickupsCodec = engine.FuncCodec[pickups]{
	AppendFunc: func(b []byte, p pickups) []byte { return engine.Int64Codec{}.Append(b, p.count) },
	DecodeFunc: func(b []byte) (p pickups, rest []byte, err error) {
		p.count, rest, err = engine.Int64Codec{}.Decode(b)
		return p, rest, err
	},
}

// ridesCodec writes four 8-byte integers: count, sum, least, greatest.
var ridesCodec = engine.FuncCodec[rides]{
	AppendFunc: func(b []byte, r rides) []byte {
		for _, v := range [...]int64{r.Count, r.SumMs, r.MinMs, r.MaxMs} {
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		}
		return b
	},
	DecodeFunc: func(b []byte) (rides, []byte, error) {
		if len(b) < 32 {
			return rides{}, nil, errShort
		}
		at := func(i int) int64 { return int64(binary.BigEndian.Uint64(b[8*i:])) }
		return rides{Durations: document.Durations{Count: at(0), SumMs: at(1), MinMs: at(2), MaxMs: at(3)}}, b[32:], nil
	},
}
