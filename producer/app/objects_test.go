package app

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/internal/flags"
	local "taxistream/localstack/kinesis"
	objects "taxistream/localstack/s3"
)

// Ensure -bucket with -prefix, its alias and -source are the same, and that -prefix
// alone is wrong usage.
func TestConfig_Bucket(t *testing.T) {
	for args, want := range map[string][]string{
		"-bucket b":                            {"s3://b/"},
		"-bucket b -prefix p/q":                {"s3://b/p/q"},
		"--bucket=b --objectPrefix=p/":         {"s3://b/p/"},
		"-source s3://b/p":                     {"s3://b/p"},
		"-source f -source g -bucket b":        {"f", "g", "s3://b/"},
		"-source f":                            {"f"},
		"-prefix p":                            nil,
		"-prefix p -source s3://b":             nil,
		"-stream taxi -objectPrefix nyc-trips": nil,
	} {
		set := flags.New("producer", "")
		c := RegisterFlags(set)
		var out, errs bytes.Buffer
		if done, code := set.Parse(strings.Fields(args), &out, &errs); done {
			t.Fatalf("%s: status %d: %s", args, code, &errs)
		}
		err := c.Check()
		if want == nil && (err == nil || !strings.Contains(err.Error(), "name the bucket")) || want != nil && err != nil {
			t.Errorf("%s: %v", args, err)
		}
		if want != nil && !slices.Equal(c.sources(), want) {
			t.Errorf("%s: sources %q, want %q", args, c.sources(), want)
		}
	}
}

// Ensure the program replays what lies below a prefix as it replays the same file,
// though every connection breaks, and that a bucket that is not there is one line.
func TestMain_Bucket(t *testing.T) {
	in := rides(3000, 100)
	text, err := os.ReadFile(file(t, in))
	if err != nil {
		t.Fatal(err)
	}
	store := &objects.Server{}
	store.CreateBucket("trips")
	half := bytes.IndexByte(text[len(text)/2:], '\n') + 1 + len(text)/2
	store.Set("trips", "2013/b.json", text[:half])
	store.Set("trips", "2013/a.json", text[half:])
	store.Set("trips", "2014/a.json", []byte("not asked for"))
	store.Fault = func(r *http.Request, _, key string) objects.Fault {
		if key == "" {
			return objects.Fault{}
		}
		return objects.Fault{CutBody: 100_000 + len(r.Header.Get("Range"))}
	}
	objectsURL, err := store.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	t.Setenv("AWS_ENDPOINT_URL_S3", objectsURL)
	_, url := serve(t, local.Options{})
	var out, errs bytes.Buffer
	args := []string{"-endpoint", url, "-stream", "taxi", "-speedup", "0"}
	if code := Main(t.Context(), append(args, "-bucket", "trips", "-objectPrefix", "2013/"), &out, &errs); code != 0 {
		t.Fatalf("status %d: %s", code, &errs)
	}
	audit(t, content(t, connect(t, url))).once(t, in, false)

	for source, want := range map[string]string{
		"s3://none/2013/":  "s3://none/2013/: no such object or bucket: make the bucket",
		"s3://trips/2012/": "s3://trips/2012/: no object's key begins so",
		"s3://trips/2014/": "s3://trips/2014/a.json: ",
	} {
		errs.Reset()
		code := Main(t.Context(), append(args, "-source", source), &out, &errs)
		if got := errs.String(); code != 1 || strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "producer: ") || !strings.Contains(got, want) {
			t.Errorf("%s: status %d, %q, want %q", source, code, got, want)
		}
	}
}

// Ensure S3 is waited for, with a message, and read once it is there; and that the
// end of ctx is an orderly stop meanwhile.
func TestMain_BucketUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://"+addr)
	_, url := serve(t, local.Options{})
	args := []string{"-endpoint", url, "-stream", "taxi", "-speedup", "0", "-bucket", "trips"}
	for _, stopped := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var out bytes.Buffer
		errs := &watched{seen: make(chan struct{}), word: "S3 does not answer; waiting for it"}
		code := make(chan int, 1)
		go func() { code <- Main(ctx, args, &out, errs) }()
		<-errs.seen
		if stopped {
			cancel()
		} else {
			serveTrips(t, addr)
		}
		if got := <-code; got != 0 || !stopped && !strings.Contains(out.String(), "sent        100 trips") {
			t.Errorf("stopped %v: status %d, %s", stopped, got, errs)
		}
	}
}

// serveTrips serves a bucket with 100 trips at an address.
func serveTrips(t *testing.T, addr string) {
	t.Helper()
	text, err := os.ReadFile(file(t, rides(100, 10)))
	if err != nil {
		t.Fatal(err)
	}
	store := &objects.Server{}
	store.CreateBucket("trips")
	store.Set("trips", "a.json", text)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	web := &httptest.Server{Listener: l, Config: &http.Server{Handler: store, ReadHeaderTimeout: time.Minute}}
	web.Start()
	t.Cleanup(web.Close)
}
