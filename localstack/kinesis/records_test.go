package kinesis_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

// Ensure that whatever is put comes back: bytes, key, order, time.
func TestPutRecord_RoundTrip(t *testing.T) {
	tg := newTarget(t, 1)
	datas := []string{"", "a", "ab", "abc", "\x00\xff\xfe", strings.Repeat("x", 100_000), "naïve \"quoted\" \\ \u2028 \n"}
	keys := []string{"k", "käse", `quote " and \ back`, "<&>", "\u2028", strings.Repeat("é", 256), "line\nbreak"}
	var sequences []string
	before := time.Now().Add(-time.Minute)
	for i, data := range datas {
		out := tg.put(keys[i], data)
		equal(t, "shard", *out.ShardId, shardName(0))
		sequences = append(sequences, *out.SequenceNumber)
	}
	records, last := tg.read(tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon), 100)
	equal(t, "records", len(records), len(datas))
	for i, r := range records {
		equal(t, "data", string(r.Data), datas[i])
		equal(t, "key", *r.PartitionKey, keys[i])
		equal(t, "sequence number", *r.SequenceNumber, sequences[i])
		if r.ApproximateArrivalTimestamp.Before(before) {
			t.Errorf("arrival %v is long ago", r.ApproximateArrivalTimestamp)
		}
		if i > 0 && number(t, sequences[i]).Cmp(number(t, sequences[i-1])) <= 0 {
			t.Errorf("sequence numbers do not grow: %s after %s", sequences[i], sequences[i-1])
		}
	}
	if last.NextShardIterator == nil || len(last.ChildShards) != 0 {
		t.Errorf("an open shard ended: %+v", last)
	}
}

func number(t *testing.T, text string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return n
}

// Ensure that PutRecords answers entry by entry, and routes by key or explicit hash key.
func TestPutRecords_Routing(t *testing.T) {
	tg := newTarget(t, 3)
	third := "113427455640312821154458202477256070485"
	entries := []types.PutRecordsRequestEntry{
		{Data: []byte("zero"), PartitionKey: aws.String("a"), ExplicitHashKey: aws.String("0")},
		{Data: []byte("below"), PartitionKey: aws.String("a"), ExplicitHashKey: aws.String("113427455640312821154458202477256070484")},
		{Data: []byte("border"), PartitionKey: aws.String("a"), ExplicitHashKey: &third},
		{Data: []byte("top"), PartitionKey: aws.String("a"), ExplicitHashKey: aws.String("340282366920938463463374607431768211455")},
		{Data: []byte("md5 0cc1"), PartitionKey: aws.String("a")}, // md5("a") = 0cc175b9…
		{Data: []byte("md5 92eb"), PartitionKey: aws.String("b")}, // md5("b") = 92eb5ffe…
	}
	out, err := tg.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: &tg.stream, Records: entries})
	must(t, err)
	equal(t, "failed", *out.FailedRecordCount, int32(0))
	for i, want := range []int{0, 0, 1, 2, 0, 1} {
		equal(t, string(entries[i].Data), *out.Records[i].ShardId, shardName(want))
	}
	for shard, want := range []string{"zero below md5 0cc1", "border md5 92eb", "top"} {
		records, _ := tg.read(tg.iterator(shardName(shard), types.ShardIteratorTypeTrimHorizon), 10)
		equal(t, shardName(shard), texts(records), want)
	}
}

// Ensure that a reader gets at most Limit records a call.
func TestGetRecords_Limit(t *testing.T) {
	tg := newTarget(t, 1)
	for i := range 5 {
		tg.put("k", fmt.Sprint(i))
	}
	iterator := tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon)
	out, err := tg.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: &iterator, Limit: aws.Int32(3)})
	must(t, err)
	equal(t, "first", texts(out.Records), "0 1 2")
	records, _ := tg.read(*out.NextShardIterator, 3)
	equal(t, "rest", texts(records), "3 4")
}

