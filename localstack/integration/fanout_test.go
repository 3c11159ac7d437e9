package integration

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	client "taxistream/internal/kinesis"
	"taxistream/localstack/kinesis"
)

// Ensure the processor's reader by enhanced fan-out finds the embedded server as askFanOut says.
func TestKinesis_FanOut(t *testing.T) {
	s, err := kinesis.New(kinesis.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	url, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	askFanOut(t, url, true)
}

// askFanOut registers a consumer, reads by SubscribeToShard what is there and what comes, goes
// on behind the last record by another subscription, and, where the server tells it, reads to the end of a
// shard that is split.
func askFanOut(t *testing.T, url string, ends bool) {
	ctx := t.Context()
	name := fmt.Sprintf("fan-out-%d", os.Getpid())
	c := client.New(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: &url,
	}, name)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.API.CreateStream(ctx, &sdk.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(1)})
	must(err)
	stream, err := c.WaitActive(ctx, func(string) {})
	must(err)
	consumer, err := c.Register(ctx, stream.ARN, "c", func(string) {})
	must(err)
	written := 0
	put := func(n int) {
		t.Helper()
		for range n {
			written++
			_, err := c.API.PutRecord(ctx, &sdk.PutRecordInput{StreamName: &name, PartitionKey: aws.String("k"), Data: fmt.Append(nil, written)})
			must(err)
		}
	}
	shard := "shardId-000000000000"
	at := client.Position{Kind: types.ShardIteratorTypeTrimHorizon}
	open := func() *client.FanOut {
		r := c.NewFanOut(consumer.ARN, shard, at, client.ReaderOptions{})
		t.Cleanup(func() { r.Close() })
		return r
	}
	read := 0
	next := func(r *client.FanOut) client.Batch {
		t.Helper()
		b, err := r.Next(ctx)
		must(err)
		for _, record := range b.Records {
			if read++; string(record.Data) != fmt.Sprint(read) {
				t.Fatalf("record %q in place of %d", record.Data, read)
			}
			at = client.Position{Kind: types.ShardIteratorTypeAfterSequenceNumber, Sequence: *record.SequenceNumber}
		}
		return b
	}
	put(5)
	r := open()
	for began := time.Now(); read < 5; next(r) {
		if time.Since(began) > time.Minute {
			t.Fatalf("%d of 5 records came", read)
		}
	}
	put(3)
	for read < 8 {
		next(r)
	}
	must(r.Close())
	put(2)
	for r = open(); read < 10; {
		next(r)
	}
	_, err = c.API.SplitShard(ctx, &sdk.SplitShardInput{StreamName: &name, ShardToSplit: &shard, NewStartingHashKey: aws.String("170141183460469231731687303715884105728")})
	must(err)
	for ends {
		if b := next(r); b.End {
			if len(b.Children) != 2 {
				t.Errorf("children %+v", b.Children)
			}
			break
		}
	}
	must(c.Deregister(ctx, consumer))
}
