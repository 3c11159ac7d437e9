//go:build integration

package integration

import (
	"context"
	"errors"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	objects "github.com/aws/aws-sdk-go-v2/service/s3"

	"taxistream/infra/calls"
	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis"
	"taxistream/internal/s3"
	"taxistream/localstack/localtest"
)

// Ensure the documents of real trips in S3, through LocalStack's Kinesis into the
// real OpenSearch, with checkpoints in S3, are the oracle's, though a shard splits
// and two merge during the replay and the processor is killed in between.
func TestPipeline(t *testing.T) {
	ls, search := StartLocalStack(t), StartOpenSearch(t, OpenSearchOptions{})
	stream := newStream(t, ls.URL, "pipeline", 2)
	r := newReplay(t, ls.URL, search.URL)
	bucket := newBucket(t, ls.URL, "pipeline", r.source)
	producer := recordCalls(t, "producer", map[string]string{
		"pipeline/trips/": calls.TripBucket + "/" + calls.TripPrefix, "pipeline/": calls.TripBucket + "/", "stream/pipeline": "stream/" + calls.StreamName, filepath.Base(r.source): "FILE",
	})
	r.source = bucket + "trips/"
	processor := recordCalls(t, "processor", map[string]string{
		"pipeline/checkpoints/": calls.StateBucket + "/" + calls.StatePrefix, "pipeline/": calls.StateBucket + "/", "stream/pipeline": "stream/" + calls.StreamName, r.prefix: calls.IndexPrefix,
	})
	r.flags = []string{
		"-checkpoint-dir", bucket + "checkpoints", "-stream", stream.Stream,
		"-endpoint", processor.before(ls.URL, processor.AWS), "-opensearch-endpoint", processor.before(search.URL, processor.OpenSearch),
	}
	url := r.process()
	r.produce("3000", "-stream", stream.Stream, "-watermark-interval", "500ms", "-endpoint", producer.before(ls.URL, producer.AWS))
	r.reads(url, 0.2)
	split(t, stream)
	r.reads(url, 0.4)
	if err := r.processor.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.processor.WaitExit(10 * time.Second)
	url = r.process()
	openPage(t, url)
	merge(t, stream)
	got := r.finish(url)
	if !strings.Contains(r.processor.Errors(), "going on from a checkpoint") {
		t.Error("the restarted processor did not start from a checkpoint")
	}
	// LocalStack numbers a record of the second in which its shard was made like the shard itself, and gives
	// it again to a reader that goes on after it (docs/conformance.md): its trips count once and are rejected
	// as duplicates. The embedded server does not, and TestKill allows none.
	if n := r.rejects("duplicate"); n > 0 {
		r.rejected["duplicate"] = n
		Note("%s: LocalStack gave %d trips twice", t.Name(), n)
	}
	r.check(got)
	shards, err := stream.Shards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(shards) != 5 {
		t.Errorf("%d shards, want 2, 2 of a split and 1 of a merge", len(shards))
	}
	producer.check()
	processor.check()
	Note("%s: a split, a merge, a kill of the processor; trips and checkpoints in S3", t.Name())
}

// openPage opens the control room, which counts rejects while somebody looks on.
func openPage(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	page, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = page.Body.Close() })
}

// newBucket makes a bucket that holds a trip file below trips/, and returns its address.
func newBucket(t *testing.T, endpoint, name, file string) (address string) {
	t.Helper()
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	c := s3.New(cfg)
	localtest.WaitFor(t, "bucket "+name, func() bool { // LocalStack's health page answers before its S3 does
		_, err := c.API.CreateBucket(t.Context(), &objects.CreateBucketInput{Bucket: &name})
		if err != nil {
			t.Log(err)
		}
		return err == nil
	})
	data, err := os.ReadFile(file)
	if err == nil {
		_, err = c.Put(t.Context(), s3.Location{Bucket: name}, "trips/"+filepath.Base(file), data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s3.Scheme + name + "/"
}

// newStream creates a stream on LocalStack and waits for it.
func newStream(t *testing.T, endpoint, name string, shards int32) *kinesis.Client {
	t.Helper()
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	c := kinesis.New(cfg, name)
	if _, err := c.API.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: &name, ShardCount: &shards}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := c.API.DeleteStream(context.Background(), &sdk.DeleteStreamInput{StreamName: &name}); err != nil {
			t.Errorf("delete stream %s: %v", name, err)
		}
	})
	if _, err := c.WaitActive(t.Context(), func(s string) { t.Log(s) }); err != nil {
		t.Fatal(err)
	}
	return c
}

// open lists the shards that take records.
func open(t *testing.T, c *kinesis.Client) []types.Shard {
	t.Helper()
	out, err := c.API.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: &c.Stream})
	if err != nil {
		t.Fatal(err)
	}
	var open []types.Shard
	for _, s := range out.Shards {
		if s.SequenceNumberRange.EndingSequenceNumber == nil {
			open = append(open, s)
		}
	}
	return open
}

func hash(s *string) *big.Int {
	n, _ := new(big.Int).SetString(*s, 10)
	return n
}

// split halves the first open shard.
func split(t *testing.T, c *kinesis.Client) {
	t.Helper()
	s := open(t, c)[0]
	half := new(big.Int).Add(hash(s.HashKeyRange.StartingHashKey), hash(s.HashKeyRange.EndingHashKey))
	half.Rsh(half, 1)
	reshard(t, func() error {
		_, err := c.API.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: &c.Stream, ShardToSplit: s.ShardId, NewStartingHashKey: aws.String(half.String())})
		return err
	})
}

// merge joins two open neighbours.
func merge(t *testing.T, c *kinesis.Client) {
	t.Helper()
	shards := open(t, c)
	for _, a := range shards {
		for _, b := range shards {
			if new(big.Int).Add(hash(a.HashKeyRange.EndingHashKey), big.NewInt(1)).Cmp(hash(b.HashKeyRange.StartingHashKey)) == 0 {
				reshard(t, func() error {
					_, err := c.API.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: &c.Stream, ShardToMerge: a.ShardId, AdjacentShardToMerge: b.ShardId})
					return err
				})
				return
			}
		}
	}
	t.Fatal("no two neighbours among the open shards")
}

// reshard repeats a call while the stream is in UPDATING.
func reshard(t *testing.T, call func() error) {
	t.Helper()
	localtest.WaitFor(t, "the stream can be resharded", func() bool {
		err := call()
		var busy *types.ResourceInUseException
		if err != nil && !errors.As(err, &busy) {
			t.Fatal(err)
		}
		return err == nil
	})
}
