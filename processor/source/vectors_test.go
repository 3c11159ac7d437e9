package source_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taxistream/internal/kinesis"
	events "taxistream/internal/trip"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/job"
	"taxistream/processor/vectors"
)

var _ = flag.Bool("update", false, "write the vectors of both editions instead of comparing them")

// event is what is read of one user record.
type event struct {
	Kind string `json:"kind"`
	Sub  int32  `json:"sub,omitempty"`
	// Of a trip: pickup lat and lon, dropoff lat and lon.
	ID        int64          `json:"id,omitempty"`
	Places    *[4]float64    `json:"places,omitempty"`
	Pickup    int64          `json:"pickup,omitempty"`
	Dropoff   int64          `json:"dropoff,omitempty"`
	Watermark int64          `json:"watermark,omitempty"`
	Data      *vectors.Bytes `json:"data,omitempty"` // where it is a part of the record
}

// reading is what a record is read as: one event, or those of an aggregate.
type reading struct {
	Record vectors.Bytes `json:"record"`
	Events []event       `json:"events"`
}

// Ensure what each record is read as, by both editions: forms of JSON, of numbers and times, of
// aggregates, and damage.
func TestVectors(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	lines, bySequence := []any{}, map[string]*reading{}
	for _, r := range slices.Concat(writtenForms(), damaged(700), aggregates()) {
		line := &reading{Record: vectors.Show([]byte(r)), Events: []event{}}
		bySequence[s.put(0, r)] = line
		lines = append(lines, line)
	}
	r := open(t, s.source(trimHorizon), split(first))
	for tip := false; !tip; {
		b, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Elements {
			v := &b.Elements[i].Value
			line := bySequence[v.Origin.Sequence]
			line.Events = append(line.Events, show(v, line.Record))
		}
		tip = b.AtTip
	}
	vectors.Hold(t, "events.jsonl", lines)
}

func show(r *job.Record, record vectors.Bytes) event {
	e := event{Sub: r.Sub, Kind: "malformed"}
	switch r.Kind {
	case events.KindTrip:
		e.Kind, e.ID, e.Pickup, e.Dropoff = "trip", r.Trip.ID, r.Trip.Pickup, r.Trip.Dropoff
		e.Places = &[4]float64{r.Trip.PickupLat, r.Trip.PickupLon, r.Trip.DropoffLat, r.Trip.DropoffLon}
	case events.KindWatermark:
		e.Kind, e.Watermark = "watermark", r.Watermark
	}
	if data := vectors.Show(r.Data); !reflect.DeepEqual(data, record) {
		e.Data = &data
	}
	return e
}

const (
	rest = `"trip_id":4711,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.6,"dropoff_lon":-73.8,` +
		`"pickup_datetime":"2013-01-01T05:02:03.000Z","dropoff_datetime":"2013-01-01T05:40:00.000Z"`
	whole = `{"type":"trip",` + rest + `}` + "\n"
	mark  = `{"type":"watermark","watermark":"2013-01-01T05:39:59.999Z"}` + "\n"
)

var longNames = strings.NewReplacer(`_lat"`, `_latitude"`, `_lon"`, `_longitude"`).Replace(whole)

