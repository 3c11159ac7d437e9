package source_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/engine"
	"taxistream/internal/kinesis"
	domain "taxistream/internal/trip"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/job"
	"taxistream/processor/source"
)

var (
	trimHorizon = source.Position{Kind: types.ShardIteratorTypeTrimHorizon}
	latest      = source.Position{Kind: types.ShardIteratorTypeLatest}
)

// Ensure the positions of the contract are read, and nothing else.
func TestParsePosition(t *testing.T) {
	for text, want := range map[string]source.Position{
		"TRIM_HORIZON":                      trimHorizon,
		"LATEST":                            latest,
		"AT_TIMESTAMP=2016-01-05T12:00:00Z": {Kind: types.ShardIteratorTypeAtTimestamp, Time: noon},
		"AT_TIMESTAMP=2016-01-05T07:00:00.000-05:00": {Kind: types.ShardIteratorTypeAtTimestamp, Time: noon},
	} {
		got, err := source.ParsePosition(text)
		if err != nil || got.Kind != want.Kind || !got.Time.Equal(want.Time) {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "latest", "TRIM_HORIZON=1", "AT_TIMESTAMP", "AT_TIMESTAMP=", "AT_TIMESTAMP=noon", "AT_TIMESTAMP=2016-01-05T12:00:00", "AFTER_SEQUENCE_NUMBER=1"} {
		if got, err := source.ParsePosition(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

// Ensure each position begins where it says, for the shards that are there at the
// first start; shards that appear later are read from their start.
func TestSource_Positions(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	s.put(0, trip(1))
	s.advance(time.Minute)
	s.put(0, trip(2))
	s.advance(time.Minute)
	later := split(first)
	later.Initial = false
	for text, c := range map[string]struct {
		position source.Position
		split    engine.Split
		want     []int64
	}{
		"TrimHorizon":    {trimHorizon, split(first), []int64{1, 2}},
		"Latest":         {latest, split(first), nil},
		"LatestAppeared": {latest, later, []int64{1, 2}},
		"AtTimestamp":    {source.Position{Kind: types.ShardIteratorTypeAtTimestamp, Time: noon.Add(time.Second)}, split(first), []int64{2}},
		"AtItsTimestamp": {source.Position{Kind: types.ShardIteratorTypeAtTimestamp, Time: noon}, split(first), []int64{1, 2}},
		"BeforeAll":      {source.Position{Kind: types.ShardIteratorTypeAtTimestamp, Time: noon.Add(-48 * time.Hour)}, split(first), []int64{1, 2}},
	} {
		if got, _ := read(t, open(t, s.source(c.position), c.split)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", text, got, c.want)
		}
	}
	r := open(t, s.source(latest), split(first))
	if got, _ := read(t, r); got != nil {
		t.Errorf("got %v, want nothing of what was there", got)
	}
	s.put(0, trip(3))
	if got, _ := read(t, r); !slices.Equal(got, []int64{3}) {
		t.Errorf("got %v, want what came after the start", got)
	}
}

// Ensure a start at LATEST survives a clock that is ahead of the service's.
func TestSource_LatestWithClockAhead(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	in := s.source(latest)
	in.Now = func() time.Time { return s.now().Add(50 * time.Millisecond) }
	r := open(t, in, split(first))
	time.AfterFunc(10*time.Millisecond, func() { s.advance(time.Second) })
	read(t, r)
	s.put(0, trip(1))
	if got, _ := read(t, r); !slices.Equal(got, []int64{1}) {
		t.Errorf("got %v", got)
	}
}

// Ensure every record becomes elements, none is dropped, and each says where it stood.
func TestSource_Decodes(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	damaged := []byte(aggregate(trip(9)))
	damaged[len(damaged)-1] ^= 1
	records := []string{
		trip(1), "no event", aggregate(trip(2), "\xff", trip(3)), string(damaged), `{"type":"watermark","watermark":"2016-01-05T12:29:59.999Z"}`, aggregate(),
	}
	var sequences []string
	for _, r := range records {
		sequences = append(sequences, s.put(0, r))
	}
	b, err := open(t, s.source(trimHorizon), split(first)).Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	dropoff, arrival := noon.Add(30*time.Minute).UnixMilli(), noon.UnixMilli()
	type element struct {
		record, sub       int
		kind              domain.Kind
		id, watermark, at int64
		fault             string
		data              string
	}
	want := []element{
		{0, 0, domain.KindTrip, 1, 0, dropoff, "", trip(1)},
		{1, 0, 0, 0, 0, arrival, "JSON", "no event"},
		{2, 0, domain.KindTrip, 2, 0, dropoff, "", trip(2)},
		{2, 1, 0, 0, 0, arrival, "JSON", "\xff"},
		{2, 2, domain.KindTrip, 3, 0, dropoff, "", trip(3)},
		{3, 0, 0, 0, 0, arrival, "bad KPL aggregate", string(damaged)},
		{4, 0, domain.KindWatermark, 0, dropoff - 1, 0, "", records[4]},
	}
	if len(b.Elements) != len(want) {
		t.Fatalf("%d elements, want %d", len(b.Elements), len(want))
	}
	for i, w := range want {
		e := b.Elements[i]
		v := &e.Value
		origin := job.Origin{Shard: first, Sequence: sequences[w.record], Arrival: arrival}
		if *v.Origin != origin || int(v.Sub) != w.sub || v.Kind != w.kind || v.Trip.ID != w.id || v.Watermark != w.watermark ||
			w.kind != domain.KindWatermark && e.EventTime != w.at || string(v.Data) != w.data || (v.Fault == "") != (w.fault == "") || !strings.Contains(v.Fault, w.fault) {
			t.Errorf("element %d: got %+v of %+v at %d, want %+v", i, v, v.Origin, e.EventTime, w)
		}
	}
	if string(b.Offset) != fmt.Sprintf("2:%s;%d", sequences[5], s.now().UnixMilli()) {
		t.Errorf("offset %s, want the last record's, of which nothing came", b.Offset)
	}
}

// Ensure that from every offset that a reader gives, another reads exactly what
// followed: an aggregate is read whole or not at all.
func TestSource_GoesOnFromEveryOffset(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	var all []int64
	for id := 1; id < 1400; {
		var user []string
		for range id%7 + 1 {
			user = append(user, trip(id))
			all = append(all, int64(id))
			id++
		}
		if len(user) == 1 {
			s.put(0, user[0])
		} else {
			s.put(0, aggregate(user...))
		}
	}
	in := s.source(trimHorizon)
	in.Reader.Bytes = func() int { return 10_000 } // some ten records a call, once their size is known
	if err := s.server.SetFaults(embedded.Faults{Seed: 1, Fail: 0.2, Drop: 0.2}); err != nil {
		t.Fatal(err)
	}
	r := open(t, in, split(first))
	var seen []int64
	offsets := 0
	for at := false; !at; {
		b, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Elements {
			seen = append(seen, e.Value.Trip.ID)
		}
		b.Release()
		at = b.AtTip
		if b.Offset == nil {
			continue
		}
		offsets++
		from := split(first)
		from.Offset = append([]byte(nil), b.Offset...)
		if rest, _ := read(t, open(t, in, from)); !slices.Equal(append(slices.Clone(seen), rest...), all) {
			t.Fatalf("from %s: got %d trips behind %d, want %d in all", b.Offset, len(rest), len(seen), len(all))
		}
	}
	if !slices.Equal(seen, all) || offsets < 10 {
		t.Errorf("read %d trips at %d offsets, want %d", len(seen), offsets, len(all))
	}
}

// Ensure a start at LATEST has an offset before its first record, and loses nothing from it.
func TestSource_LatestHasAnOffsetAtOnce(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	s.put(0, trip(1))
	s.advance(time.Second)
	_, offset := read(t, open(t, s.source(latest), split(first)))
	if want := fmt.Sprintf("2:@%[1]d;%[1]d", s.now().UnixMilli()); string(offset) != want {
		t.Fatalf("offset %q, want %q", offset, want)
	}
	s.put(0, trip(2))
	s.advance(time.Hour)
	from := split(first)
	from.Offset = offset
	if got, _ := read(t, open(t, s.source(latest), from)); !slices.Equal(got, []int64{2}) {
		t.Errorf("got %v, want what came meanwhile", got)
	}
}

// Ensure an offset that this version did not write is refused, and named.
func TestSource_ForeignOffset(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	for offset, want := range map[string]string{"3:4950": "another version", "": "another version", "1:@noon": "damaged", "2:4950": "damaged", "2:@1;": "damaged"} {
		from := split(first)
		from.Offset = []byte(offset)
		_, err := s.source(trimHorizon).Open(context.Background(), from)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), first) {
			t.Errorf("%q: got %v, want %q", offset, err, want)
		}
	}
}

// Ensure elements are left alone until they are given back, whatever is read meanwhile.
func TestSource_KeepsElementsUntilRelease(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	r := open(t, s.source(trimHorizon), split(first))
	var kept []engine.Read[job.Record]
	for id := 1; id <= 20; id++ {
		s.put(0, trip(id))
		b, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if id%3 == 0 {
			b.Release()
			continue
		}
		kept = append(kept, b)
	}
	var got, want []int64
	for _, b := range kept {
		for _, e := range b.Elements {
			got = append(got, e.Value.Trip.ID)
			if string(e.Value.Data) != trip(int(e.Value.Trip.ID)) {
				t.Errorf("trip %d has the bytes %s", e.Value.Trip.ID, e.Value.Data)
			}
		}
	}
	for id := int64(1); id <= 20; id++ {
		if id%3 != 0 {
			want = append(want, id)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Ensure a stream that is not there is one line that says how to make it.
func TestSource_NoStream(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	in := s.source(trimHorizon)
	in.Client = &kinesis.Client{API: s.client.API, Stream: "none"}
	_, err := in.Splits(context.Background())
	if err == nil || !strings.Contains(err.Error(), "aws kinesis create-stream --stream-name none") {
		t.Errorf("got %v", err)
	}
}

// Ensure splits are the shards, open and closed, with their parents.
func TestSource_Splits(t *testing.T) {
	s := newStream(t, 2, embedded.Options{})
	s.merge(0, 1)
	got, err := s.source(trimHorizon).Splits(context.Background())
	want := []engine.Split{{ID: first}, {ID: "shardId-000000000001"}, {ID: "shardId-000000000002", Parents: []string{first, "shardId-000000000001"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
