package kinesis_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"taxistream/internal/kinesis"
)

// reply is one canned answer.
type reply struct {
	status int
	body   string
}

func ok(body string) reply { return reply{200, body} }

func failing(status int, kind string) reply {
	return reply{status, `{"__type":"` + kind + `","message":"said the service"}`}
}

// request is one that the service got.
type request struct {
	operation string
	body      map[string]any
}

// service answers each operation from its own list, in order; the last answer stays.
type service struct {
	t  *testing.T
	mu sync.Mutex
	// answers by operation; what is asked for beyond them fails the test.
	answers  map[string][]reply
	requests []request
	url      string
}

func newService(t *testing.T, answers map[string][]reply) *service {
	t.Helper()
	s := &service{t: t, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	got := request{operation: operation}
	if err := json.Unmarshal(data, &got.body); err != nil {
		s.t.Errorf("%s %q: %v", operation, data, err)
	}
	s.mu.Lock()
	s.requests = append(s.requests, got)
	answers := s.answers[operation]
	if len(answers) > 1 {
		s.answers[operation] = answers[1:]
	}
	s.mu.Unlock()
	if len(answers) == 0 {
		s.t.Errorf("nobody expects %s", operation)
		answers = []reply{failing(400, "UnknownOperationException")}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(answers[0].status)
	_, _ = io.WriteString(w, answers[0].body)
}

// Do answers a call without a network: it implements aws.HTTPClient.
func (s *service) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// asked lists the requests of an operation so far.
func (s *service) asked(operation string) (bodies []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if r.operation == operation {
			bodies = append(bodies, r.body)
		}
	}
	return bodies
}

// client makes one attempt a call, so that a test sees each.
func (s *service) client() *kinesis.Client { return clientOf(s.url) }

func clientOf(url string) *kinesis.Client {
	return kinesis.New(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
	}, "trips")
}

// notes keeps what a client says, one a line.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

// String is all of it.
func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.lines, "\n")
}

func iterator(name string) reply { return ok(`{"ShardIterator":"` + name + `"}`) }

// page is an answer with records of these sequence numbers; next is "" at the shard's end.
func page(next, behind string, sequences ...string) reply {
	var list []string
	for _, s := range sequences {
		list = append(list, `{"SequenceNumber":"`+s+`","ApproximateArrivalTimestamp":1451997000.123,"Data":"aGVsbG8=","PartitionKey":"k"}`)
	}
	body := `{"MillisBehindLatest":` + behind + `,"Records":[` + strings.Join(list, ",") + `]`
	if next != "" {
		body += `,"NextShardIterator":"` + next + `"`
	}
	return ok(body + `}`)
}

// next reads one batch or fails the test.
func next(t *testing.T, r *kinesis.Reader) kinesis.Batch {
	t.Helper()
	b, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantLine fails unless err is one line that holds all parts.
func wantLine(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v, want one line", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got %v, want it to say %q", err, part)
		}
	}
}