// writtenForms are one record for each thing that the contract allows or refuses.
func writtenForms() []string {
	forms := []string{
		whole, mark, "{" + rest + "}", `{"type":null,` + rest + "}", " \t\r\n" + whole + " \t\r\n", "\v" + whole, whole + "\x00", "\u00a0" + whole, "\ufeff" + whole,
		whole + whole, whole + mark, "[" + whole + "]", "", " ", "{", "{}", "null", `"x"`, "7", whole[:50], whole[1:], strings.TrimSuffix(whole, "}\n"),
		longNames, `{"pickup_latitude":1,` + rest + "}",
		`{"pickup_lat":null,"pickup_latitude":40.8,` + strings.Replace(rest, `"pickup_lat":40.7,`, "", 1) + "}",
		strings.Replace(whole, "T05:02:03.000Z", "T05:02:03", 1), `{"type":"watermark"}`, `{"watermark":"2013-01-01T05:39:59.999Z"}`,
		`{"type":"watermark","watermark":null}`, `{"type":"watermark","watermark":1357018799999}`, `{"type":"watermark","watermark":"2013-01-01","x":` + whole + "}",
	}
	for _, type_ := range []string{`"Trip"`, `"taxi"`, `""`, `"tr\u0069p"`, `"trip\u0000"`, `"\ud800"`, `1`, `true`, `["trip"]`, `{"type":"trip"}`, `"watermark"`} {
		forms = append(forms, `{"type":`+type_+`,`+rest+"}", `{`+rest+`,"type":`+type_+"}")
	}
	with := func(fields ...string) {
		for _, field := range fields {
			forms = append(forms, "{"+rest+","+field+"}", "{"+field+","+rest+"}")
		}
	}
	with(`"trip_id":null`, `"trip_id":7`, `"Trip_id":7`, `"trip\u005fid":7`, `"trip_id\u0000":7`, `"pickup_lat":null`, `"pickup_datetime":null`, `"total_amount":null`,
		`"total_amount":"1"`, `"total_amount":1e999`, `"total_amount":-0.5e-9`, `"x":1.`, `"x":.5`, `"x":+1`, `"x":-`, `"x":01`, `"x":1e`, `"x":1E+5`, `"x":0x10`, `"x":1_000`,
		`"x":NaN`, `"x":Infinity`, `"x":nul`, `"x":True`, `"x":'a'`, `x:1`, `"x":"\x41"`, `"x":"\u12g4"`, `"x":"\u12"`, `"x":"\ud800\u0041"`, `"x":"\udc00"`, "\"x\":\"\n\"", "\"x\":\"\x7f\"",
		"\"x\":\"\x1f\"", `"x":"\/\b\f\n\r\t\"\\"`, `"x":1,`, `"x"`, `"x":`, `"x":[1,]`, `"x":[1 2]`, `"x":{"a":1,"a":{}}`, `"x":{"a"}`, `"x":[}`, "/*c*/\"x\":1", "\"x\":1//c\n", "#\n\"x\":1", `"":1`, `"x":1 "y":2`)
	with("\"x\":\"\xff\"", "\"x\":\"\xc0\x80\"", "\"x\":\"\xed\xa0\x80\"", "\"x\":\"\xf4\x90\x80\x80\"", "\"x\":\"\xe2\x82\"", "\"x\":\"\U0010ffff\u2028\"", "\"\xe9\":1", "\"x\":1\xc2\xa0")
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	forms = append(forms, "{"+rest+`,"x":`+nested(9_999)+"}", "{"+rest+`,"x":`+nested(10_000)+"}", "{"+strings.Repeat(`"a":{`, 2000)+strings.Repeat("}", 2000)+","+rest+"}",
		"{"+rest+`,"x":"`+strings.Repeat("y", 30_000)+`"}`, "{"+rest+`,"x":`+strings.Repeat("9", 2_000)+"}", "{"+rest+`,"`+strings.Repeat("k", 60_000)+`":1}`)
	return append(append(forms, numbers()...), times()...)
}

