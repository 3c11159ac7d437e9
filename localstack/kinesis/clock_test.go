package kinesis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

// clocked is a server on a clock of the test's, with stream s.
func clocked(t *testing.T, shards int, o kinesis.Options) (*target, *kinesis.Server, *clock) {
	t.Helper()
	clock := newClock()
	o.Clock = clock.time
	s := mustServer(t, o)
	must(t, s.CreateStream("s", shards))
	return &target{Client: newClient(start(t, s)), t: t, stream: "s"}, s, clock
}

// Ensure that iterators and page tokens live five minutes and not longer.
func TestExpiry(t *testing.T) {
	tg, _, clock := clocked(t, 2, kinesis.Options{})
	iterator := tg.iterator(shardName(0), types.ShardIteratorTypeLatest)
	page, err := tg.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: &tg.stream, MaxResults: aws.Int32(1)})
	must(t, err)
	clock.advance(kinesis.TokenLife)
	out, err := tg.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: &iterator})
	must(t, err)
	_, err = tg.ListShards(t.Context(), &sdk.ListShardsInput{NextToken: page.NextToken})
	must(t, err)
	clock.advance(time.Millisecond)
	_, err = tg.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: &iterator})
	wantCode(t, "old iterator", err, "ExpiredIteratorException")
	_, err = tg.ListShards(t.Context(), &sdk.ListShardsInput{NextToken: page.NextToken})
	wantCode(t, "old page token", err, "ExpiredNextTokenException")
	_, err = tg.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: out.NextShardIterator})
	must(t, err)
}

// Ensure that an iterator at a time to come is refused.
func TestGetShardIterator_FutureTime(t *testing.T) {
	tg, _, clock := clocked(t, 1, kinesis.Options{})
	_, err := tg.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{
		StreamName: &tg.stream, ShardId: aws.String(shardName(0)), ShardIteratorType: types.ShardIteratorTypeAtTimestamp,
		Timestamp: aws.Time(clock.time().Add(time.Second)),
	})
	wantCode(t, "future", err, "InvalidArgumentException")
}

// Ensure that limits refuse single entries of a put by records and by bytes, a
// shard at a time, and let them in once the second is over.
func TestLimits_Put(t *testing.T) {
	tg, s, clock := clocked(t, 2, kinesis.Options{Limits: true})
	put := func(n, size int, key string) (failed int) {
		entries := make([]types.PutRecordsRequestEntry, n)
		for i := range entries {
			entries[i] = types.PutRecordsRequestEntry{Data: make([]byte, size), PartitionKey: aws.String("k"), ExplicitHashKey: &key}
		}
		out, err := tg.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: &tg.stream, Records: entries}, once)
		must(t, err)
		for _, r := range out.Records {
			if r.ErrorCode != nil {
				failed++
				equal(t, "code", *r.ErrorCode, "ProvisionedThroughputExceededException")
			}
		}
		equal(t, "count", int(*out.FailedRecordCount), failed)
		return failed
	}
	equal(t, "1st 500", put(500, 9, "0"), 0)
	equal(t, "2nd 500", put(500, 9, "0"), 0)
	equal(t, "3rd 500", put(500, 9, "0"), 500)
	equal(t, "other shard", put(500, 9, middle), 0)
	clock.advance(100 * time.Millisecond)
	equal(t, "a tenth later", put(500, 9, "0"), 400)
	clock.advance(time.Second)
	equal(t, "by bytes", put(20, 100_000-1, "0"), 10)
	equal(t, "counted", s.Stats().Throttled, 910)
	_, err := tg.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: &tg.stream, PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("0"), Data: make([]byte, 100_000)}, once)
	wantCode(t, "PutRecord", err, "ProvisionedThroughputExceededException")
}

