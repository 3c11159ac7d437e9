// Package held reads what stands on a stream, and what the programs have written, for the
// oracle to be held against. It shares no code with the processor's source: the AWS SDK reads,
// the library of awslabs unpacks, encoding/json decodes. Only tests import it.
package held

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/awslabs/kinesis-aggregation/go/v2/records"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"taxistream/localstack/localtest"
)

// Read reads all shards of a stream that nobody writes to any more.
func Read(t testing.TB, api *sdk.Client, name string) localtest.Stream {
	t.Helper()
	ctx := context.Background()
	s := localtest.Stream{Parents: map[string][]string{}, Bounded: -1}
	list, err := api.ListShards(ctx, &sdk.ListShardsInput{StreamName: &name})
	if err != nil || list.NextToken != nil {
		t.Fatalf("list the shards: %v, or there are more than one answer holds", err)
	}
	for _, shard := range list.Shards {
		s.Parents[*shard.ShardId] = nil
		for _, parent := range []*string{shard.ParentShardId, shard.AdjacentParentShardId} {
			if parent != nil {
				s.Parents[*shard.ShardId] = append(s.Parents[*shard.ShardId], *parent)
			}
		}
	}
	for _, shard := range slices.Sorted(maps.Keys(s.Parents)) {
		for _, r := range readShard(ctx, t, api, name, shard) {
			s.Records = append(s.Records, unpack(shard, r)...)
		}
	}
	return s
}

// readShard waits where a processor has just used up what a shard gives in a second.
func readShard(ctx context.Context, t testing.TB, api *sdk.Client, name, shard string) (all []types.Record) {
	t.Helper()
	at, err := api.GetShardIterator(ctx, &sdk.GetShardIteratorInput{StreamName: &name, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	for next := at.ShardIterator; next != nil; {
		out, err := api.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: next})
		var throttled *types.ProvisionedThroughputExceededException
		if errors.As(err, &throttled) {
			time.Sleep(time.Second)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out.Records...)
		if next = out.NextShardIterator; len(out.Records) == 0 && *out.MillisBehindLatest == 0 {
			break
		}
	}
	return all
}

// unpack gives the records that one record of the stream carries: many if it is an aggregate.
func unpack(shard string, r types.Record) []localtest.Record {
	body, aggregated := bytes.CutPrefix(r.Data, []byte{0xf3, 0x89, 0x9a, 0xc2})
	if !aggregated {
		return []localtest.Record{decode(shard, r.Data, *r.ApproximateArrivalTimestamp, true)}
	}
	broken := []localtest.Record{{Shard: shard, Malformed: true, Arrived: *r.ApproximateArrivalTimestamp, Data: r.Data}}
	if len(body) < md5.Size {
		return broken
	}
	message, sum := body[:len(body)-md5.Size], body[len(body)-md5.Size:]
	var packed records.AggregatedRecord
	if md5.Sum(message) != [md5.Size]byte(sum) || proto.Unmarshal(message, protoadapt.MessageV2Of(&packed)) != nil {
		return broken
	}
	var all []localtest.Record
	for _, one := range packed.Records {
		all = append(all, decode(shard, one.Data, *r.ApproximateArrivalTimestamp, false))
	}
	return all
}

// decode reads an event as the contract has it, without its other spellings: what the producer
// and the chaos write. A watermark counts only outside of aggregates.
func decode(shard string, data []byte, arrived time.Time, alone bool) localtest.Record {
	r := localtest.Record{Shard: shard, Malformed: true, Arrived: arrived, Data: data}
	var e struct {
		Type       string     `json:"type"`
		Watermark  *time.Time `json:"watermark"`
		ID         *int64     `json:"trip_id"`
		PickupLat  *float64   `json:"pickup_lat"`
		PickupLon  *float64   `json:"pickup_lon"`
		DropoffLat *float64   `json:"dropoff_lat"`
		DropoffLon *float64   `json:"dropoff_lon"`
		Pickup     *time.Time `json:"pickup_datetime"`
		Dropoff    *time.Time `json:"dropoff_datetime"`
	}
	if json.Unmarshal(data, &e) != nil {
		return r
	}
	switch {
	case e.Type == "watermark" && e.Watermark != nil && alone:
		r.Watermark, r.Malformed = e.Watermark, false
	case e.Type == "trip" && e.ID != nil && *e.ID > 0 && e.PickupLat != nil && e.PickupLon != nil && e.DropoffLat != nil && e.DropoffLon != nil && e.Pickup != nil && e.Dropoff != nil:
		r.Malformed = false
		r.Trip = localtest.Trip{
			ID: *e.ID, PickupLat: *e.PickupLat, PickupLon: *e.PickupLon, DropoffLat: *e.DropoffLat, DropoffLon: *e.DropoffLon, Pickup: *e.Pickup, Dropoff: *e.Dropoff,
		}
	}
	return r
}