// numbers are ids and places near the edges of what their types hold.
func numbers() (forms []string) {
	for _, id := range []string{
		"0", "-0", "-1", "1", "1.0", "1e3", "1E0", "007", `"7"`, "9223372036854775807", "9223372036854775808", "18446744073709551616", "9223372036854775807.0",
		"1" + strings.Repeat("0", 400), "true", "[7]", "{}", "4711 ", "\t4711", "47 11",
	} {
		forms = append(forms, strings.Replace(whole, "4711", id, 1))
	}
	rnd := rand.New(rand.NewPCG(3, 1))
	places := []string{
		"0", "-0", "-0.0", "0.0", "40.56", "40.560", "40.5600000000000000000", "40.55999999999999872", "40.559999999999998721", "40.559999999999995", "40.878", "40.87800000000001", "40.8780000000000001",
		"4.0878e1", "4087.8E-2", "40878e-3", "0.40878e+2", "1e308", "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "-1e309", "1e99999999999", "1e-99999999999", "5e-324", "2e-324", "3e-324",
		"2.2250738585072011e-308", "2.2250738585072014e-308", "9007199254740993", "9007199254740992.5", "0.1", "0.30000000000000004", "123456789012345678901234567890", "40." + strings.Repeat("7", 800),
		"1" + strings.Repeat("0", 308), "1" + strings.Repeat("0", 309), "0." + strings.Repeat("0", 400) + "1", "0e999999", "1.e1", "1.5e", "--1", "1d", "1f", "0x1p3", "\"40.7\"", "true", "[]", "40.7 ", "\n40.7",
	}
	for range 60 {
		places = append(places, strconv.FormatFloat(40+rnd.Float64(), 'f', rnd.IntN(20), 64), strconv.FormatFloat(rnd.NormFloat64()*1e3, 'e', rnd.IntN(20), 64))
	}
	for i, place := range places {
		forms = append(forms, strings.Replace(whole, []string{"40.7", "-73.9", "40.6", "-73.8"}[i%4], place, 1))
	}
	return forms
}

// times are instants that are read, and texts that are none.
func times() (forms []string) {
	for _, at := range []string{
		"2013-01-01T05:02:03Z", "2013-01-01T05:02:03.1Z", "2013-01-01T05:02:03.12Z", "2013-01-01T05:02:03.1239Z", "2013-01-01T05:02:03.999999999999999999999Z", "2013-01-01T05:02:03.Z",
		"2013-01-01T05:02:03,5Z", "2013-01-01T00:02:03-05:00", "2013-01-01T10:32:03.5+05:30", "2013-01-01T05:02:03+00:00", "2013-01-01T05:02:03-00:00", "2013-01-01T05:02:03+23:59",
		"2013-01-01T05:02:03+24:00", "2013-01-01T05:02:03+05:60", "2013-01-01T05:02:03+0530", "2013-01-01T05:02:03+05", "2013-01-01T05:02:03z", "2013-01-01t05:02:03Z", "2013-01-01 05:02:03Z",
		"2013-01-01T05:02:03", "2013-01-01T05:02Z", "2013-01-01T24:00:00Z", "2013-01-01T23:59:60Z", "2013-01-01T05:60:00Z", "2013-00-01T05:02:03Z", "2013-13-01T05:02:03Z", "2013-01-00T05:02:03Z",
		"2013-02-29T05:02:03Z", "2012-02-29T05:02:03Z", "1900-02-29T05:02:03Z", "2000-02-29T05:02:03Z", "2013-04-31T05:02:03Z", "2013-06-30T23:59:59.999Z", "0000-01-01T00:00:00Z", "0000-02-29T00:00:00Z",
		"0000-01-01T00:00:00+00:01", "0000-01-01T00:00:00-00:01", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.9999-00:00", "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z",
		"1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "13-01-01T05:02:03Z", "2013-1-1T5:2:3Z", " 2013-01-01T05:02:03Z", "2013-01-01T05:02:03Z ", `2013-01-01T05:02:03Z\n`, `2013\u002d01-01T05:02:03Z`,
		"٢٠١٣-01-01T05:02:03Z", "2013-01-01T05:02:03.٥Z", "", "now", "1357016523000",
	} {
		forms = append(forms, strings.Replace(whole, "2013-01-01T05:02:03.000Z", at, 1), `{"type":"watermark","watermark":"`+at+`"}`)
	}
	return forms
}

