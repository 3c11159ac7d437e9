package trip

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

const sample = `{"type":"trip","trip_id":4711,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.6,"dropoff_lon":-73.8,"total_amount":52.8,"pickup_datetime":"2013-01-01T05:02:03.000Z","dropoff_datetime":"2013-01-01T05:40:00.000Z"}`

func TestDecode(t *testing.T) {
	var ev Event
	if err := Decode([]byte(sample+"\n"), &ev); err != nil {
		t.Fatal(err)
	}
	want := Trip{
		ID: 4711, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8,
		TotalAmount: 52.8, HasAmount: true, Pickup: 1357016523000, Dropoff: 1357018800000,
	}
	if ev.Kind != KindTrip || ev.Trip != want {
		t.Fatalf("got %+v, want %+v", ev, want)
	}
	if err := Decode([]byte(`{"type":"watermark","watermark":"2013-01-01T05:39:59.999Z"}`), &ev); err != nil || ev.Kind != KindWatermark || ev.Watermark != 1357018799999 {
		t.Fatalf("got %+v, %v", ev, err)
	}
}

const watermark = `{"type":"watermark","watermark":"2013-01-01T05:39:59.999Z"}` + "\n"

var long = strings.NewReplacer(`_lat"`, `_latitude"`, `_lon"`, `_longitude"`).Replace(sample)

// Ensure each leniency and each refusal of the contract, through Decode.
func TestDecodeForms(t *testing.T) {
	swap := func(old, with string) string {
		if !strings.Contains(sample, old) {
			t.Fatalf("the sample has no %q", old)
		}
		return strings.Replace(sample, old, with, 1)
	}
	for name, c := range map[string]struct{ record, fault string }{
		"Spaces":            {" \t\n " + swap(`"trip_id":`, "\"trip_id\" : ") + " \r\n", ""},
		"NoType":            {swap(`"type":"trip",`, ""), ""},
		"NullType":          {swap(`"type":"trip"`, `"type":null`), ""},
		"LongNames":         {long, ""},
		"NoMilliseconds":    {strings.ReplaceAll(sample, ".000Z", "Z"), ""},
		"Microseconds":      {strings.ReplaceAll(sample, ".000Z", ".000999Z"), ""},
		"Offset":            {strings.ReplaceAll(sample, "T05:", "T00:"), ""},
		"OtherFields":       {swap(`"type"`, `"x":{"trip_id":[1,{"a":null}]},"type"`), ""},
		"NullAmount":        {swap(`52.8`, `null`), ""},
		"LastKeyCounts":     {swap(`"trip_id":4711`, `"trip_id":"x","trip_id":4711`), ""},
		"NullAfterKey":      {swap(`"trip_id":4711`, `"trip_id":4711,"trip_id":null`), "trip_id is missing"},
		"CaseMatters":       {swap(`"trip_id"`, `"Trip_id"`), "trip_id is missing"},
		"UnknownType":       {swap(`"type":"trip"`, `"type":"ride"`), "neither"},
		"TypeNumber":        {swap(`"type":"trip"`, `"type":1`), "not a string"},
		"StringID":          {swap(`4711`, `"4711"`), "trip_id"},
		"FractionID":        {swap(`4711`, `4711.0`), "trip_id"},
		"ZeroID":            {swap(`4711`, `0`), "trip_id"},
		"NegativeID":        {swap(`4711`, `-1`), "trip_id"},
		"HugeID":            {swap(`4711`, `9223372036854775808`), "trip_id"},
		"InfiniteLat":       {swap(`40.7,`, `1e999,`), "pickup_lat"},
		"NaN":               {swap(`40.7,`, `NaN,`), "not one JSON object"},
		"StringLat":         {swap(`40.7,`, `"40.7",`), "not a number"},
		"MissingLat":        {swap(`"pickup_lat":40.7,`, ""), "pickup_lat is missing"},
		"NoOffset":          {swap(`03.000Z`, `03.000`), "offset"},
		"February30":        {swap(`2013-01-01T05:02`, `2013-02-30T05:02`), "does not exist"},
		"Hour24":            {swap(`T05:02`, `T24:00`), "does not exist"},
		"SecondSixty":       {swap(`02:03.`, `02:60.`), "does not exist"},
		"TwoObjects":        {sample + sample, "not one JSON object"},
		"Array":             {"[" + sample + "]", "not a JSON object"},
		"Empty":             {"", "not a JSON object"},
		"Truncated":         {sample[:50], "not one JSON object"},
		"NotUTF8":           {swap(`"type"`, "\"x\":\"\xff\",\"type\""), "UTF-8"},
		"WatermarkNoTime":   {`{"type":"watermark"}`, "watermark is missing"},
		"WatermarkNoOffset": {`{"type":"watermark","watermark":"2013-01-01T00:00:00"}`, "offset"},
	} {
		t.Run(name, func(t *testing.T) {
			var ev Event
			err := Decode([]byte(c.record), &ev)
			switch {
			case c.fault == "" && err != nil:
				t.Fatalf("got %v, want no error", err)
			case c.fault == "" && ev.Trip.ID != 4711:
				t.Fatalf("got %+v", ev.Trip)
			case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
				t.Fatalf("got %v, want an error with %q", err, c.fault)
			}
		})
	}
}

