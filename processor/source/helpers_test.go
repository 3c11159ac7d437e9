package source_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/engine"
	"taxistream/internal/kinesis"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/job"
	"taxistream/processor/source"
)

const name = "trips"

// stream is a stream of the embedded Kinesis, whose clock stands still.
type stream struct {
	t      *testing.T
	server *embedded.Server
	client *kinesis.Client
	clock  atomic.Int64 // ms
}

// noon is where the stream's clock begins.
var noon = time.Date(2016, 1, 5, 12, 0, 0, 0, time.UTC)

func newStream(t *testing.T, shards int, o embedded.Options) *stream {
	t.Helper()
	s := &stream{t: t}
	s.clock.Store(noon.UnixMilli())
	if o.Clock == nil {
		o.Clock = s.now
	}
	var err error
	if s.server, err = embedded.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.server.Close() })
	if err := s.server.CreateStream(name, shards); err != nil {
		t.Fatal(err)
	}
	url, err := s.server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.client = kinesis.New(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: &url, RetryMaxAttempts: 1,
	}, name)
	return s
}

func (s *stream) now() time.Time { return time.UnixMilli(s.clock.Load()) }

func (s *stream) advance(d time.Duration) { s.clock.Add(d.Milliseconds()) }

// source reads the stream without long pauses.
func (s *stream) source(position source.Position) *source.Source {
	return &source.Source{
		Client: s.client, Position: position, Now: s.now,
		Reader: kinesis.ReaderOptions{TipPause: time.Millisecond, MaxBackoff: time.Millisecond},
	}
}

// put writes a record into a shard and returns its sequence number.
func (s *stream) put(shard int, data string) string {
	s.t.Helper()
	shards, err := s.server.Shards(name)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := s.client.API.PutRecord(context.Background(), &sdk.PutRecordInput{
		StreamName: aws.String(name), Data: []byte(data), PartitionKey: aws.String("p"), ExplicitHashKey: &shards[shard].StartingHashKey,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return *out.SequenceNumber
}

// trip is a trip's record.
func trip(id int) string {
	return fmt.Sprintf(`{"type":"trip","trip_id":%d,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,`+
		`"pickup_datetime":"2016-01-05T12:00:00.000Z","dropoff_datetime":"2016-01-05T12:30:00.000Z"}`+"\n", id)
}

// aggregate is the record that holds them all.
func aggregate(user ...string) string {
	a := kinesis.NewAggregator(1<<20, "0")
	for _, u := range user {
		a.Add([]byte("k"), []byte(u))
	}
	record := a.AppendTo(nil)
	kinesis.Seal([][]byte{record})
	return string(record)
}

// split is a shard as a job without a checkpoint opens it.
func split(shard string) engine.Split {
	return engine.Split{ID: shard, Initial: true, Watermark: engine.NoWatermark}
}

const first = "shardId-000000000000"

func open(t *testing.T, s *source.Source, split engine.Split) engine.SplitReader[job.Record] {
	t.Helper()
	r, err := s.Open(context.Background(), split)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// read reads until the tip or the end, and returns the ids in the order of the stream
// and the last offset. A record that is no trip has id 0.
func read(t *testing.T, r engine.SplitReader[job.Record]) (ids []int64, offset []byte) {
	t.Helper()
	for {
		b, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Elements {
			ids = append(ids, e.Value.Trip.ID)
		}
		if b.Offset != nil {
			offset = append([]byte(nil), b.Offset...)
		}
		b.Release()
		if b.AtTip || b.End {
			return ids, offset
		}
	}
}