// damaged are records that were changed at random.
func damaged(n int) (forms []string) {
	bits := []string{
		`,`, `:`, `"`, `{`, `}`, `null`, `0`, `-`, `.`, `e1`, ` `, `\u0041`, `"trip_id":1,`, "\x00", "é", "\n", `00`, `1e5`, `[]`, "\xff", "\\",
		`"type":"watermark",`, `"x":"y",`, `"x":true,`, `"x":-1.5,`, `itude`, `"watermark":"2013-01-01T05:39:59Z",`, `+05:00`,
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range n {
		b := []string{whole, mark, longNames}[rnd.IntN(3)]
		for range 1 + rnd.IntN(3) {
			i := rnd.IntN(len(b))
			b = b[:i] + bits[rnd.IntN(len(bits))] + b[min(len(b), i+rnd.IntN(4)):]
		}
		forms = append(forms, b)
	}
	return forms
}

// aggregates are records with the KPL's magic bytes, with and without the rest of its form.
func aggregates() []string {
	sealed := func(body string) string {
		record := []byte("\xf3\x89\x9a\xc2" + body + strings.Repeat("\x00", 16))
		kinesis.Seal([][]byte{record})
		return string(record)
	}
	field := func(tag byte, content string) string { return string(tag) + string(rune(len(content))) + content } // shorter than 128
	user := func(data string) string { return field(3<<3|2, field(3<<3|2, data)) }
	good := aggregate(whole, mark, "no event", whole)
	body := good[4 : len(good)-16]
	records := []string{
		good, aggregate(mark), aggregate("", whole), aggregate("{}"), good[:len(good)-1], good + "x", good[:20], good[:19], good[:4], good[:3], good[1:],
		strings.Replace(good, "4711", "4712", 1), aggregate(good), "\n" + good,
		sealed(""), sealed("\x0a\x01k"), sealed(user("a") + user("")), sealed(field(3<<3|2, "")), sealed(user("a") + field(3<<3|2, "\x08\x01")), sealed(user("a") + "\x00"), sealed(user("a") + "\x02\x00"),
		sealed(field(3<<3|2, field(3<<3|2, "first")+field(3<<3|2, "last"))), sealed(field(3<<3|2, "\x08\x01\x10\x02"+field(3<<3|2, "x")+field(4<<3|2, "tag"))),
		sealed(user("a") + "\x18\x05" + user("b")), sealed(user("a") + "\x1d\x01\x02\x03\x04"), sealed(user("a") + "\x19\x01\x02\x03\x04\x05\x06\x07\x08"), sealed(user("a") + "\x1d\x01"),
		sealed("\x0b\x0c" + user("a")), sealed("\x0b\x13\x14\x0c" + user("a")), sealed("\x0b\x14" + user("a")), sealed("\x0b" + user("a")), sealed(user("a") + "\x0c"), sealed(user("a") + "\x0e"),
		sealed(user("a") + "\x98\x06\x05"), sealed(user("a") + "\x9a\x80\x80\x80\x00\x00"), sealed("\x9a\x00" + user("a")[1:]), sealed(user("a") + "\x80\x80\x80\x80\x10\x00"), sealed(user("a") + "\xf8\xff\xff\xff\x0f\x01"),
		sealed(user("a") + "\xf8\xff\xff\xff\x1f\x01"), sealed(user("a") + "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), sealed(user("a") + "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
		sealed(user("a") + "\x08\x80"), sealed(user("a") + "\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), sealed(user("a") + "\x1a\x05\x1a"),
		sealed(user("a") + strings.Repeat("\x0b", 10_001) + strings.Repeat("\x0c", 10_001)), sealed(user("a") + strings.Repeat("\x0b", 10_002) + strings.Repeat("\x0c", 10_002)),
	}
	rnd := rand.New(rand.NewPCG(5, 8))
	for range 200 {
		b := []byte(body)
		if rnd.IntN(2) == 0 { // among the short fields
			b = []byte(user("ab") + field(3<<3|2, "\x08\x01"+field(3<<3|2, "cd")) + "\x0a\x01k")
		}
		for range 1 + rnd.IntN(2) {
			b[rnd.IntN(len(b))] = byte(rnd.IntN(256))
		}
		records = append(records, sealed(string(b)))
	}
	return records
}