// agree fails where a quick decoder takes what the slow one refuses or reads
// another event, and where the words of an error are not fit to show. It tells
// which of the quick ones read the record.
func agree(t interface{ Fatalf(string, ...any) }, data []byte) (wire, fast bool) {
	var slow Event
	err := decodeSlow(data, &slow)
	if err != nil {
		text := err.Error()
		if len(text) > 200 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("%q: the error %q is not short and printable", data, text)
		}
	}
	compare := func(name string, decode func([]byte, *Event) bool) bool {
		quick := Event{Trip: Trip{ID: -1, TotalAmount: -1, HasAmount: true}}
		if !decode(data, &quick) {
			return false
		}
		if err != nil {
			t.Fatalf("%s reads %q, slow says %v", name, data, err)
		}
		if !quick.Trip.HasAmount {
			quick.Trip.TotalAmount = 0
		}
		same := quick.Kind == slow.Kind
		if slow.Kind == KindTrip {
			same = same && quick.Trip == slow.Trip
		} else {
			same = same && quick.Watermark == slow.Watermark
		}
		if !same {
			t.Fatalf("%q: %s %+v, slow %+v", data, name, quick, slow)
		}
		return true
	}
	return compare("wire", decodeWire), compare("fast", decodeFast)
}

func randomTrip(t *rapid.T) Trip {
	coordinate := rapid.OneOf(
		rapid.Float64Range(-180, 180),
		rapid.Map(rapid.Int64Range(-180e6, 180e6), func(n int64) float64 { return float64(n) / 1e6 }),
		rapid.Float64(),
	).Filter(func(f float64) bool { return f-f == 0 })
	instant := rapid.OneOf(rapid.Int64Range(1.2e12, 1.8e12), rapid.Int64Range(minWritable, maxWritable))
	trip := Trip{
		ID:        rapid.Int64Range(1, 1<<63-1).Draw(t, "id"),
		PickupLat: coordinate.Draw(t, "plat"), PickupLon: coordinate.Draw(t, "plon"),
		DropoffLat: coordinate.Draw(t, "dlat"), DropoffLon: coordinate.Draw(t, "dlon"),
		Pickup: instant.Draw(t, "pickup"), Dropoff: instant.Draw(t, "dropoff"),
		HasAmount: rapid.Bool().Draw(t, "has"),
	}
	if trip.HasAmount {
		trip.TotalAmount = coordinate.Draw(t, "amount")
	}
	return trip
}

// Ensure any trip that can be written is read back, bit for bit.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := randomTrip(t)
		wire := AppendTrip(nil, &want)
		if id := string(EncodedID(wire)); id != strconv.FormatInt(want.ID, 10) {
			t.Fatalf("the id of %s is read as %s", wire, id)
		}
		if quick, _ := agree(t, wire); !quick {
			t.Fatalf("%s is not read as on the wire", wire)
		}
		var ev Event
		if err := Decode(wire, &ev); err != nil {
			t.Fatalf("%s: %v", wire, err)
		}
		if !ev.Trip.HasAmount {
			ev.Trip.TotalAmount = 0
		}
		if ev.Trip != want {
			t.Fatalf("%s: got %+v, want %+v", wire, ev.Trip, want)
		}
	})
}

