package engine_test

import (
	"testing"

	"pgregory.net/rapid"

	"taxistream/engine"
)

// Ensure that what a codec writes it reads, with something behind it, and that
// every cut is an error.
func TestCodecs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, engine.Int64Codec{}, rapid.Int64().Draw(t, "int64"))
		roundTrip(t, engine.Uint64Codec{}, rapid.Uint64().Draw(t, "uint64"))
		roundTrip(t, engine.StringCodec{}, rapid.String().Draw(t, "string"))
	})
}

func roundTrip[T comparable](t *rapid.T, c engine.Codec[T], v T) {
	encoded := c.Append(nil, v)
	got, rest, err := c.Decode(append(encoded, "rest"...))
	if err != nil || got != v || string(rest) != "rest" {
		t.Fatalf("%v is read as %v with rest %q, %v", v, got, rest, err)
	}
	for cut := range encoded {
		if _, _, err := c.Decode(encoded[:cut]); err == nil {
			t.Fatalf("%v cut to %d bytes is read", v, cut)
		}
	}
}

// Ensure that no bytes make the decoder of strings fail otherwise than by an error.
func FuzzStringCodec(f *testing.F) {
	f.Add([]byte("\x03abc"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if v, rest, err := (engine.StringCodec{}).Decode(data); err == nil && len(v)+len(rest) >= len(data) {
			t.Fatalf("%d bytes give a string of %d and a rest of %d", len(data), len(v), len(rest))
		}
	})
}
