package kinesis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"

	"taxistream/localstack/kinesis"
)

var streamCount atomic.Int64

// target is a server with one stream of this test's own.
type target struct {
	*sdk.Client
	t      *testing.T
	url    string
	stream string
}

// newTarget makes a server with a stream of n shards.
func newTarget(t *testing.T, n int32) *target {
	t.Helper()
	url := start(t, mustServer(t, kinesis.Options{}))
	tg := &target{newClient(url), t, url, fmt.Sprintf("test-%d-%d", os.Getpid(), streamCount.Add(1))}
	ctx := t.Context()
	_, err := tg.CreateStream(ctx, &sdk.CreateStreamInput{StreamName: &tg.stream, ShardCount: &n})
	must(t, err)
	must(t, sdk.NewStreamExistsWaiter(tg, func(o *sdk.StreamExistsWaiterOptions) { o.MinDelay = 50 * time.Millisecond }).
		Wait(ctx, &sdk.DescribeStreamInput{StreamName: &tg.stream}, time.Minute))
	t.Cleanup(func() {
		_, _ = tg.DeleteStream(context.Background(), &sdk.DeleteStreamInput{StreamName: &tg.stream})
	})
	return tg
}

func mustServer(t testing.TB, o kinesis.Options) *kinesis.Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := kinesis.New(o)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func start(t testing.TB, s *kinesis.Server) string {
	t.Helper()
	url, err := s.Start("127.0.0.1:0")
	must(t, err)
	return url
}

// newClient is the stock SDK client; only the body's WriterTo is hidden, which
// makes net/http drop connections (it answers io.EOF once the SDK has closed it).
func newClient(url string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
		HTTPClient:  &http.Client{Transport: plainBody{&http.Transport{MaxIdleConnsPerHost: 16}}},
	})
}

type plainBody struct{ next http.RoundTripper }

func (p plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = struct {
			io.Reader
			io.Closer
		}{r.Body, r.Body}
	}
	return p.next.RoundTrip(r)
}

// once turns the SDK's retries off for a call.
func once(o *sdk.Options) { o.Retryer = aws.NopRetryer{} }

// raw sends a request without the SDK, for sizes that its decoder takes seconds
// over under -race, and returns the answer and its error code.
func raw(s *kinesis.Server, operation, body string) (answer, code string) {
	r := httptest.NewRequest(http.MethodPost, "http://in.process", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", anySignature)
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code == http.StatusOK {
		return w.Body.String(), ""
	}
	_, rest, _ := strings.Cut(w.Body.String(), `"__type":"`)
	code, _, _ = strings.Cut(rest, `"`)
	return w.Body.String(), code
}

// anySignature has the parts of a signature, which nobody verifies.
const anySignature = "AWS4-HMAC-SHA256 Credential=any, SignedHeaders=host, Signature=0"

// rawRecord is an entry of PutRecords with n bytes of data and a key of one letter.
func rawRecord(n int) string {
	text := []byte(strings.Repeat("A", (n+2)/3*4))
	for i := range (3 - n%3) % 3 {
		text[len(text)-1-i] = '='
	}
	return `{"Data":"` + string(text) + `","PartitionKey":"k"}`
}

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (tg *target) put(key, data string) *sdk.PutRecordOutput {
	tg.t.Helper()
	out, err := tg.PutRecord(tg.t.Context(), &sdk.PutRecordInput{StreamName: &tg.stream, PartitionKey: &key, Data: []byte(data)})
	must(tg.t, err)
	return out
}

// iterator opens a place in a shard.
func (tg *target) iterator(shard string, kind types.ShardIteratorType, set ...func(*sdk.GetShardIteratorInput)) string {
	tg.t.Helper()
	in := &sdk.GetShardIteratorInput{StreamName: &tg.stream, ShardId: &shard, ShardIteratorType: kind}
	for _, f := range set {
		f(in)
	}
	out, err := tg.GetShardIterator(tg.t.Context(), in)
	must(tg.t, err)
	return *out.ShardIterator
}

// read reads a shard from an iterator to its tip or end.
func (tg *target) read(iterator string, limit int32) (records []types.Record, last *sdk.GetRecordsOutput) {
	tg.t.Helper()
	for next := &iterator; next != nil; {
		out, err := tg.GetRecords(tg.t.Context(), &sdk.GetRecordsInput{ShardIterator: next, Limit: &limit})
		must(tg.t, err)
		records, last = append(records, out.Records...), out
		if *out.MillisBehindLatest == 0 && len(out.Records) == 0 {
			break
		}
		next = out.NextShardIterator
	}
	return records, last
}

func (tg *target) shards(filter *types.ShardFilter) []types.Shard {
	tg.t.Helper()
	out, err := tg.ListShards(tg.t.Context(), &sdk.ListShardsInput{StreamName: &tg.stream, ShardFilter: filter})
	must(tg.t, err)
	return out.Shards
}

func ids(shards []types.Shard) string {
	var all []string
	for _, sh := range shards {
		all = append(all, strings.TrimLeft(strings.TrimPrefix(*sh.ShardId, "shardId-"), "0")+"")
	}
	for i := range all {
		if all[i] == "" {
			all[i] = "0"
		}
	}
	return strings.Join(all, " ")
}

func shardName(n int) string { return fmt.Sprintf("shardId-%012d", n) }

func texts(records []types.Record) string {
	var all []string
	for _, r := range records {
		all = append(all, string(r.Data))
	}
	return strings.Join(all, " ")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wantCode fails unless err is an API error of the code.
func wantCode(t testing.TB, what string, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("%s: got error %v, want %s", what, err, code)
		return
	}
	equal(t, what, api.ErrorCode(), code)
}