// Ensure all decoders agree on events with random damage, and that the quick
// ones read their part of them.
func TestQuickAgreesWithSlow(t *testing.T) {
	bits := []string{
		`,`, `:`, `"`, `{`, `}`, `null`, `0`, `-`, `.`, `e1`, ` `, `\u0041`, `"trip_id":1,`, "\x00", "é", "\n", `00`, `1e5`, `[]`,
		`"type":"watermark",`, `"x":"y",`, `"x":true,`, `"x":-1.5,`, `itude`, `"watermark":"2013-01-01T05:39:59Z",`, `+05:00`,
	}
	records := []string{sample + "\n", strings.Replace(sample, `"total_amount":52.8,`, "", 1) + "\n", watermark, long}
	r := rand.New(rand.NewPCG(1, 2))
	const rounds = 40_000
	wires, fasts := 0, 0
	for n := range rounds {
		b := []byte(records[n%len(records)])
		for range r.IntN(4) {
			i := r.IntN(len(b))
			j := min(len(b), i+r.IntN(4))
			b = append(b[:i:i], append([]byte(bits[r.IntN(len(bits))]), b[j:]...)...)
		}
		wire, fast := agree(t, b)
		if wire {
			wires++
		}
		if fast {
			fasts++
		}
	}
	if wires < rounds/10 || fasts < rounds/5 {
		t.Fatalf("of %d records %d were read as on the wire and %d by the scan", rounds, wires, fasts)
	}
}

// Ensure the usual forms are read quickly: falling back is right, but slow.
func TestQuickForms(t *testing.T) {
	extra := strings.Replace(sample, `"type"`, `"vendor":"CMT","n":1,"f":false,"type"`, 1)
	for name, c := range map[string]struct {
		record     string
		wire, fast bool
	}{
		"Wire":      {sample + "\n", true, true},
		"NoNewline": {sample, true, true},
		"Watermark": {watermark, false, true},
		"LongNames": {long, false, true},
		"Extra":     {extra, false, true},
		"Null":      {strings.Replace(sample, "52.8", "null", 1), false, false},
		"Nul":       {"{\"watermark\":\"2013-01-01T05:39:59.999Z\",\x00 1,\"type\":\"watermark\"}", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if wire, fast := agree(t, []byte(c.record)); wire != c.wire || fast != c.fast {
				t.Fatalf("wire %v, fast %v, want %v, %v", wire, fast, c.wire, c.fast)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		sample + "\n", watermark, long,
		`{"pickup_latitude":40.7,"trip_id":1e3,"type":null}`,
		" {\"trip_id\":\t01}",
		"{\"watermark\":\"2013-01-01T05:39:59.999Z\",\x00 1}",
		`{"trip_id":"` + strings.Repeat("é", 40) + `"}`,
		`{"type":"` + strings.Repeat("\u202e", 30) + `"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { agree(t, data) })
}

// someTrips are as different as those of a day: one record alone would teach the processor its digits.
func someTrips() []Trip {
	rng := rand.New(rand.NewPCG(1, 2))
	micro := func(low float64) float64 { return math.Round(1e6*(low+rng.Float64()*0.3)) / 1e6 }
	trips := make([]Trip, 4096)
	for i := range trips {
		end := 1452000000000 + rng.Int64N(86_400)*1000
		trips[i] = Trip{
			ID: rng.Int64() + 1, PickupLat: micro(40.56), PickupLon: micro(-74), DropoffLat: micro(40.56), DropoffLon: micro(-74),
			TotalAmount: float64(300+rng.IntN(5000)) / 100, HasAmount: true, Pickup: end - rng.Int64N(3000)*1000, Dropoff: end,
		}
	}
	return trips
}

func BenchmarkDecode(b *testing.B) {
	var wire [][]byte
	for _, t := range someTrips() {
		wire = append(wire, AppendTrip(nil, &t))
	}
	for name, records := range map[string][][]byte{"Wire": wire, "Scan": {[]byte(long)}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				var ev Event // on the stack, as in the processor: no allocation
				if err := Decode(records[i%len(records)], &ev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendTrip(b *testing.B) {
	trips := someTrips()
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		buf = AppendTrip(buf[:0], &trips[i%len(trips)])
	}
}
