package source_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/engine"
	"taxistream/internal/kinesis"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/job"
)

// inside sends requests to a server without a socket, so that time is the test's.
type inside struct{ server *embedded.Server }

func (i inside) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body, r.RequestURI = io.NopCloser(bytes.NewReader(body)), r.URL.RequestURI()
	w := httptest.NewRecorder()
	i.server.ServeHTTP(w, r)
	return w.Result(), nil
}

// Ensure readers of one shard share what the service gives it, by its own limits: none starves, and
// few calls are throttled, of theirs or of others.
func TestReader_SharesAShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, err := embedded.New(embedded.Options{Limits: true, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if err := server.CreateStream(name, 1); err != nil {
			t.Fatal(err)
		}
		url := "http://kinesis.invalid"
		client := kinesis.New(aws.Config{
			Region: "us-east-1", BaseEndpoint: &url, HTTPClient: inside{server}, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		}, name)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		big := make([]byte, 100_000)
		for range 250 { // 25 MB
			if _, err := client.API.PutRecord(ctx, &sdk.PutRecordInput{StreamName: aws.String(name), Data: big, PartitionKey: aws.String("p")}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		readers := make([]*kinesis.Reader, 2)
		var group sync.WaitGroup
		for i := range readers {
			r := client.NewReader(first, kinesis.Position{Kind: types.ShardIteratorTypeTrimHorizon}, kinesis.ReaderOptions{})
			readers[i] = r
			group.Go(func() {
				for ctx.Err() == nil {
					_, _ = r.Next(ctx)
				}
			})
		}
		time.Sleep(20 * time.Second)
		cancel()
		group.Wait()
		var read []int64
		calls, throttled := int64(0), int64(0)
		for _, r := range readers {
			calls, throttled, read = calls+r.Counters.Calls, throttled+r.Counters.Throttled, append(read, r.Counters.Bytes)
		}
		t.Logf("%d calls, %d throttled, %v bytes", calls, throttled, read)
		if throttled == 0 || throttled > calls/3 {
			t.Errorf("%d of %d calls are throttled", throttled, calls)
		}
		slices.Sort(read)
		if sum := read[0] + read[1]; sum < 20*2<<20*6/10 || read[0] < sum/8 {
			t.Errorf("read were %v bytes in 20 s, of 2 MiB/s", read)
		}
	})
}

// Ensure many shards with a backlog are read in little memory: each call brings its share, and none
// begins while too much is read that nobody has taken in.
func TestSource_ManyShards(t *testing.T) {
	const shards, perShard, users, limit = 256, 8, 80, 2 << 20
	s := newStream(t, shards, embedded.Options{})
	all, err := s.server.Shards(name)
	if err != nil {
		t.Fatal(err)
	}
	record := []byte(aggregate(slices.Repeat([]string{trip(1)}, users)...)) // 20 kB
	for _, shard := range all {
		entries := make([]types.PutRecordsRequestEntry, perShard)
		for i := range entries {
			entries[i] = types.PutRecordsRequestEntry{Data: record, PartitionKey: aws.String(strconv.Itoa(i)), ExplicitHashKey: &shard.StartingHashKey}
		}
		if _, err := s.client.API.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: aws.String(name), Records: entries}); err != nil {
			t.Fatal(err)
		}
	}
	in := s.source(trimHorizon)
	in.Hold(limit)
	var readers []engine.SplitReader[job.Record]
	for _, shard := range all {
		readers = append(readers, open(t, in, split(shard.ID)))
	}
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		trips int
		most  int
		full  = make(chan struct{})
	)
	group.Go(func() {
		for in.Held() <= limit {
			time.Sleep(time.Millisecond)
		}
		close(full)
	})
	for _, r := range readers {
		group.Go(func() {
			defer r.Close()
			for {
				b, err := r.Next(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				<-full
				mu.Lock() // one subtask takes them in, one after the other
				most = max(most, in.Held())
				trips += len(b.Elements)
				b.Release()
				mu.Unlock()
				if b.AtTip {
					return
				}
			}
		})
	}
	group.Wait()
	if want := shards * perShard * users; trips != want {
		t.Errorf("%d trips were read, want %d", trips, want)
	}
	backlog := shards * perShard * len(record)
	t.Logf("at most %d of a backlog of %d bytes were held", most, backlog)
	if at := in.Held(); at != 0 || most <= limit || most > backlog/2 { // the calls that were under way when the limit was reached
		t.Errorf("%d bytes were held, and at the end %d", most, at)
	}
}
