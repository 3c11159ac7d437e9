package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/app"
)

// The ways out of docs/runbooks/wrong-watermark.md, each with a stream whose second
// shard was told that it is 2016-01-20, in the middle of the 5th.

// wrongClock is a stream with that fault, and the processor that reads it.
type wrongClock struct {
	*servers
	clock  atomic.Int64 // ms, of the stream
	client *sdk.Client
	p      *app.Processor
	wait   func() error
	id     int
}

const streamName = "taxi-trip-events"

func newWrongClock(t *testing.T) *wrongClock {
	w := &wrongClock{}
	w.setClock("12:00:00")
	w.servers = newServers(t, embedded.Options{Clock: func() time.Time { return time.UnixMilli(w.clock.Load()) }})
	w.client = sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &w.kinesisAt, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	w.put(`{"type":"watermark","watermark":"2016-01-05T11:59:59.999Z"}`)
	w.trips(0, 1)
	w.send(1, `{"type":"watermark","watermark":"2016-01-20T00:00:00.000Z"}`)
	w.setClock("12:01:00")
	w.trips(0, 1) // the second one is lost
	w.p, w.wait = w.start("-hotspot-min", "1")
	until(t, "the trip is late", func() bool { return w.p.Rejects()["late"] == 1 })
	return w
}

func (w *wrongClock) setClock(text string) {
	at, err := time.Parse(time.TimeOnly, text)
	if err != nil {
		panic(err)
	}
	w.clock.Store(time.Date(2016, 1, 5, at.Hour(), at.Minute(), at.Second(), 0, time.UTC).UnixMilli())
}

// send writes a record into one of the open shards.
func (w *wrongClock) send(shard int, record string) {
	w.t.Helper()
	if _, err := w.client.PutRecord(context.Background(), &sdk.PutRecordInput{
		StreamName: aws.String(streamName), Data: []byte(record), PartitionKey: aws.String("p"), ExplicitHashKey: &w.open()[shard].StartingHashKey,
	}); err != nil {
		w.t.Fatal(err)
	}
}

// open are the shards that take records, by their hash keys.
func (w *wrongClock) open() []embedded.ShardInfo {
	w.t.Helper()
	all, err := w.kinesis.Shards(streamName)
	if err != nil {
		w.t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(s embedded.ShardInfo) bool { return !s.Open })
	slices.SortFunc(all, func(a, b embedded.ShardInfo) int {
		if len(a.StartingHashKey) != len(b.StartingHashKey) {
			return len(a.StartingHashKey) - len(b.StartingHashKey)
		}
		return strings.Compare(a.StartingHashKey, b.StartingHashKey)
	})
	return all
}

// trips writes one that ends at the stream's clock into each of the shards.
func (w *wrongClock) trips(shards ...int) {
	w.t.Helper()
	for _, shard := range shards {
		w.id++
		end := time.UnixMilli(w.clock.Load()).UTC()
		w.send(shard, fmt.Sprintf(`{"trip_id":%d,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,"pickup_datetime":%q,"dropoff_datetime":%q}`,
			w.id, end.Add(-time.Minute).Format(time.RFC3339), end.Format(time.RFC3339)))
	}
}

// ends writes the day's last watermark to all shards and waits until it is reached.
func (w *wrongClock) ends(p *app.Processor) {
	w.t.Helper()
	w.setClock("23:59:59")
	w.put(dayEnds)
	until(w.t, "the day has ended", func() bool { return p.Status().Watermark >= dayEndMs })
}

// counted stops a processor and gives the pickups that its documents count, by the end of
// their windows.
func (w *wrongClock) counted(prefix string, wait func() error) string {
	w.t.Helper()
	if err := wait(); err != nil {
		w.t.Fatal(err)
	}
	return w.windows(prefix)
}

// Ensure the terminal, the page and /readyz tell of it: which shard, since which record, and
// how many trips are late.
func TestWrongWatermark_IsTold(t *testing.T) {
	w := newWrongClock(t)
	w.setClock("12:02:00")
	w.trips(1, 1, 1, 1, 1)
	until(t, "the trips are late", func() bool { return w.p.Rejects()["late"] == 6 })
	readyz := func() string {
		status, body := get(t, w.p.URL()+"/readyz", "")
		if status != http.StatusOK {
			t.Errorf("readyz: status %d, %s", status, body)
		}
		return body
	}
	readyz() // is a look
	w.skew.Store(int64(time.Minute))
	const late = "66.7 % of the last minutes' trips are late (6 of 9): see the runbook late-records"
	ahead := regexp.MustCompile(`shard shardId-000000000001 is at 2016-01-20T00:00:00\.000Z, far ahead of shard shardId-000000000000 at 2016-01-05T11:59:59\.999Z, since record \d{20,}: see the runbook wrong-watermark`)
	for what, text := range map[string]func() string{
		"readyz":   readyz,
		"terminal": func() string { return strings.Join(w.p.StatusLines(), "\n") },
		"page":     func() string { _, body := get(t, w.p.URL()+"/api/state", ""); return body },
	} {
		until(t, what+" tells of the shard", func() bool { return ahead.MatchString(text()) })
		until(t, what+" tells of the trips", func() bool { return strings.Contains(text(), late) })
	}
}

