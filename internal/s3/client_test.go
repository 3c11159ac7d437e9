package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	embedded "taxistream/localstack/s3"
)

// client is of S3_ENDPOINT where that is set (the integration suite does), with
// a bucket of its own, else of the embedded server, which is then not nil.
func client(t *testing.T) (*s3.Client, *embedded.Server, s3.Location) {
	t.Helper()
	endpoint := os.Getenv("S3_ENDPOINT")
	var server *embedded.Server
	if endpoint == "" {
		server = &embedded.Server{}
		server.CreateBucket("bucket")
		url, err := server.Start("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		endpoint = url
	}
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	c := s3.New(cfg)
	l := s3.Location{Bucket: "bucket", Prefix: strings.ToLower(t.Name()) + "/"}
	if server == nil {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
			_, err := c.API.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: aws.String("bucket")})
			if err == nil || strings.Contains(err.Error(), "BucketAlready") {
				break
			}
			if !s3.Transient(err) || time.Now().After(deadline) { // LocalStack may still load its S3
				t.Fatal(err)
			}
		}
	}
	return c, server, l
}

func TestConditionalWrites(t *testing.T) {
	c, _, l := client(t)
	ctx, key := t.Context(), l.Prefix+"a b"
	if _, _, err := c.Get(ctx, l, key, 100); !errors.Is(err, s3.ErrMissing) {
		t.Errorf("Get of nothing: %v", err)
	}
	if _, err := c.PutIfMatch(ctx, l, key, nil, `"0"`); !errors.Is(err, s3.ErrMissing) && !errors.Is(err, s3.ErrPrecondition) {
		t.Errorf("PutIfMatch of nothing: %v", err)
	}
	first, err := c.PutIfAbsent(ctx, l, key, []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutIfAbsent(ctx, l, key, []byte("two")); !errors.Is(err, s3.ErrPrecondition) {
		t.Errorf("PutIfAbsent of what is there: %v", err)
	}
	second, err := c.PutIfMatch(ctx, l, key, []byte("three"), first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutIfMatch(ctx, l, key, []byte("four"), first); !errors.Is(err, s3.ErrPrecondition) {
		t.Errorf("PutIfMatch of what has changed: %v", err)
	}
	data, etag, err := c.Get(ctx, l, key, 100)
	if string(data) != "three" || etag != second || err != nil {
		t.Errorf("Get: %q, %s, %v", data, etag, err)
	}
	if _, _, err := c.Get(ctx, l, key, 4); err == nil || !strings.Contains(err.Error(), "more than 4 bytes") {
		t.Errorf("Get beyond the limit: %v", err)
	}
	for range 2 {
		if err := c.Delete(ctx, l, key); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
}

func TestList(t *testing.T) {
	c, _, l := client(t)
	var want, got []string
	for i := range 230 {
		key := fmt.Sprintf("%sfile-%03d", l.Prefix, i)
		want = append(want, key)
		if _, err := c.Put(t.Context(), l, key, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Put(t.Context(), l, "other", nil); err != nil {
		t.Fatal(err)
	}
	if err := c.List(t.Context(), l, func(o s3.Object) error { got = append(got, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%d objects, want %d", len(got), len(want))
	}
}

// Ensure a bucket that is not there is an error that says so.
func TestNoBucket(t *testing.T) {
	c, _, _ := client(t)
	l := s3.Location{Bucket: "no-such-bucket"}
	err := c.List(t.Context(), l, func(s3.Object) error { return nil })
	if !errors.Is(err, s3.ErrMissing) || !strings.Contains(err.Error(), "make the bucket") {
		t.Errorf("List: %v", err)
	}
}

// Ensure a download that breaks goes on where it broke, and one whose object
// changes meanwhile does not.
func TestOpen(t *testing.T) {
	c, server, l := client(t)
	key := l.Prefix + "big"
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	if _, err := c.Put(t.Context(), l, key, content); err != nil {
		t.Fatal(err)
	}
	read := func() ([]byte, error) {
		r, err := c.Open(t.Context(), l, key)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	if got, err := read(); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if server == nil {
		return // only the embedded server can be told to break
	}
	var cuts atomic.Int32
	server.Fault = func(r *http.Request, _, _ string) embedded.Fault {
		if r.Method == http.MethodGet && cuts.Add(1) <= 3 {
			return embedded.Fault{CutBody: 150_000}
		}
		return embedded.Fault{}
	}
	if got, err := read(); err != nil || !bytes.Equal(got, content) {
		t.Errorf("broken three times: %d bytes, %v", len(got), err)
	}
	cuts.Store(0)
	server.Fault = func(_ *http.Request, bucket, key string) embedded.Fault {
		if n := cuts.Add(1); n == 1 {
			return embedded.Fault{CutBody: 150_000}
		} else if n == 2 {
			server.Set(bucket, key, []byte("other"))
		}
		return embedded.Fault{}
	}
	if got, err := read(); !errors.Is(err, s3.ErrPrecondition) && !strings.Contains(fmt.Sprint(err), "broke after") {
		t.Errorf("changed meanwhile: %d bytes, %v", len(got), err)
	}
}

func ExampleParse() {
	l, err := s3.Parse("s3://my-bucket/checkpoints/taxi")
	fmt.Println(l.Bucket, l.Prefix, err)
	_, err = s3.Parse("s3://")
	fmt.Println(err)
	// Output:
	// my-bucket checkpoints/taxi <nil>
	// s3://: write s3://bucket/prefix
}
