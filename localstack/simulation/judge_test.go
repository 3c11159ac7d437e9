package simulation

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/awslabs/kinesis-aggregation/go/v2/records"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/localtest"
)

// judge compares what is in the results store with what the oracle makes of the stream.
func (w *world) judge() {
	p := w.start(judge, w.dir, func(*process) error { return nil })
	<-p.ended
	on, ids := w.onStream(p)
	for _, t := range w.trips {
		if !ids[t.ID] {
			w.fail("trip %d is not on the stream", t.ID)
		}
	}
	verdict := on.Judge(w.t)
	client, err := opensearch.New(opensearch.Options{Endpoint: "http://" + searchAddr, Dial: p.dial, Clock: time.Now})
	w.must(err)
	defer client.Close()
	var export bytes.Buffer
	_, err = results.Export(context.Background(), client, "", &export)
	w.must(err)
	if difference := localtest.Diff(export.Bytes(), verdict.Export); difference != "" {
		w.fail("documents differ from the oracle's over the stream: %s", difference)
	}
	if w.plan.bounded < 0 && w.plan.maxAhead > 1000*time.Hour {
		all, _ := localtest.Documents(w.t, w.trips)
		if difference := localtest.Diff(export.Bytes(), all); difference != "" {
			w.fail("documents differ from the oracle's over the source: %s", difference)
		}
	}
	w.judgeRejects(client, verdict.Rejects)
}

// judgeRejects compares rejects but duplicates, of which either copy may be the one.
func (w *world) judgeRejects(client *opensearch.Client, want map[localtest.Reject]int) {
	got := map[localtest.Reject]int{}
	for hit, err := range client.All(context.Background(), opensearch.Scan{Index: names.TaxiRejects, Sort: results.UniqueSort(names.TaxiRejects)}) {
		w.must(err)
		var d struct {
			Reason string
			Record []byte
		}
		w.must(json.Unmarshal(hit.Source, &d))
		got[localtest.Reject{Reason: d.Reason, Data: string(d.Record)}]++
	}
	for _, all := range []map[localtest.Reject]int{got, want} {
		maps.DeleteFunc(all, func(r localtest.Reject, _ int) bool { return r.Reason == "duplicate" })
	}
	for r, n := range want {
		if got[r] != n {
			w.fail("reject %s is there %d times, not %d: %s", r.Reason, got[r], n, r.Data)
		}
	}
	for r, n := range got {
		if want[r] == 0 {
			w.fail("reject %s is there %d times, and should not be: %s", r.Reason, n, r.Data)
		}
	}
}

// onStream reads all records as they stand on the stream.
func (w *world) onStream(p *process) (s localtest.Stream, ids map[int64]bool) {
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: "http://" + kinesisAddr, Embedded: true, Dial: p.dial})
	w.must(err)
	api := kinesis.New(cfg, stream).API
	shards, err := w.kinesis.Shards(stream)
	w.must(err)
	s = localtest.Stream{Parents: map[string][]string{}, MaxAhead: w.plan.maxAhead, Bounded: w.plan.bounded}
	ids = map[int64]bool{}
	for _, shard := range shards {
		s.Parents[shard.ID] = slices.DeleteFunc([]string{shard.Parent, shard.AdjacentParent}, func(id string) bool { return id == "" })
		at, err := api.GetShardIterator(context.Background(), &sdk.GetShardIteratorInput{StreamName: aws.String(stream), ShardId: &shard.ID, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		w.must(err)
		for next := at.ShardIterator; next != nil; {
			out, err := api.GetRecords(context.Background(), &sdk.GetRecordsInput{ShardIterator: next})
			var throttled *types.ProvisionedThroughputExceededException
			if errors.As(err, &throttled) { // the processor may just have read
				w.pause(time.Second)
				continue
			}
			w.must(err)
			for _, r := range out.Records {
				for _, data := range w.users(r.Data) {
					one := w.record(data)
					one.Shard, one.Arrived = shard.ID, *r.ApproximateArrivalTimestamp
					ids[one.Trip.ID] = true
					s.Records = append(s.Records, one)
				}
			}
			if next = out.NextShardIterator; len(out.Records) == 0 && *out.MillisBehindLatest == 0 {
				break
			}
		}
	}
	return s, ids
}

// users are the user records of a record, by the KPL's own definition of an aggregate.
func (w *world) users(data []byte) (all [][]byte) {
	body, magic := bytes.CutPrefix(data, []byte{0xf3, 0x89, 0x9a, 0xc2})
	if !magic {
		return [][]byte{data}
	}
	var aggregate records.AggregatedRecord
	w.must(proto.Unmarshal(body[:len(body)-md5.Size], protoadapt.MessageV2Of(&aggregate)))
	for _, r := range aggregate.Records {
		all = append(all, r.Data)
	}
	return all
}

func (w *world) record(data []byte) localtest.Record {
	var e struct {
		Type       string
		TripID     int64      `json:"trip_id"`
		PickupLat  float64    `json:"pickup_lat"`
		PickupLon  float64    `json:"pickup_lon"`
		DropoffLat float64    `json:"dropoff_lat"`
		DropoffLon float64    `json:"dropoff_lon"`
		Pickup     time.Time  `json:"pickup_datetime"`
		Dropoff    time.Time  `json:"dropoff_datetime"`
		Watermark  *time.Time `json:"watermark"`
	}
	w.must(json.Unmarshal(data, &e))
	return localtest.Record{Data: data, Watermark: e.Watermark, Trip: localtest.Trip{
		ID: e.TripID, PickupLat: e.PickupLat, PickupLon: e.PickupLon, DropoffLat: e.DropoffLat, DropoffLon: e.DropoffLon, Pickup: e.Pickup, Dropoff: e.Dropoff,
	}}
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
