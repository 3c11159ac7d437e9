package chaos

import (
	"cmp"
	"context"
	"crypto/md5"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/awslabs/kinesis-aggregation/go/v2/records"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"taxistream/localstack/localtest"
)

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
