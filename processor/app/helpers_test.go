package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/flags"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/search"
	"taxistream/processor/app"
)

// buffer is a bytes.Buffer for many goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is all that was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// servers are what a processor works between.
type servers struct {
	t                   *testing.T
	kinesis             *embedded.Server
	search              *search.Server
	kinesisAt, searchAt string
	dir                 string
	log                 buffer
	skew                atomic.Int64 // ns, of the processors' clock, for what takes time
}

func newServers(t *testing.T, o embedded.Options) *servers {
	t.Helper()
	s := &servers{t: t, dir: t.TempDir()}
	var err error
	if s.kinesis, err = embedded.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kinesis.Close() })
	if err := s.kinesis.CreateStream("taxi-trip-events", 2); err != nil {
		t.Fatal(err)
	}
	if s.kinesisAt, err = s.kinesis.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if s.search, err = search.New(search.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.search.Close() })
	if s.searchAt, err = s.search.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return s
}

// args are what every run needs; later flags win.
func (s *servers) args(more ...string) []string {
	return append([]string{
		"-endpoint", s.kinesisAt, "-opensearch-endpoint", s.searchAt, "-checkpoint-dir", s.dir,
		"-checkpoint-interval", "50ms", "-listen", "127.0.0.1:0", "-parallelism", "2",
	}, more...)
}

func (s *servers) now() time.Time { return time.Now().Add(time.Duration(s.skew.Load())) }

// start runs a processor; wait stops it, unless it has ended, and gives its error.
func (s *servers) start(more ...string) (p *app.Processor, wait func() error) {
	s.t.Helper()
	c, err := parse(s.args(more...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	if p, err = app.New(context.Background(), c, slog.New(slog.NewTextHandler(&s.log, nil)), s.now); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run() }()
	wait = sync.OnceValue(func() error {
		_ = p.Stop(context.Background()) // its error is Run's
		return <-ended
	})
	s.t.Cleanup(func() { _ = wait() })
	return p, wait
}

// parse reads a command line as Main does.
func parse(args ...string) (app.Config, error) {
	set := flags.New("processor", "")
	config := app.RegisterFlags(set, 3)
	var stderr strings.Builder
	if done, _ := set.Parse(args, io.Discard, &stderr); done {
		return app.Config{}, usage(stderr.String())
	}
	return config()
}

type usage string

func (u usage) Error() string { return string(u) }

// put writes records to all shards of the stream.
func (s *servers) put(records ...string) {
	s.t.Helper()
	shards, err := s.kinesis.Shards("taxi-trip-events")
	if err != nil {
		s.t.Fatal(err)
	}
	client := sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &s.kinesisAt, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	for _, shard := range shards {
		for _, r := range records {
			if _, err := client.PutRecord(context.Background(), &sdk.PutRecordInput{
				StreamName: aws.String("taxi-trip-events"), Data: []byte(r), PartitionKey: aws.String("p"), ExplicitHashKey: &shard.StartingHashKey,
			}); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

const (
	tripOne  = `{"trip_id":1,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,"pickup_datetime":"2016-01-05T12:00:00Z","dropoff_datetime":"2016-01-05T12:30:00Z"}`
	tripTwo  = `{"trip_id":2,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,"pickup_datetime":"2016-01-05T12:00:00Z","dropoff_datetime":"2016-01-05T12:31:00Z"}`
	outside  = `{"trip_id":3,"pickup_lat":50.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,"pickup_datetime":"2016-01-05T12:00:00Z","dropoff_datetime":"2016-01-05T12:31:00Z"}`
	dayEnds  = `{"type":"watermark","watermark":"2016-01-05T23:59:59.999Z"}`
	dayEndMs = 1452038399999
)

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// get asks for a page, with a token where there is one.
func get(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// documents counts those of an alias.
func (s *servers) documents(alias string) int {
	s.t.Helper()
	if status, _ := post(s.t, s.searchAt+"/"+alias+"/_refresh"); status != http.StatusOK {
		return 0
	}
	_, body := get(s.t, s.searchAt+"/"+alias+"/_count", "")
	var count struct{ Count int }
	if err := json.Unmarshal([]byte(body), &count); err != nil {
		s.t.Fatal(err)
	}
	return count.Count
}

func post(t *testing.T, url string) (status int, body string) {
	t.Helper()
	answer, err := http.Post(url, "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}