// Ensure that limits allow five reads a second and shut a shard for the time
// that a large answer is worth.
func TestLimits_Get(t *testing.T) {
	_, s, clock := clocked(t, 1, kinesis.Options{Limits: true})
	answer, _ := raw(s, "GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`)
	get := func() (records int, code string) {
		answer, code := raw(s, "GetRecords", `{"ShardIterator":"`+between(answer, `"ShardIterator":"`)+`"}`)
		return strings.Count(answer, `"Data"`), code
	}
	for range 5 {
		_, code := get()
		equal(t, "five calls", code, "")
	}
	_, code := get()
	equal(t, "sixth call", code, "ProvisionedThroughputExceededException")
	for range 8 {
		clock.advance(time.Second)
		_, code := raw(s, "PutRecords", `{"StreamName":"s","Records":[`+rawRecord(1<<20-1)+`]}`)
		equal(t, "put", code, "")
	}
	n, _ := get()
	equal(t, "8 MiB", n, 8)
	clock.advance(2 * time.Second)
	_, code = get()
	equal(t, "too soon after 8 MiB", code, "ProvisionedThroughputExceededException")
	clock.advance(2 * time.Second)
	_, code = get()
	equal(t, "in time", code, "")
}

// Ensure that UpdateShardCount keeps to half and double with limits on.
func TestLimits_UpdateShardCount(t *testing.T) {
	tg, _, _ := clocked(t, 4, kinesis.Options{Limits: true})
	for _, n := range []int32{9, 1} {
		_, err := tg.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{StreamName: &tg.stream, TargetShardCount: &n, ScalingType: types.ScalingTypeUniformScaling})
		wantCode(t, "scale", err, "InvalidArgumentException")
	}
}

// Ensure that records go by age when asked, with their memory and their shards, and stay otherwise.
func TestRetention(t *testing.T) {
	for _, trim := range []bool{false, true} {
		tg, s, clock := clocked(t, 1, kinesis.Options{TrimByAge: trim})
		old := tg.put("a", "old").SequenceNumber
		_, err := tg.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: &tg.stream, ShardToSplit: aws.String(shardName(0)), NewStartingHashKey: aws.String(middle)})
		must(t, err)
		tg.put("a", "child")
		clock.advance(24*time.Hour + time.Millisecond)
		tg.put("a", "new")
		atOld := tg.iterator(shardName(0), types.ShardIteratorTypeAtSequenceNumber, func(in *sdk.GetShardIteratorInput) { in.StartingSequenceNumber = old })
		parent, last := tg.read(atOld, 10)
		child, _ := tg.read(tg.iterator(shardName(1), types.ShardIteratorTypeTrimHorizon), 1)
		horizon := ids(tg.shards(&types.ShardFilter{Type: types.ShardFilterTypeAtTrimHorizon}))
		equal(t, "children", len(last.ChildShards), 2)
		if trim {
			equal(t, "parent", texts(parent), "")
			equal(t, "child", texts(child), "new")
			equal(t, "shards", ids(tg.shards(nil)), "1 2")
			equal(t, "at horizon", horizon, "1 2")
			equal(t, "trimmed", s.Stats().Trimmed, 1)
		} else {
			equal(t, "parent", texts(parent), "old")
			equal(t, "child", texts(child), "child new")
			equal(t, "shards", ids(tg.shards(nil)), "0 1 2")
			equal(t, "at horizon", horizon, "0")
			equal(t, "trimmed", s.Stats().Trimmed, 0)
		}
	}
}

// Ensure that a clock that goes back does not shut a shard for as long.
func TestLimits_ClockBack(t *testing.T) {
	tg, _, clock := clocked(t, 1, kinesis.Options{Limits: true})
	iterator := tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon)
	get := func() error {
		_, err := tg.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: &iterator}, once)
		return err
	}
	for range 5 {
		must(t, get())
	}
	clock.advance(-time.Hour)
	wantCode(t, "no time has passed", get(), "ProvisionedThroughputExceededException")
	clock.advance(200 * time.Millisecond)
	must(t, get())
}
