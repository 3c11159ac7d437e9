package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis"
	"taxistream/internal/opensearch"
	"taxistream/localstack/localtest"
	"taxistream/localstack/localtest/held"
)

// judge compares what is in the results store with what the oracle makes of the stream.
func (w *world) judge() {
	p := w.start(judge, w.dir, func(*process) error { return nil })
	<-p.ended
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: "http://" + kinesisAddr, Embedded: true, Dial: p.dial})
	w.must(err)
	on := held.Read(w.t, kinesis.New(cfg, stream).API, stream)
	on.MaxAhead, on.Bounded = w.plan.maxAhead, w.plan.bounded
	ids := map[int64]bool{}
	for _, r := range on.Records {
		ids[r.Trip.ID] = true
	}
	for _, t := range w.trips {
		if !ids[t.ID] {
			w.fail("trip %d is not on the stream", t.ID)
		}
	}
	verdict := on.Judge(w.t)
	client, err := opensearch.New(opensearch.Options{Endpoint: "http://" + searchAddr, Dial: p.dial, Clock: time.Now})
	w.must(err)
	defer client.Close()
	export, rejects := held.Written(w.t, client)
	if difference := localtest.Diff(export, verdict.Export); difference != "" {
		w.fail("documents differ from the oracle's over the stream: %s", difference)
	}
	if w.plan.bounded < 0 && w.plan.maxAhead > 1000*time.Hour {
		all, _ := localtest.Documents(w.t, w.trips)
		if difference := localtest.Diff(export, all); difference != "" {
			w.fail("documents differ from the oracle's over the source: %s", difference)
		}
	}
	if difference := held.RejectsDiffer(rejects, verdict.Rejects); difference != "" {
		w.fail("rejects differ from the oracle's over the stream: %s", difference)
	}
}

// reshard splits a shard, or merges two, at the server itself.
func (w *world) reshard(e event) bool {
	p := w.start(judge, w.dir, func(*process) error { return nil })
	<-p.ended
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: "http://" + kinesisAddr, Embedded: true, Dial: p.dial})
	w.must(err)
	api := kinesis.New(cfg, stream).API
	shards, err := w.kinesis.Shards(stream)
	w.must(err)
	open := slices.DeleteFunc(shards, func(s localKinesisShard) bool { return !s.Open })
	slices.SortFunc(open, func(a, b localKinesisShard) int { return number(a.StartingHashKey).Cmp(number(b.StartingHashKey)) })
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if e.kind == split {
		s := open[e.n%uint64(len(open))]
		half := halfway(s.StartingHashKey, s.EndingHashKey)
		_, err = api.SplitShard(ctx, &sdk.SplitShardInput{StreamName: aws.String(stream), ShardToSplit: &s.ID, NewStartingHashKey: &half})
	} else {
		if len(open) < 2 {
			return false
		}
		i := e.n % uint64(len(open)-1)
		_, err = api.MergeShards(ctx, &sdk.MergeShardsInput{StreamName: aws.String(stream), ShardToMerge: &open[i].ID, AdjacentShardToMerge: &open[i+1].ID})
	}
	return err == nil
}
