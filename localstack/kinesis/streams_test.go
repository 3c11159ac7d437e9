package kinesis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

// Ensure that a stream can be described in every way, by name and by ARN.
func TestDescribe(t *testing.T) {
	tg := newTarget(t, 5)
	ctx := t.Context()
	byName, err := tg.DescribeStreamSummary(ctx, &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
	must(t, err)
	summary := byName.StreamDescriptionSummary
	equal(t, "name", *summary.StreamName, tg.stream)
	equal(t, "status", summary.StreamStatus, types.StreamStatusActive)
	equal(t, "open shards", *summary.OpenShardCount, 5)
	equal(t, "retention", *summary.RetentionPeriodHours, 24)
	if !strings.HasSuffix(*summary.StreamARN, ":stream/"+tg.stream) {
		t.Errorf("ARN %s", *summary.StreamARN)
	}
	byARN, err := tg.DescribeStreamSummary(ctx, &sdk.DescribeStreamSummaryInput{StreamARN: summary.StreamARN})
	must(t, err)
	equal(t, "creation time", *byARN.StreamDescriptionSummary.StreamCreationTimestamp, *summary.StreamCreationTimestamp)

	page, err := tg.DescribeStream(ctx, &sdk.DescribeStreamInput{StreamARN: summary.StreamARN, Limit: aws.Int32(3)})
	must(t, err)
	equal(t, "first page", ids(page.StreamDescription.Shards), "0 1 2")
	equal(t, "more", *page.StreamDescription.HasMoreShards, true)
	page, err = tg.DescribeStream(ctx, &sdk.DescribeStreamInput{StreamName: &tg.stream, ExclusiveStartShardId: aws.String(shardName(2))})
	must(t, err)
	equal(t, "second page", ids(page.StreamDescription.Shards), "3 4")
	equal(t, "more", *page.StreamDescription.HasMoreShards, false)
}

// Ensure that writing and reading by ARN reach the stream of the name.
func TestByARN(t *testing.T) {
	tg := newTarget(t, 1)
	ctx := t.Context()
	out, err := tg.DescribeStreamSummary(ctx, &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
	must(t, err)
	arn := out.StreamDescriptionSummary.StreamARN
	_, err = tg.PutRecord(ctx, &sdk.PutRecordInput{StreamARN: arn, PartitionKey: aws.String("k"), Data: []byte("one")})
	must(t, err)
	_, err = tg.PutRecords(ctx, &sdk.PutRecordsInput{StreamARN: arn, Records: []types.PutRecordsRequestEntry{{PartitionKey: aws.String("k"), Data: []byte("two")}}})
	must(t, err)
	iterator, err := tg.GetShardIterator(ctx, &sdk.GetShardIteratorInput{StreamARN: arn, ShardId: aws.String(shardName(0)), ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	must(t, err)
	records, _ := tg.read(*iterator.ShardIterator, 10)
	equal(t, "records", texts(records), "one two")
}

// Ensure that ListStreams pages in the order of names.
func TestListStreams(t *testing.T) {
	s := mustServer(t, kinesis.Options{})
	client := newClient(start(t, s))
	for i := range 7 {
		must(t, s.CreateStream(fmt.Sprintf("s%d", i), 1))
	}
	var names []string
	pages := sdk.NewListStreamsPaginator(client, &sdk.ListStreamsInput{Limit: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		must(t, err)
		names = append(names, page.StreamNames...)
		equal(t, "summaries", len(page.StreamSummaries), len(page.StreamNames))
	}
	equal(t, "names", strings.Join(names, " "), "s0 s1 s2 s3 s4 s5 s6")
}

// Ensure that a stream is in CREATING and UPDATING for as long as asked, keeps
// its creation time, and that another of its name begins anew.
func TestStreamLife(t *testing.T) {
	clock := newClock()
	s := mustServer(t, kinesis.Options{Clock: clock.time, CreateDelay: time.Minute, UpdateDelay: time.Second})
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	ctx := t.Context()
	describe := func() *types.StreamDescriptionSummary {
		out, err := tg.DescribeStreamSummary(ctx, &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
		must(t, err)
		return out.StreamDescriptionSummary
	}
	must(t, s.CreateStream("s", 1))
	created := clock.time()
	equal(t, "status", describe().StreamStatus, types.StreamStatusCreating)
	_, err := tg.PutRecord(ctx, &sdk.PutRecordInput{StreamName: &tg.stream, PartitionKey: aws.String("k"), Data: []byte("x")})
	wantCode(t, "put while CREATING", err, "ResourceNotFoundException")
	_, err = tg.ListShards(ctx, &sdk.ListShardsInput{StreamName: &tg.stream})
	wantCode(t, "list while CREATING", err, "ResourceInUseException")
	split := &sdk.SplitShardInput{StreamName: &tg.stream, ShardToSplit: aws.String(shardName(0)), NewStartingHashKey: aws.String("9")}
	_, err = tg.SplitShard(ctx, split)
	wantCode(t, "split while CREATING", err, "ResourceInUseException")

	clock.advance(time.Minute)
	equal(t, "status", describe().StreamStatus, types.StreamStatusActive)
	first := *tg.put("k", "old").SequenceNumber
	_, err = tg.SplitShard(ctx, split)
	must(t, err)
	equal(t, "status", describe().StreamStatus, types.StreamStatusUpdating)
	tg.put("k", "while updating")
	clock.advance(time.Second)
	equal(t, "status", describe().StreamStatus, types.StreamStatusActive)
	equal(t, "creation", *describe().StreamCreationTimestamp, created)

	iterator := tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon)
	_, err = tg.DeleteStream(ctx, &sdk.DeleteStreamInput{StreamName: &tg.stream})
	must(t, err)
	_, err = tg.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: &iterator})
	wantCode(t, "iterator of a deleted stream", err, "ResourceNotFoundException")
	must(t, s.CreateStream("s", 1))
	clock.advance(time.Minute)
	equal(t, "shards", ids(tg.shards(nil)), "0")
	again := *tg.put("k", "new").SequenceNumber
	if number(t, again).Cmp(number(t, first)) <= 0 {
		t.Errorf("the new stream's numbers begin at %s, not after the old one's %s", again, first)
	}
	_, err = tg.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: &iterator})
	wantCode(t, "iterator of the stream before", err, "ResourceNotFoundException")
	equal(t, "memory is the new stream's only", s.Stats().Trimmed, 2)
}

// Ensure that retention and tags are kept as set.
func TestSettings(t *testing.T) {
	tg := newTarget(t, 1)
	ctx := t.Context()
	_, err := tg.IncreaseStreamRetentionPeriod(ctx, &sdk.IncreaseStreamRetentionPeriodInput{StreamName: &tg.stream, RetentionPeriodHours: aws.Int32(72)})
	must(t, err)
	tg.waitActive()
	_, err = tg.DecreaseStreamRetentionPeriod(ctx, &sdk.DecreaseStreamRetentionPeriodInput{StreamName: &tg.stream, RetentionPeriodHours: aws.Int32(48)})
	must(t, err)
	tg.waitActive()
	out, err := tg.DescribeStreamSummary(ctx, &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
	must(t, err)
	equal(t, "retention", *out.StreamDescriptionSummary.RetentionPeriodHours, 48)

	_, err = tg.AddTagsToStream(ctx, &sdk.AddTagsToStreamInput{StreamName: &tg.stream, Tags: map[string]string{"a": "1", "b": "2", "c": "3"}})
	must(t, err)
	_, err = tg.RemoveTagsFromStream(ctx, &sdk.RemoveTagsFromStreamInput{StreamName: &tg.stream, TagKeys: []string{"b"}})
	must(t, err)
	tags, err := tg.ListTagsForStream(ctx, &sdk.ListTagsForStreamInput{StreamName: &tg.stream})
	must(t, err)
	var all []string
	for _, tag := range tags.Tags {
		all = append(all, *tag.Key+"="+*tag.Value)
	}
	equal(t, "tags", strings.Join(all, " "), "a=1 c=3")
}

// Ensure that no two streams have one time of creation, though they are made within a millisecond, or the
// server starts again in between: a stream is told from the one before it.
func TestStreams_CreatedOnce(t *testing.T) {
	clock, dir := newClock(), t.TempDir()
	seen := map[int64]bool{}
	for range 2 {
		s := mustServer(t, kinesis.Options{Clock: clock.time, Data: dir})
		tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
		for range 3 {
			must(t, s.CreateStream("s", 1))
			out, err := tg.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
			must(t, err)
			if at := out.StreamDescriptionSummary.StreamCreationTimestamp.UnixMilli(); seen[at] {
				t.Errorf("two streams were created at %d", at)
			} else {
				seen[at] = true
			}
			_, err = tg.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: &tg.stream})
			must(t, err)
		}
		must(t, s.Close())
	}
}
