package job

import (
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"taxistream/engine"
	"taxistream/internal/geo"
	"taxistream/internal/results/document"
)

// roundTrip checks that what a codec has written is read back from the front of
// more bytes, and that no shorter piece of it is.
func roundTrip[T comparable](t *rapid.T, c engine.Codec[T], v T) {
	const behind = "behind"
	b := c.Append([]byte("x"), v)[1:]
	got, rest, err := c.Decode(append(append([]byte(nil), b...), behind...))
	if err != nil || got != v || string(rest) != behind {
		t.Fatalf("%+v: read back as %+v, %q, %v", v, got, rest, err)
	}
	for n := range b {
		if got, _, err := c.Decode(b[:n:n]); err == nil {
			t.Fatalf("%d of %d bytes of %+v are read as %+v", n, len(b), v, got)
		}
	}
}

func TestCodecsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, airportKeyCodec, document.AirportKey{Cell: geo.Cell(rapid.Uint64().Draw(t, "cell")), Airport: geo.Airport(rapid.Uint8().Draw(t, "airport"))})
		roundTrip(t, ridesCodec, rides{Durations: document.Durations{
			Count: rapid.Int64().Draw(t, "count"), SumMs: rapid.Int64().Draw(t, "sum"), MinMs: rapid.Int64().Draw(t, "min"), MaxMs: rapid.Int64().Draw(t, "max"),
		}})
		roundTrip(t, pickupsCodec, pickups{count: rapid.Int64().Draw(t, "pickups")})
	})
}

// These bytes lie in checkpoints: a version that writes others cannot read them.
func TestCodecsGolden(t *testing.T) {
	for want, got := range map[string][]byte{
		"0882a100d67fffff01": airportKeyCodec.Append(nil, document.AirportKey{Cell: 0x0882a100d67fffff, Airport: geo.JFK}),
		"ffffffffffffffff02": airportKeyCodec.Append(nil, document.AirportKey{Cell: ^geo.Cell(0), Airport: geo.LGA}),
		"000000000000000300000000016811c80000000000000000ffffffffffffffff": ridesCodec.Append(nil, rides{Durations: document.Durations{Count: 3, SumMs: 23597512, MinMs: 0, MaxMs: -1}, latest: 7}),
		"0000000000000003": pickupsCodec.Append(nil, pickups{count: 3, latest: 7}),
	} {
		if hex.EncodeToString(got) != want {
			t.Errorf("got %x, want %s", got, want)
		}
	}
}

// Ensure the summary of durations does not depend on their order.
func TestDurationsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.SliceOfN(rapid.Int64Range(-5, 21_600_000), 1, 20).Draw(t, "ms")
		var one, other document.Durations
		for i := range ms {
			one.Add(ms[i])
			other.Add(ms[len(ms)-1-i])
		}
		if one != other || one.Count != int64(len(ms)) || one.MinMs > one.MaxMs {
			t.Fatalf("%v: %+v and, from the end, %+v", ms, one, other)
		}
	})
}

// Ensure reasons are counted each by itself, and one that is not known is not lost.
func TestCounts(t *testing.T) {
	var c Counts
	c.Add("late", 2)
	c.Add("unwritable", 1)
	c.Add("late", 1)
	c.Add("moon", 1)
	got := c.Rejects()
	if len(got) != 8 || got["late"] != 3 || got["unwritable"] != 1 || got["malformed"] != 1 || got["duplicate"] != 0 {
		t.Errorf("got %v", got)
	}
}
