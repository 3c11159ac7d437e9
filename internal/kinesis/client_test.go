package kinesis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis"
	"taxistream/internal/kinesis/wire"
)

func summary(status string) reply {
	return ok(`{"StreamDescriptionSummary":{"StreamName":"trips","StreamARN":"arn:aws:kinesis:us-east-1:1:stream/trips","StreamStatus":"` + status +
		`","StreamCreationTimestamp":1451997000.5,"OpenShardCount":1,"RetentionPeriodHours":24,"EnhancedMonitoring":[]}}`)
}

// Ensure a stream that is there is described, also one that is being changed.
func TestClient_WaitActive(t *testing.T) {
	for _, status := range []string{"ACTIVE", "UPDATING"} {
		s := newService(t, map[string][]reply{"DescribeStreamSummary": {summary(status)}})
		var said notes
		got, err := s.client().WaitActive(context.Background(), said.add)
		if err != nil || got.ARN != "arn:aws:kinesis:us-east-1:1:stream/trips" || got.Created.UnixMilli() != 1451997000500 || said.String() != "" {
			t.Errorf("%s: got %+v, %v, said %q", status, got, err, said.String())
		}
	}
}

// Ensure a stream in CREATING and a service that does not answer are waited for, said once each.
func TestClient_WaitActive_Waits(t *testing.T) {
	s := newService(t, map[string][]reply{"DescribeStreamSummary": {
		failing(500, "InternalFailure"), failing(400, "LimitExceededException"), summary("CREATING"), summary("CREATING"), summary("ACTIVE"),
	}})
	var said notes
	if _, err := s.client().WaitActive(context.Background(), said.add); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(said.String(), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "does not answer") || lines[1] != "stream trips is being created; waiting" {
		t.Errorf("said %q", lines)
	}
}

// Ensure what no waiting mends is one line at once.
func TestClient_WaitActive_Fails(t *testing.T) {
	for name, c := range map[string]struct {
		answer reply
		want   []string
	}{
		"NoStream": {failing(400, "ResourceNotFoundException"), []string{"stream trips does not exist", "`aws kinesis create-stream --stream-name trips --shard-count 8`", "go run ./localstack serve -stream trips"}},
		"Deleting": {summary("DELETING"), []string{"stream trips is being deleted"}},
		"NoRights": {failing(400, "AccessDeniedException"), []string{"stream trips", "said the service"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, map[string][]reply{"DescribeStreamSummary": {c.answer}})
			_, err := s.client().WaitActive(context.Background(), func(string) {})
			wantLine(t, err, c.want...)
		})
	}
}

// Ensure waiting for a service that is not there ends with the context.
func TestClient_WaitActive_Cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := clientOf(nowhere(t)).WaitActive(ctx, func(line string) {
		if !strings.Contains(line, " does not answer: dial tcp ") {
			t.Errorf("said %q", line)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// nowhere is an address that nobody serves.
func nowhere(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// Ensure entries are put as they are and each gets its own answer, in order.
func TestClient_PutEntries(t *testing.T) {
	s := newService(t, map[string][]reply{"PutRecords": {ok(`{"FailedRecordCount":1,"Records":[` +
		`{"ShardId":"shard-1","SequenceNumber":"11"},{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"slow"}]}`)}})
	got, err := s.client().PutEntries(context.Background(), []kinesis.Entry{{Data: []byte("hello"), PartitionKey: "k"}, {Data: []byte("x"), PartitionKey: "l", HashKey: "17"}})
	want := []kinesis.EntryResult{{Shard: "shard-1"}, {Code: "ProvisionedThroughputExceededException", Message: "slow"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	entries := []any{map[string]any{"Data": "aGVsbG8=", "PartitionKey": "k"}, map[string]any{"Data": "eA==", "PartitionKey": "l", "ExplicitHashKey": "17"}}
	if asked := s.asked("PutRecords")[0]; asked["StreamName"] != "trips" || !reflect.DeepEqual(asked["Records"], entries) {
		t.Errorf("asked for %v, want %v", asked, entries)
	}
}

// Ensure many calls go over few connections: the SDK's own way makes a dial for
// every third call to a fast server, and loses answers by it.
func TestClient_KeepsItsConnections(t *testing.T) {
	for name, stock := range map[string]string{"Fast": "", "Stock": "1"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(wire.Switch, stock)
			keepsItsConnections(t)
		})
	}
}

func keepsItsConnections(t *testing.T) {
	t.Helper()
	var dials atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Answered before the body is read to its end, as fast servers do.
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutRecords") {
			fmt.Fprint(w, `{"FailedRecordCount":0,"Records":[{"ShardId":"s","SequenceNumber":"1"}]}`)
			return
		}
		fmt.Fprint(w, `{"ShardIterator":"i","NextShardIterator":"i","MillisBehindLatest":9,"Records":[]}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dials.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	client := kinesis.New(cfg, "trips")
	reader := client.NewReader("shard-1", fromStart, kinesis.ReaderOptions{TipPause: time.Nanosecond})
	data := bytes.Repeat([]byte("x"), 2000)
	for range 300 {
		if _, err := client.PutEntries(context.Background(), []kinesis.Entry{{Data: data, PartitionKey: "k"}}); err != nil {
			t.Fatal(err)
		}
		next(t, reader)
	}
	if n := dials.Load(); n > 2 {
		t.Errorf("601 calls made %d dials, want 1 or 2", n)
	}
	if reader.Counters.Retried != 0 {
		t.Errorf("%d calls were tried again", reader.Counters.Retried)
	}
}
