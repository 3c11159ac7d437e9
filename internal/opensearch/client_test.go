package opensearch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

func TestNew_Refuses(t *testing.T) {
	keys := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "key", "")}
	for _, c := range []struct {
		name string
		o    opensearch.Options
		want string
	}{
		{"Empty", opensearch.Options{}, "http://host:port"},
		{"NoScheme", opensearch.Options{Endpoint: "localhost:9200"}, "http://host:port"},
		{"NoURL", opensearch.Options{Endpoint: "http://u:secret@[::1"}, "http://host:port"},
		{"OtherScheme", opensearch.Options{Endpoint: "ftp://u:secret@host"}, "http://host:port"},
		{"Sign", opensearch.Options{Endpoint: "http://h:1", Sign: "s3", AWS: keys}, "choose es or aoss"},
		{"NoKeys", opensearch.Options{Endpoint: "https://d.us-east-1.es.amazonaws.com"}, "no AWS region or credentials"},
		{"Both", opensearch.Options{Endpoint: "http://u:secret@h:1", Sign: "es", AWS: keys}, "exclude each other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := opensearch.New(c.o)
			if err == nil {
				t.Fatal("it was taken")
			}
			storetest.Contains(t, err.Error(), c.want)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error prints the password: %v", err)
			}
		})
	}
}

// roundTrip answers requests without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestClient_Authorization(t *testing.T) {
	keys := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKID", "key", "token")}
	for _, c := range []struct{ name, endpoint, sign, want string }{
		{"None", "http://localhost:9200/", "", ""},
		{"Password", "https://me:secret@search.example.com/path/", "", "Basic bWU6c2VjcmV0"},
		{"Domain", "https://taxis.eu-west-1.es.amazonaws.com", "", "/eu-west-1/es/aws4_request"},
		{"Serverless", "https://abc.eu-west-1.aoss.amazonaws.com", "", "/eu-west-1/aoss/aws4_request"},
		{"OwnName", "https://search.example.com", "es", "/eu-west-1/es/aws4_request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got *http.Request
			client, err := opensearch.New(opensearch.Options{
				Endpoint: c.endpoint, Sign: c.sign, AWS: keys,
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					got = r
					return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"count":7}`)), Header: http.Header{}}, nil
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if n, err := client.Count(t.Context(), "pickup_count", nil); err != nil || n != 7 {
				t.Fatal(n, err)
			}
			authorization := got.Header.Get("Authorization")
			storetest.Contains(t, authorization, c.want)
			if signed := strings.HasSuffix(c.want, "aws4_request"); signed != (got.Header.Get("X-Amz-Content-Sha256") != "") || (c.want == "") != (authorization == "") {
				t.Errorf("got headers %v", got.Header)
			}
			if strings.Contains(client.Endpoint(), "secret") || strings.Contains(got.URL.Path, "//") {
				t.Errorf("endpoint %s, asked for %s", client.Endpoint(), got.URL)
			}
		})
	}
}

// Ensure that calls wait for a server that is not there, end with their context,
// and do not wait where it would not help.
func TestClient_Call(t *testing.T) {
	f := newFixture(t, search.Options{})
	faults := make(chan *search.Fault, 5)
	for _, next := range []*search.Fault{{Status: 503}, {Drop: true}, {CutAfter: 3}, {Garble: []byte("{")}, nil} {
		faults <- next
	}
	f.SetFault(func(*http.Request) *search.Fault { return <-faults })
	if n, err := f.Client.Count(t.Context(), names.PickupCount, nil); err != nil || n != 0 {
		t.Errorf("got %d, %v", n, err)
	}
	f.SetFault(func(*http.Request) *search.Fault { return &search.Fault{Garble: []byte("<html>")} })
	if _, err := f.Client.Count(t.Context(), names.PickupCount, nil); err == nil || !strings.Contains(err.Error(), "check that the endpoint") {
		t.Errorf("another kind of server: got %v", err)
	}
	f.SetFault(nil)
	if _, err := f.Client.Do(t.Context(), "read a document", http.MethodGet, "/pickup_count-2016.01/_doc/x", nil, nil); !opensearch.NotFound(err) {
		t.Errorf("no such document: got %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := f.Client.Count(ctx, names.PickupCount, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no server: got %v", err)
	}
}

func TestClient_LongAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 2000))
	}))
	defer server.Close()
	c, err := opensearch.New(opensearch.Options{Endpoint: server.URL, MaxResponse: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Count(t.Context(), names.PickupCount, nil); err == nil || !strings.Contains(err.Error(), "smaller pages") {
		t.Errorf("got %v", err)
	}
}

// Ensure that an alias that has no index yet is empty, not an error.
func TestClient_NothingYet(t *testing.T) {
	f := newFixture(t, search.Options{})
	if n, err := f.Client.Count(t.Context(), names.PickupCount, nil); n != 0 || err != nil {
		t.Errorf("Count: got %d, %v", n, err)
	}
	if err := f.Client.Refresh(t.Context(), names.PickupCount); err != nil {
		t.Errorf("Refresh: %v", err)
	}
	if got := f.versions(t, names.PickupCount); len(got) != 0 {
		t.Errorf("All: got %v", got)
	}
	var out strings.Builder
	if n, err := results.Export(t.Context(), f.Client, "", &out); n != 0 || err != nil || out.Len() != 0 {
		t.Errorf("Export: got %d lines, %v, %q", n, err, out.String())
	}
}
