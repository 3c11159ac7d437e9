//go:build clients

package clients

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	localtest.RemovePrograms()
	os.Exit(code)
}

const (
	stream = "taxi-trip-events"
	// trips are written, in about ten seconds.
	trips   = 24_000
	speedup = "7200"
)

// source writes a file of trips, one every three seconds, of which each has its own id.
func source(t *testing.T) string {
	t.Helper()
	var lines []byte
	at := time.Date(2016, 1, 5, 0, 0, 0, 0, time.UTC).UnixMilli()
	for id := int64(1); id <= trips; id++ {
		at += 3000
		lines = trip.AppendTrip(lines, &trip.Trip{
			ID: id, Pickup: at - 600_000, Dropoff: at, PickupLat: 40.75, PickupLon: -73.98, DropoffLat: 40.65, DropoffLon: -73.79,
		})
	}
	file := filepath.Join(t.TempDir(), "trips.ndjson")
	if err := os.WriteFile(file, lines, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// server is the stream that every client reads.
type server struct {
	t      *testing.T
	url    string
	client *kinesis.Client
}

// read gives the trips by the shard that they are in, read by the project's own client.
func (s *server) read() map[string][]int64 {
	s.t.Helper()
	shards, err := s.client.Shards(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	found := map[string][]int64{}
	for _, shard := range shards {
		r := s.client.NewReader(shard.ID, kinesis.Position{Kind: types.ShardIteratorTypeTrimHorizon}, kinesis.ReaderOptions{})
		for {
			b, err := r.Next(s.t.Context())
			if err != nil {
				s.t.Fatal(err)
			}
			kinesis.Deaggregate(b.Records, func(_ int, users [][]byte, err error) {
				for _, data := range users {
					var event trip.Event
					if err == nil {
						err = trip.Decode(data, &event)
					}
					if err == nil && event.Kind == trip.KindTrip {
						found[shard.ID] = append(found[shard.ID], event.Trip.ID)
					}
				}
				if err != nil {
					s.t.Fatal(err)
				}
			})
			if b.End || b.AtTip {
				break
			}
		}
	}
	return found
}

// written starts a stream of two shards and writes the trips, the first third before a
// split, the second before a merge.
func written(t *testing.T) *server {
	t.Helper()
	s := &server{t: t}
	s.url, _ = localtest.Serving(t, "-shards", "2")
	s.client = kinesis.New(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: &s.url,
	}, stream)
	producer := localtest.Start(t, "producer", "-endpoint", s.url, "-source", source(t), "-speedup", speedup)
	until := func(share float64) {
		t.Helper()
		localtest.WaitFor(t, "trips are on the stream", func() bool {
			n := 0
			for _, ids := range s.read() {
				n += len(ids)
			}
			return float64(n) >= share*trips
		})
	}
	until(0.3)
	_, err := s.client.API.SplitShard(t.Context(), &sdk.SplitShardInput{
		StreamName: aws.String(stream), ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("85070591730234615865843651857942052864"),
	})
	if err != nil {
		t.Fatal(err)
	}
	until(0.6)
	_, err = s.client.API.MergeShards(t.Context(), &sdk.MergeShardsInput{
		StreamName: aws.String(stream), ShardToMerge: aws.String("shardId-000000000003"), AdjacentShardToMerge: aws.String("shardId-000000000001"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if code := producer.WaitExit(2 * time.Minute); code != 0 {
		t.Fatalf("producer: status %d: %s", code, producer.Errors())
	}
	return s
}

// tool is a file below bin/clients, which make clients fills.
func tool(parts ...string) string {
	return filepath.Join(append([]string{"..", "..", "bin", "clients"}, parts...)...)
}

// moto starts what KCL keeps its leases and metrics in and returns its address.
func moto(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := exec.Command(tool("venv", "bin", "moto_server"), "-p", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url := "http://127.0.0.1:" + port
	localtest.WaitFor(t, "moto answers", func() bool {
		answer, err := http.Get(url + "/moto-api/")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return url
}

// result is what one client made of the stream.
type result struct{ read, lost, twice int }

// run runs a client, which prints the ids of the trips that it read.
func run(t *testing.T, want map[int64]bool, cmd *exec.Cmd) (r result) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true", "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=python")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	missing := maps.Clone(want)
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		id, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil || !want[id] {
			t.Fatalf("it printed %q", lines.Text())
		}
		r.read++
		if !missing[id] {
			r.twice++
		}
		delete(missing, id)
	}
	r.lost = len(missing)
	if r.lost > 0 || r.twice > 0 {
		t.Errorf("%d trips are lost, %d were read twice\n%s", r.lost, r.twice, last(stderr.String(), 20))
	}
	return r
}

func last(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Ensure every client gets each trip that the producer wrote over a split and a merge, once.
func TestClients(t *testing.T) {
	s := written(t)
	want := map[int64]bool{}
	found := s.read()
	for _, ids := range found {
		for _, id := range ids {
			want[id] = true
		}
	}
	// The shard that was split, the one between split and merge, the merged one.
	before, between, after := len(found["shardId-000000000000"]), len(found["shardId-000000000003"]), len(found["shardId-000000000004"])
	if len(want) < 20_000 || before == 0 || between == 0 || after == 0 {
		t.Fatalf("%d trips were written, in the split shard %d, between split and merge %d, in the merged shard %d", len(want), before, between, after)
	}
	aws := moto(t)
	java := func(mode string) *exec.Cmd {
		classes := tool("java", "clients.jar") + string(os.PathListSeparator) + tool("java", "lib", "*")
		return exec.Command("java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classes, "clients.Kcl", s.url, aws, stream, mode, strconv.Itoa(len(want)))
	}
	var mu sync.Mutex // of table
	table := fmt.Sprintf("%-22s %8s %8s %8s %11s\n", "client", "written", "read", "lost", "read twice")
	t.Cleanup(func() {
		t.Logf("trips before the split in its shard %d, between %d, after the merge %d\n%s", before, between, after, table)
	})
	for _, c := range []struct {
		name string
		cmd  *exec.Cmd
	}{
		{"boto3", exec.Command(tool("venv", "bin", "python"), filepath.Join("python", "read.py"), s.url, stream)},
		{"JavaScript SDK", exec.Command("node", tool("js", "read.mjs"), s.url, stream)},
		{"KCL 3, polling", java("polling")},
		{"KCL 3, fan-out", java("fan-out")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, want, c.cmd)
			mu.Lock()
			defer mu.Unlock()
			table += fmt.Sprintf("%-22s %8d %8d %8d %11d\n", c.name, len(want), r.read, r.lost, r.twice)
		})
	}
}