// Ensure the child of a merge counts again what comes from then on.
func TestWrongWatermark_MergeHeals(t *testing.T) {
	w := newWrongClock(t)
	shards := w.open()
	if _, err := w.client.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: aws.String(streamName), ShardToMerge: &shards[0].ID, AdjacentShardToMerge: &shards[1].ID}); err != nil {
		t.Fatal(err)
	}
	w.setClock("12:30:00")
	w.trips(0, 0)
	w.ends(w.p)
	if got, want := w.counted("", w.wait), "12:10 3, 12:40 2"; got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
}

// Ensure the children of a split have the wrong watermark, too.
func TestWrongWatermark_SplitDoesNotHeal(t *testing.T) {
	w := newWrongClock(t)
	second := w.open()[1]
	if _, err := w.client.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: aws.String(streamName), ShardToSplit: &second.ID, NewStartingHashKey: aws.String("300000000000000000000000000000000000000")}); err != nil {
		t.Fatal(err)
	}
	w.setClock("12:30:00")
	w.trips(0, 1, 2)
	until(t, "the children's trips are late", func() bool { return w.p.Rejects()["late"] == 3 })
	w.ends(w.p)
	until(t, "those of both children are late", func() bool { return w.p.Rejects()["late"] == 3 })
	if got, want := w.counted("", w.wait), "12:10 3, 12:40 1"; got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
}

// Ensure a restart does not heal, and that a start behind the record does, for what
// arrived from there on: in the same index set, whose windows stay.
func TestWrongWatermark_AtTimestampHealsLaterData(t *testing.T) {
	w := newWrongClock(t)
	if err := w.wait(); err != nil {
		t.Fatal(err)
	}
	w.setClock("12:30:00")
	w.trips(0, 1)
	p, wait := w.start("-hotspot-min", "1")
	until(t, "the trip is late behind the restart, too", func() bool { return p.Rejects()["late"] == 1 })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	w.dir = t.TempDir()
	p, wait = w.start("-hotspot-min", "1", "-position", "AT_TIMESTAMP=2016-01-05T12:00:30Z")
	w.ends(p)
	if got, want := w.counted("", wait), "12:10 2, 12:40 2"; got != want || p.Rejects()["late"] != 0 {
		t.Errorf("counted %s, want %s; %d late, want none", got, want, p.Rejects()["late"])
	}
}

// Ensure a smaller -max-ahead under a new index prefix counts all that the stream holds.
func TestWrongWatermark_NewPrefixHealsAll(t *testing.T) {
	w := newWrongClock(t)
	w.setClock("12:30:00")
	w.trips(0, 1)
	w.ends(w.p)
	if got, want := w.counted("", w.wait), "12:10 3, 12:40 1"; got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
	w.dir = t.TempDir()
	p, wait := w.start("-hotspot-min", "1", "-index-prefix", "b-", "-max-ahead", "1h")
	until(t, "the day has ended", func() bool { return p.Status().Watermark >= dayEndMs })
	if got, want := w.counted("b-", wait), "12:10 4, 12:40 2"; got != want || p.Rejects()["late"] != 0 {
		t.Errorf("counted %s, want %s; %d late, want none", got, want, p.Rejects()["late"])
	}
	if !strings.Contains(w.log.String(), "was refused (-max-ahead)") || !strings.Contains(w.log.String(), "watermark=2016-01-20T00:00:00.000Z") {
		t.Errorf("the log does not name the refused watermark:\n%s", w.log.String())
	}
}

// windows are the counts of an index set: the end of each window and its number, in order.
func (s *servers) windows(prefix string) string {
	s.t.Helper()
	if status, body := post(s.t, s.searchAt+"/"+prefix+"pickup_count/_refresh"); status != http.StatusOK {
		s.t.Fatalf("refresh: %s", body)
	}
	_, body := get(s.t, s.searchAt+"/"+prefix+"pickup_count/_search", "")
	var found struct {
		Hits struct {
			Hits []struct {
				Source struct {
					End   time.Time `json:"window_end"`
					Count int       `json:"pickup_count"`
				} `json:"_source"`
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &found); err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, h := range found.Hits.Hits {
		all = append(all, fmt.Sprintf("%s %d", h.Source.End.Format("15:04"), h.Source.Count))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