// Ensure that a reader gets at most 10 MiB a call and 10,000 records, but always one.
func TestGetRecords_Caps(t *testing.T) {
	s := mustServer(t, kinesis.Options{})
	next := func(stream string) (get func() int) {
		answer, _ := raw(s, "GetShardIterator", `{"StreamName":"`+stream+`","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`)
		iterator := between(answer, `"ShardIterator":"`)
		return func() int {
			answer, code := raw(s, "GetRecords", `{"ShardIterator":"`+iterator+`"}`)
			equal(t, "error", code, "")
			iterator = between(answer, `"NextShardIterator":"`)
			return strings.Count(answer, `"Data"`)
		}
	}
	put := func(stream string, times, n, size int) {
		entries := strings.Repeat(","+rawRecord(size), n)[1:]
		for range times {
			_, code := raw(s, "PutRecords", `{"StreamName":"`+stream+`","Records":[`+entries+`]}`)
			equal(t, "error", code, "")
		}
	}
	must(t, s.CreateStream("large", 1))
	put("large", 13, 1, 1<<20-1)
	get := next("large")
	equal(t, "by size", get(), 10)
	equal(t, "rest", get(), 3)
	must(t, s.CreateStream("many", 1))
	put("many", 21, 500, 1)
	get = next("many")
	equal(t, "by number", get(), 10000)
	equal(t, "rest", get(), 500)
}

// between returns what follows mark up to the next quote.
func between(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	found, _, _ := strings.Cut(rest, `"`)
	return found
}

// Ensure that each iterator type begins where the service begins it.
func TestGetShardIterator_Types(t *testing.T) {
	clock := newClock()
	tg := &target{t: t, stream: "s"}
	s := mustServer(t, kinesis.Options{Clock: clock.time})
	tg.Client = newClient(start(t, s))
	must(t, s.CreateStream("s", 1))
	var sequences []string
	var times []time.Time
	for i := range 5 {
		clock.advance(time.Second)
		times = append(times, clock.time())
		sequences = append(sequences, *tg.put("k", fmt.Sprint(i)).SequenceNumber)
	}
	first := tg.shards(nil)[0].SequenceNumberRange.StartingSequenceNumber
	at := func(sequence *string) func(*sdk.GetShardIteratorInput) {
		return func(in *sdk.GetShardIteratorInput) { in.StartingSequenceNumber = sequence }
	}
	when := func(tm time.Time) func(*sdk.GetShardIteratorInput) {
		return func(in *sdk.GetShardIteratorInput) { in.Timestamp = &tm }
	}
	nothing := func(*sdk.GetShardIteratorInput) {}
	cases := []struct {
		name     string
		kind     types.ShardIteratorType
		set      func(*sdk.GetShardIteratorInput)
		want     string
		iterator string
	}{
		{name: "trim horizon", kind: types.ShardIteratorTypeTrimHorizon, set: nothing, want: "0 1 2 3 4 later"},
		{name: "latest", kind: types.ShardIteratorTypeLatest, set: nothing, want: "later"},
		{name: "at sequence", kind: types.ShardIteratorTypeAtSequenceNumber, set: at(&sequences[2]), want: "2 3 4 later"},
		{name: "after sequence", kind: types.ShardIteratorTypeAfterSequenceNumber, set: at(&sequences[2]), want: "3 4 later"},
		{name: "after last", kind: types.ShardIteratorTypeAfterSequenceNumber, set: at(&sequences[4]), want: "later"},
		{name: "at shard start", kind: types.ShardIteratorTypeAtSequenceNumber, set: at(first), want: "0 1 2 3 4 later"},
		{name: "at time", kind: types.ShardIteratorTypeAtTimestamp, set: when(times[1]), want: "1 2 3 4 later"},
		{name: "between times", kind: types.ShardIteratorTypeAtTimestamp, set: when(times[1].Add(time.Millisecond)), want: "2 3 4 later"},
		{name: "long ago", kind: types.ShardIteratorTypeAtTimestamp, set: when(time.Unix(1, 0)), want: "0 1 2 3 4 later"},
		{name: "now", kind: types.ShardIteratorTypeAtTimestamp, set: when(times[4]), want: "4 later"},
	}
	for i := range cases {
		cases[i].iterator = tg.iterator(shardName(0), cases[i].kind, cases[i].set)
	}
	tg.put("k", "later")
	for _, c := range cases {
		records, _ := tg.read(c.iterator, 2)
		equal(t, c.name, texts(records), c.want)
	}
}

// Ensure that MillisBehindLatest is the age of the last record read, and 0 at the tip.
func TestGetRecords_MillisBehindLatest(t *testing.T) {
	clock := newClock()
	s := mustServer(t, kinesis.Options{Clock: clock.time})
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	must(t, s.CreateStream("s", 1))
	tg.put("k", "a")
	clock.advance(3 * time.Second)
	tg.put("k", "b")
	clock.advance(4 * time.Second)
	next := tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon)
	for _, want := range []int64{7000, 0, 0} {
		out, err := tg.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: &next, Limit: aws.Int32(1)})
		must(t, err)
		equal(t, "behind", *out.MillisBehindLatest, want)
		next = *out.NextShardIterator
	}
}
