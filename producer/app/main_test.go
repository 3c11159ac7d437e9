package app

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	local "taxistream/localstack/kinesis"
)

// serve starts an embedded Kinesis with a stream of four shards.
func serve(t *testing.T, o local.Options) (*local.Server, string) {
	t.Helper()
	s, err := local.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.CreateStream("taxi", 4); err != nil {
		t.Fatal(err)
	}
	url, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return s, url
}

func connect(t testing.TB, url string) *kinesis.Client {
	t.Helper()
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: url})
	if err != nil {
		t.Fatal(err)
	}
	return kinesis.New(cfg, "taxi")
}

// content reads a whole stream; parents come before children because shard ids grow.
func content(t *testing.T, c *kinesis.Client) []read {
	t.Helper()
	shards, err := c.Shards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []read
	for _, s := range shards {
		r := read{id: s.ID, parents: s.Parents, open: s.Open}
		in := c.NewReader(s.ID, kinesis.Position{Kind: types.ShardIteratorTypeTrimHorizon}, kinesis.ReaderOptions{})
		for {
			b, err := in.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, rec := range b.Records {
				r.records = append(r.records, rec.Data)
			}
			if b.End || b.AtTip {
				break
			}
		}
		out = append(out, r)
	}
	return out
}

// file writes trips as the stream's own events, a form that data/trips reads.
func file(t *testing.T, trips []trip.Trip) string {
	t.Helper()
	var b []byte
	for i := range trips {
		b = trip.AppendTrip(b, &trips[i])
	}
	name := filepath.Join(t.TempDir(), "trips.json")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Ensure the program itself, through the AWS SDK, keeps its promises while
// shards split and merge and calls fail.
func TestMain_Reshards(t *testing.T) {
	for _, faults := range []local.Faults{{}, {Seed: 3, Fail: 0.05, FailEntries: 0.05}} {
		for _, aggregate := range []string{"true", "false"} {
			t.Run(fmt.Sprintf("Aggregate=%s,Fail=%v", aggregate, faults.Fail), func(t *testing.T) {
				s, url := serve(t, local.Options{})
				c := connect(t, url)
				in := rides(8000, 100)
				name := file(t, in)
				if err := s.SetFaults(faults); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var wg sync.WaitGroup
				wg.Go(func() { reshard(ctx, c) })
				var out, errs bytes.Buffer
				code := Main(t.Context(), []string{
					"-endpoint", url, "-stream", "taxi", "-source", name, "-speedup", "1000",
					"-watermark-interval", "20ms", "-aggregate=" + aggregate, "-max-outstanding", "1000",
				}, &out, &errs)
				cancel()
				wg.Wait()
				if code != 0 {
					t.Fatalf("status %d: %s", code, errs.String())
				}
				if err := s.SetFaults(local.Faults{}); err != nil {
					t.Fatal(err)
				}
				a := audit(t, content(t, c))
				// The SDK itself retries a call of which it does not know the end.
				a.once(t, in, faults.Fail > 0)
				if want := trip.WindowStart(in[len(in)-1].Dropoff, hour) + hour - 1; a.final != want {
					t.Fatalf("the last watermark is %d, want %d", a.final, want)
				}
				if !strings.Contains(out.String(), "sent        8,000 trips") {
					t.Fatalf("summary:\n%s", out.String())
				}
			})
		}
	}
}

// reshard splits and merges for about a second, or until ctx ends.
func reshard(ctx context.Context, c *kinesis.Client) {
	for n := 0; n < 30 && ctx.Err() == nil; n++ {
		shards, err := c.Shards(ctx)
		if err != nil {
			continue
		}
		var open []kinesis.Shard
		for _, s := range shards {
			if s.Open {
				open = append(open, s)
			}
		}
		if s := open[n%len(open)]; len(open) < 7 {
			middle := between(s.Start, s.End)
			c.API.SplitShard(ctx, &sdk.SplitShardInput{StreamName: aws.String("taxi"), ShardToSplit: &s.ID, NewStartingHashKey: &middle})
		} else {
			for _, b := range open {
				if follows(s.End, b.Start) {
					c.API.MergeShards(ctx, &sdk.MergeShardsInput{StreamName: aws.String("taxi"), ShardToMerge: &s.ID, AdjacentShardToMerge: &b.ID})
				}
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// Ensure what is wrong at the start is one line, with the status of its kind.
func TestMain_WrongAtTheStart(t *testing.T) {
	_, url := serve(t, local.Options{})
	good := file(t, rides(3, 1000))
	bad := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(bad, []byte("hello\nworld\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, args string
		code       int
		want       []string
	}{
		{"UnknownFlag", "-foo", 2, []string{"producer: unknown flag -foo; see -h"}},
		{"NoSource", "-stream taxi", 2, []string{"producer: flag -source is needed; see -h"}},
		{"NegativeSpeedup", "-source x -speedup -1", 2, []string{"-speedup -1: write 0 or more; see -h"}},
		{"BadTime", "-source x -seek yesterday", 2, []string{"-seek", "see -h"}},
		{"SeekBehindUntil", "-source x -seek 2016-01-02 -until 2016-01-01", 2, []string{"-seek lies after -until", "see -h"}},
		{"BadLevel", "-source x -log-level loud", 2, []string{"choose debug", "see -h"}},
		{"BadEndpoint", "-source " + good + " -endpoint nowhere", 1, []string{"producer: -endpoint", "http://host:port"}},
		{"MissingFile", "-source /nowhere/trips.csv -endpoint " + url, 1, []string{"producer: ", "/nowhere/trips.csv"}},
		{"NoTrips", "-source " + bad + " -stream taxi -endpoint " + url, 1, []string{"producer: ", "notes.txt"}},
		{"BadDays", "-source generate:someday -endpoint " + url, 1, []string{"producer: ", "generate:someday"}},
		{"NoStream", "-stream other -source " + good + " -endpoint " + url, 1, []string{"producer: stream other does not exist", "aws kinesis create-stream --stream-name other"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Main(t.Context(), strings.Fields(c.args), &out, &errs)
			text := errs.String()
			if code != c.code || strings.Count(text, "\n") != 1 || out.Len() > 0 {
				t.Fatalf("status %d, stdout %q, stderr %q", code, out.String(), text)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q lacks %q", text, want)
				}
			}
		})
	}
}

func TestMain_Help(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Main(t.Context(), []string{"-h"}, &out, &errs); code != 0 || errs.Len() > 0 {
		t.Fatalf("status %d, stderr %q", code, errs.String())
	}
	for _, flag := range []string{"-stream", "-bucket", "-objectPrefix", "s3://bucket/prefix", "-speedup", "-adaptTime", "-noWatermark", "-statisticsFrequency", "-max-outstanding", "-resume", "(default 1440)", "(default 200ms)", "(default 1h)"} {
		if !strings.Contains(out.String(), flag) {
			t.Errorf("help lacks %q", flag)
		}
	}
}

// Ensure an unreachable service is waited for, with a message, and used when it
// is there; and that the end of ctx is an orderly stop meanwhile.
func TestMain_Unreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	args := []string{"-endpoint", "http://" + addr, "-stream", "taxi", "-source", file(t, rides(100, 10)), "-speedup", "0"}
	t.Run("Returns", func(t *testing.T) {
		var out bytes.Buffer
		errs := &watched{seen: make(chan struct{}), word: "waiting for it"}
		code := make(chan int, 1)
		go func() { code <- Main(t.Context(), args, &out, errs) }()
		<-errs.seen
		s, err := local.New(local.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.CreateStream("taxi", 2); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Start(addr); err != nil {
			t.Fatal(err)
		}
		if got := <-code; got != 0 || !strings.Contains(out.String(), "sent        100 trips") {
			t.Fatalf("status %d, %s", got, errs.String())
		}
	})
	t.Run("Stopped", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		errs := &watched{seen: make(chan struct{}), word: "waiting for it"}
		code := make(chan int, 1)
		go func() { code <- Main(ctx, args, new(bytes.Buffer), errs) }()
		<-errs.seen
		cancel()
		if got := <-code; got != 0 {
			t.Fatalf("status %d, %s", got, errs.String())
		}
	})
}
