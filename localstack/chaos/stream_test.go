package chaos

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/awslabs/kinesis-aggregation/go/v2/records"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/localtest"
)

// Everything that stands on a stream, for the oracle. It shares no code with the processor's source:
// the AWS SDK reads, the library of awslabs unpacks, encoding/json decodes.

// readStream reads all shards of a stream that nobody writes to any more.
func readStream(t *testing.T, api *sdk.Client, name string) localtest.Stream {
	t.Helper()
	s := localtest.Stream{Parents: map[string][]string{}, Bounded: -1}
	list, err := api.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: &name})
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
		for _, r := range readShard(t, api, name, shard) {
			s.Records = append(s.Records, unpack(shard, r)...)
		}
	}
	return s
}

func readShard(t *testing.T, api *sdk.Client, name, shard string) (all []types.Record) {
	t.Helper()
	at, err := api.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{StreamName: &name, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	for next := at.ShardIterator; next != nil; {
		out, err := api.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: next})
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
// and this package write. A watermark counts only outside of aggregates.
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

// written is what the results store holds: the export, and how often each reject is there.
func written(t *testing.T, o *opensearch.Client) (export []byte, rejects map[localtest.Reject]int) {
	t.Helper()
	var b bytes.Buffer
	if _, err := results.Export(context.Background(), o, "", &b); err != nil {
		t.Fatal(err)
	}
	rejects = map[localtest.Reject]int{}
	const alias = "taxi_rejects"
	for h, err := range o.All(context.Background(), opensearch.Scan{Index: alias, Sort: results.UniqueSort(alias)}) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := results.ReadReject(h)
		if err != nil {
			t.Fatal(err)
		}
		rejects[localtest.Reject{Reason: r.Reason, Data: string(r.Record)}]++
	}
	return b.Bytes(), rejects
}

// sameRejects says how the rejects differ from the wanted ones, "" if they do not. Which copy of a
// trip in two shards is the duplicate is open, and may be another one when a processor that was killed
// reads them again: then both are there.
func sameRejects(got, want map[localtest.Reject]int) string {
	var wrong []string
	duplicates := 0
	all := maps.Clone(want)
	maps.Copy(all, got)
	for r := range all {
		if r.Reason == "duplicate" {
			duplicates += got[r] - want[r]
		} else if got[r] != want[r] {
			wrong = append(wrong, fmt.Sprintf("%s %q: %d, want %d", r.Reason, r.Data, got[r], want[r]))
		}
	}
	slices.Sort(wrong)
	if duplicates < 0 {
		wrong = append(wrong, fmt.Sprintf("%d duplicates too few", -duplicates))
	}
	return strings.Join(wrong[:min(len(wrong), 20)], "\n")
}

// wire is a time on the wire.
func wire(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// event is a trip on the wire that breaks no rule, 20 minutes long.
func event(id, dropoff int64) string {
	return fmt.Sprintf(`{"type":"trip","trip_id":%d,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.64,"dropoff_lon":-73.79,"pickup_datetime":%q,"dropoff_datetime":%q}`+"\n",
		id, wire(dropoff-1_200_000), wire(dropoff))
}

// aggregate packs records as the KPL does.
func aggregate(t *testing.T, data ...string) []byte {
	t.Helper()
	packed := &records.AggregatedRecord{PartitionKeyTable: []string{"p"}}
	for _, d := range data {
		packed.Records = append(packed.Records, &records.Record{PartitionKeyIndex: proto.Uint64(0), Data: []byte(d)})
	}
	body, err := proto.Marshal(protoadapt.MessageV2Of(packed))
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(body)
	return slices.Concat([]byte{0xf3, 0x89, 0x9a, 0xc2}, body, sum[:])
}

// noise is records that no producer of ours writes; now is about the event time on the stream, ms.
func noise(t *testing.T, id, now int64) [][]byte {
	t.Helper()
	good := event(id, now)
	damaged := aggregate(t, good)
	damaged[10] ^= 1
	return [][]byte{
		[]byte(`{"type":"trip","trip_id":`),
		[]byte(`{"type":"ride"}`),
		[]byte(good + good),
		[]byte(strings.Replace(good, "Z", "", 1)),
		damaged,
		aggregate(t, good, strings.Replace(good, "40.7,", "50.7,", 1), `{"type":"watermark","watermark":"2030-01-01T00:00:00.000Z"}`),
		[]byte(strings.Replace(good, "-73.9,", "-75.9,", 1)),
		[]byte(strings.Replace(good, `"dropoff_datetime":"2`, `"dropoff_datetime":"1`, 1)),
		[]byte(strings.Replace(good, `"pickup_datetime":"20`, `"pickup_datetime":"19`, 1)),
		[]byte(event(id+1, now-86_400_000)),           // late, once there is a watermark
		[]byte(event(id+2, now+200*365*24*3600*1000)), // too early
		fmt.Appendf(nil, `{"type":"watermark","watermark":%q}`, wire(now-6*3600*1000)),
		fmt.Appendf(nil, `{"type":"watermark","watermark":%q}`, "9999-12-31T00:00:00.000Z"),
		[]byte(good),
	}
}

// putInto writes into the shard that holds a hash key.
func putInto(ctx context.Context, api *sdk.Client, name, hashKey string, data []byte) error {
	_, err := api.PutRecord(ctx, &sdk.PutRecordInput{StreamName: &name, Data: data, PartitionKey: aws.String("p"), ExplicitHashKey: &hashKey})
	return err
}

// byReason counts rejects.
func byReason(rejects map[localtest.Reject]int) map[string]int {
	n := map[string]int{}
	for r, times := range rejects {
		n[r.Reason] += times
	}
	return n
}

// shown is a list of counts in words, the greatest first.
func shown(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}
