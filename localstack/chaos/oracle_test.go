package chaos

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
	"taxistream/localstack/localtest/held"
	"taxistream/localstack/search"
	processor "taxistream/processor/app"
)

// maxAhead is the processor's default.
const maxAhead = 87600 * time.Hour

// Ensure that the oracle and the processor agree on a stream with records of every kind, over a split
// and a merge, document by document and reject by reject, and that the comparison sees a difference.
func TestOracleOverAStream(t *testing.T) {
	kinesisURL, searchURL := embeddedServers(t)
	api, o := clients(t, kinesisURL, searchURL)
	first := time.Date(2016, 1, 5, 12, 0, 0, 0, time.UTC).UnixMilli()
	keys := []string{"0", "250000000000000000000000000000000000000"}
	round := func(n int64) {
		now := first + n*1_200_000
		for i, key := range keys {
			puts := noise(t, 100*n+50*int64(i), now)
			puts = append(puts, fmt.Appendf(nil, `{"type":"watermark","watermark":%q}`, wire(now-1)), []byte(event(9000+n, now)), aggregate(t, event(9100+n, now+1), event(9200+n, now+2)))
			for _, data := range puts {
				if err := putInto(t.Context(), api, names.Stream, key, data); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	round(0)
	if _, err := api.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: aws.String(names.Stream), ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("8")}); err != nil {
		t.Fatal(err)
	}
	round(1)
	if _, err := api.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: aws.String(names.Stream), ShardToMerge: aws.String("shardId-000000000003"), AdjacentShardToMerge: aws.String("shardId-000000000001")}); err != nil {
		t.Fatal(err)
	}
	round(2)
	s := held.Read(t, api, names.Stream)
	s.MaxAhead = maxAhead
	want := s.Judge(t)
	for _, reason := range []string{"malformed", "outside_city", "negative_duration", "too_long", "too_early", "late", "duplicate"} {
		if want.Rejected[reason] == 0 {
			t.Errorf("no record is %s", reason)
		}
	}
	process(t, kinesisURL, searchURL)
	export, rejects := held.Written(t, o)
	if diff := localtest.Diff(export, want.Export); diff != "" {
		t.Error(diff)
	}
	if diff := held.RejectsDiffer(rejects, want.Rejects); diff != "" {
		t.Errorf("of %s:\n%s", shown(want.Rejected), diff)
	}
	for r := range rejects {
		if rejects[r]++; held.RejectsDiffer(rejects, want.Rejects) == "" && r.Reason != "duplicate" {
			t.Errorf("one %s more is not seen", r.Reason)
		}
		rejects[r]--
	}
}

// embeddedServers serves a stream of two shards and a results store.
func embeddedServers(t *testing.T) (kinesisURL, searchURL string) {
	t.Helper()
	stream, err := embedded.New(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Close() })
	store, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if err := stream.CreateStream(names.Stream, 2); err != nil {
		t.Fatal(err)
	}
	if kinesisURL, err = stream.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if searchURL, err = store.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return kinesisURL, searchURL
}

// clients reach the servers by themselves, never through a proxy.
func clients(t *testing.T, kinesisURL, searchURL string) (*sdk.Client, *opensearch.Client) {
	t.Helper()
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: kinesisURL})
	if err != nil {
		t.Fatal(err)
	}
	o, err := opensearch.New(opensearch.Options{Endpoint: searchURL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return sdk.NewFromConfig(cfg), o
}

// process reads the stream to its tip and fires every window.
func process(t *testing.T, kinesisURL, searchURL string) {
	t.Helper()
	set := flags.New("processor", "")
	config := processor.RegisterFlags(set, 2)
	var errs strings.Builder
	if done, _ := set.Parse([]string{"-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-checkpoint-dir", t.TempDir(), "-listen", "127.0.0.1:0"}, io.Discard, &errs); done {
		t.Fatal(errs.String())
	}
	c, err := config()
	if err != nil {
		t.Fatal(err)
	}
	p, err := processor.New(context.Background(), c, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run() }()
	if _, err := p.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
