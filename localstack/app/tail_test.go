package app_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/awsconf"
	client "taxistream/internal/kinesis"
	"taxistream/localstack/app"
	"taxistream/localstack/kinesis"
)

const (
	aTrip      = `{"type":"trip","trip_id":4711,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.64,"dropoff_lon":-73.78,"total_amount":52.8,"pickup_datetime":"2016-01-05T05:02:00.000Z","dropoff_datetime":"2016-01-05T05:10:00.000Z"}` + "\n"
	aWatermark = `{"type":"watermark","watermark":"2016-01-05T05:09:59.999Z"}` + "\n"
)

// tailStream is an embedded stream of two shards, with a client.
type tailStream struct {
	t      *testing.T
	url    string
	c      *client.Client
	shards []client.Shard
}

func newTailStream(t *testing.T) *tailStream {
	t.Helper()
	server, err := kinesis.New(kinesis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if err := server.CreateStream("s", 2); err != nil {
		t.Fatal(err)
	}
	s := &tailStream{t: t}
	if s.url, err = server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: s.url, Embedded: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg.BaseEndpoint = &s.url
	s.c = client.New(cfg, "s")
	if s.shards, err = s.c.Shards(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// put writes a record to where a shard begins, or began.
func (s *tailStream) put(shard int, data string) {
	s.t.Helper()
	in := &sdk.PutRecordInput{StreamName: aws.String("s"), Data: []byte(data), PartitionKey: aws.String("1"), ExplicitHashKey: &s.shards[shard].Start}
	if _, err := s.c.API.PutRecord(s.t.Context(), in); err != nil {
		s.t.Fatal(err)
	}
}

func (s *tailStream) args(more ...string) []string {
	return append([]string{"tail", "-endpoint", s.url, "-stream", "s"}, more...)
}

// tailed runs the verb tail over a stream of two shards: a plain trip, a watermark and
// what is no event in the first, two trips in an aggregate in the second.
func tailed(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	s := newTailStream(t)
	aggregate := client.NewAggregator(1<<20, s.shards[1].Start)
	if !aggregate.Add([]byte("1"), []byte(aTrip)) || !aggregate.Add([]byte("1"), []byte(aWatermark)) {
		t.Fatal("no room")
	}
	records := [][]byte{aggregate.AppendTo(nil)}
	client.Seal(records)
	s.put(0, aTrip)
	s.put(0, aWatermark)
	s.put(0, "no event")
	s.put(1, string(records[0]))
	var out, errs bytes.Buffer
	status = app.Main(t.Context(), s.args(args...), &out, &errs)
	return status, out.String(), errs.String()
}

// Ensure tail shows each event of each shard in words: aggregates unfolded, what is no
// event as such.
func TestTail(t *testing.T) {
	status, out, errs := tailed(t)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if status != 0 || len(lines) != 5 {
		t.Fatalf("status %d, %s\n%s", status, errs, out)
	}
	for i, want := range []string{
		"shardId-000000000000  trip       2016-01-05 00:10:00 New York, 8m0s  40.70000,-73.90000 to 40.64000,-73.78000  $52.80  id 4711  ",
		"shardId-000000000000  watermark  2016-01-05 00:09:59 New York  ",
		`shardId-000000000000  malformed  not a JSON object: "no event"  `,
		"shardId-000000000001  trip       2016-01-05 00:10:00 New York, 8m0s  ",
		"shardId-000000000001  malformed  a watermark inside an aggregate: ",
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: %s\nwant %s", i, lines[i], want)
		}
	}
	if !strings.HasSuffix(lines[3], "+0") || !strings.HasSuffix(lines[4], "+1") {
		t.Errorf("no sub-sequence numbers:\n%s", out)
	}
}

func TestTail_JSON(t *testing.T) {
	status, out, errs := tailed(t, "-json", "-shard", "1", "-n", "1")
	var e struct {
		Shard, Type, Arrived string
		Sequence             string `json:"sequence"`
		Sub                  *int   `json:"sub_sequence"`
		Aggregated           bool
		Event                struct {
			ID int64 `json:"trip_id"`
		}
	}
	if err := json.Unmarshal([]byte(out), &e); err != nil || status != 0 {
		t.Fatalf("status %d, %v: %s%s", status, err, out, errs)
	}
	if e.Shard != "shardId-000000000001" || e.Type != "trip" || !e.Aggregated || e.Event.ID != 4711 || e.Sequence == "" || e.Sub == nil || e.Arrived == "" {
		t.Errorf("got %s", out)
	}
}

func TestTail_WrongUsage(t *testing.T) {
	for args, want := range map[string]string{
		"-shard 7":             "localstack tail: -shard 7: the stream has shardId-000000000000, shardId-000000000001\n",
		"-position LATEST":     "localstack tail: -position LATEST has nothing to show without -follow; see -h\n",
		"-position now":        "localstack tail: -position now: choose TRIM_HORIZON, LATEST or AT_TIMESTAMP=2016-01-05T12:00:00Z; see -h\n",
		"-n -1":                "localstack tail: -n -1: choose 1 or more, or 0 for all; see -h\n",
		"-stream s -shard s -": "localstack tail: unexpected argument \"-\"; see -h\n",
	} {
		if status, out, errs := tailed(t, strings.Fields(args)...); status == 0 || errs != want || out != "" {
			t.Errorf("%s: status %d, %q, %q", args, status, out, errs)
		}
	}
}
