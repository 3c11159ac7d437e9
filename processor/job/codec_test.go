package job

import (
	"encoding/hex"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"taxistream/engine"
	"taxistream/internal/geo"
	"taxistream/internal/results/document"

	"taxistream/internal/jsonscan"
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
		roundTrip(t, durationsCodec, document.Durations{
			Count: rapid.Int64().Draw(t, "count"), SumMs: rapid.Int64().Draw(t, "sum"), MinMs: rapid.Int64().Draw(t, "min"), MaxMs: rapid.Int64().Draw(t, "max"),
		})
	})
}

// These bytes lie in checkpoints: a version that writes others cannot read them.
func TestCodecsGolden(t *testing.T) {
	for want, got := range map[string][]byte{
		"0882a100d67fffff01": airportKeyCodec.Append(nil, document.AirportKey{Cell: 0x0882a100d67fffff, Airport: geo.JFK}),
		"ffffffffffffffff02": airportKeyCodec.Append(nil, document.AirportKey{Cell: ^geo.Cell(0), Airport: geo.LGA}),
		"000000000000000300000000016811c80000000000000000ffffffffffffffff": durationsCodec.Append(nil, document.Durations{Count: 3, SumMs: 23597512, MinMs: 0, MaxMs: -1}),
	} {
		if hex.EncodeToString(got) != want {
			t.Errorf("got %x, want %s", got, want)
		}
	}
}

// Ensure any detail, whatever bytes came off the stream into it, is written as the JSON that encoding/json reads as it.
func TestAppendString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		standard, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		if err := json.Unmarshal(standard, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(jsonscan.AppendString(nil, s), &got); err != nil || got != want {
			t.Fatalf("%q is written as %s, which is read as %q, %v", s, jsonscan.AppendString(nil, s), got, err)
		}
	})
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
