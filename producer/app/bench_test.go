package app

import (
	"context"
	"io"
	"syscall"
	"testing"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	"taxistream/producer/put"
	"taxistream/producer/watermark"

	local "taxistream/localstack/kinesis"
)

// endless is an input of n trips that costs next to nothing to read.
type endless struct {
	trips []trip.Trip
	n, at int
}

func (e *endless) Next(buf []trip.Trip) (int, error) {
	if e.at == e.n {
		return 0, io.EOF
	}
	n := min(len(buf), e.n-e.at, len(e.trips))
	copy(buf, e.trips[:n])
	for i := range buf[:n] {
		buf[i].ID = int64(e.at+i+1) * 0x1234567
		buf[i].Dropoff += int64(e.at + i)
	}
	e.at += n
	return n, nil
}

func (e *endless) Rewind(context.Context) error { e.at = 0; return nil }
func (e *endless) Close() error                 { return nil }

// null is a stream that takes everything at once.
type null struct {
	shards []put.Shard
}

func (s null) PutRecords(_ context.Context, entries []put.Entry) ([]put.Result, error) {
	out := make([]put.Result, len(entries))
	for i, e := range entries {
		for _, shard := range s.shards {
			if shard.Start == e.HashKey {
				out[i].Shard = shard.ID
			}
		}
		if out[i].Shard == "" {
			out[i].Shard = s.shards[0].ID
		}
	}
	return out, nil
}

func (s null) OpenShards(context.Context) ([]put.Shard, error) { return s.shards, nil }

// cpu is the process's CPU time in ns.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkProducer is the CPU of an event from the reader's hand to the
// acknowledgement: "null" without Kinesis, "put" with the AWS SDK and the
// embedded Kinesis, both of which are then in the figure.
func BenchmarkProducer(b *testing.B) {
	for _, aggregate := range []bool{true, false} {
		name := map[bool]string{true: "aggregated", false: "single"}[aggregate]
		b.Run("null/"+name, func(b *testing.B) {
			f := newFake(8)
			open, _ := f.OpenShards(b.Context())
			run(b, aggregate, Target{Stream: null{shards: open}, Classify: fault.Classify, NewAggregate: func(hashKey string) put.Aggregate { return kinesis.NewAggregator(aggregateBytes, hashKey) }, Seal: kinesis.Seal}, open)
		})
		b.Run("put/"+name, func(b *testing.B) {
			s, err := local.New(local.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			if err := s.CreateStream("taxi", 8); err != nil {
				b.Fatal(err)
			}
			url, err := s.Start("127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			c := client{connect(b, url), time.Now, func(time.Duration) {}}
			open, err := c.OpenShards(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			run(b, aggregate, target(c), open)
		})
	}
}

func run(b *testing.B, aggregate bool, to Target, open []put.Shard) {
	c := DefaultConfig()
	c.Speedup, c.Aggregate = 0, aggregate
	p, err := newProducer(c, &endless{trips: rides(1024, 0), n: b.N}, to, open)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu(b)
	if err := p.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
	if s := p.Stats(); s.Put.Trips != int64(b.N) || s.Watermark == watermark.None {
		b.Fatalf("%+v", s)
	}
}
