package app_test

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"maps"
	"math/big"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/awslabs/kinesis-aggregation/go/v2/records"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"taxistream/localstack/kinesis"
)

// insideShard gives the user records that KCL would hand to its application: those
// whose own hash key, explicit or the partition key's, is in the range of the shard
// that is read. Written after amazon-kinesis-producer's aggregation-format.md.
func insideShard(t *testing.T, data []byte, shard kinesis.ShardInfo) (inside [][]byte, outside int) {
	t.Helper()
	body, magic := bytes.CutPrefix(data, []byte{0xf3, 0x89, 0x9a, 0xc2})
	if !magic {
		return [][]byte{data}, 0
	}
	var all records.AggregatedRecord
	if err := proto.Unmarshal(body[:len(body)-md5.Size], protoadapt.MessageV2Of(&all)); err != nil {
		t.Fatal(err)
	}
	first, last := number(shard.StartingHashKey), number(shard.EndingHashKey)
	for _, r := range all.Records {
		sum := md5.Sum([]byte(all.PartitionKeyTable[r.GetPartitionKeyIndex()]))
		key := new(big.Int).SetBytes(sum[:])
		if r.ExplicitHashKeyIndex != nil {
			key = number(all.ExplicitHashKeyTable[*r.ExplicitHashKeyIndex])
		}
		if key.Cmp(first) < 0 || key.Cmp(last) > 0 {
			outside++
			continue
		}
		inside = append(inside, r.Data)
	}
	return inside, outside
}

// everyRecord calls f with each record of a shard.
func (w *world) everyRecord(shard string, f func(types.Record)) {
	w.t.Helper()
	at, err := w.k.API.GetShardIterator(w.t.Context(), &sdk.GetShardIteratorInput{
		StreamName: aws.String(stream), ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for next := at.ShardIterator; next != nil; {
		out, err := w.k.API.GetRecords(w.t.Context(), &sdk.GetRecordsInput{ShardIterator: next})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range out.Records {
			f(r)
		}
		if next = out.NextShardIterator; len(out.Records) == 0 && *out.MillisBehindLatest == 0 {
			return
		}
	}
}

// Ensure a reader that drops the user records outside its shard's range, as KCL and
// Firehose do, gets every trip once over splits and merges, aggregates that the
// producer filled for another shard map included.
func TestAggregatesStayInsideTheirShard(t *testing.T) {
	w := newWorld(t, 2)
	source := generatedDay(t, 20_000)
	_, produced := w.produce(source, "20000")
	for n, running := 0, true; running; n++ {
		select {
		case err := <-produced:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		case <-time.After(200 * time.Millisecond):
			w.reshard(3*n + 1 + n%2) // a split, a merge
		}
	}
	shards, err := w.kinesis.Shards(stream)
	if err != nil {
		t.Fatal(err)
	}
	dropped, aggregates, seen := 0, 0, map[int64]int{}
	for _, shard := range shards {
		w.everyRecord(shard.ID, func(r types.Record) {
			inside, outside := insideShard(t, r.Data, shard)
			dropped += outside
			if bytes.HasPrefix(r.Data, []byte{0xf3, 0x89, 0x9a, 0xc2}) {
				aggregates++
			}
			for _, data := range inside {
				var event struct {
					Type string `json:"type"`
					ID   int64  `json:"trip_id"`
				}
				if err := json.Unmarshal(data, &event); err != nil {
					t.Fatal(err)
				}
				if event.Type == "trip" {
					seen[event.ID]++
				}
			}
		})
	}
	want := map[int64]int{} // rows of one trip are in the source as often
	for _, trip := range oracleRead(t, source) {
		want[trip.ID]++
	}
	t.Logf("%d trips in %d aggregates and %d shards", len(seen), aggregates, len(shards))
	if dropped > 0 {
		t.Errorf("%d trips are outside the shard that they are in", dropped)
	}
	if len(shards) < 10 || aggregates == 0 {
		t.Errorf("%d shards, %d aggregates: hardly anything was tried", len(shards), aggregates)
	}
	if !maps.Equal(seen, want) {
		t.Errorf("%d trips were read, of %d, or not as often as they are in the source", len(seen), len(want))
	}
}
