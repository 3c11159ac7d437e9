package store_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"taxistream/engine/checkpoint"
	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	embedded "taxistream/localstack/s3"
	"taxistream/processor/store"
)

// place is a prefix of its own in a bucket of S3_ENDPOINT where that is set (the
// integration suite does), else of the server in memory.
func place(t *testing.T) (*s3.Client, s3.Location) {
	t.Helper()
	endpoint, real := os.Getenv("S3_ENDPOINT"), true
	if endpoint == "" {
		real = false
		server := &embedded.Server{}
		server.CreateBucket("checkpoints")
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
	if real {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
			_, err := c.API.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: aws.String("checkpoints")})
			if err == nil || strings.Contains(err.Error(), "BucketAlready") {
				break
			}
			if !s3.Transient(err) || time.Now().After(deadline) { // LocalStack may still load its S3
				t.Fatal(err)
			}
		}
	}
	return c, s3.Location{Bucket: "checkpoints", Prefix: fmt.Sprintf("%s-%d", strings.ToLower(t.Name()), os.Getpid())}
}

func quick(holder string) store.Options {
	return store.Options{Holder: holder, Clock: time.Now, Lease: 1500 * time.Millisecond}
}

// big is a checkpoint of a megabyte, and its states.
func big(id int64) (*checkpoint.Checkpoint, map[string][]checkpoint.Entry) {
	group := make([]byte, 1<<20)
	for i := range group {
		group[i] = byte(int64(i) * id)
	}
	c := &checkpoint.Checkpoint{
		ID: id, Job: "taxi", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), MaxParallelism: 128, Parallelism: 1,
	}
	return c, map[string][]checkpoint.Entry{
		"distinct": {{State: checkpoint.State{Name: "pairs", Layout: 2, Key: 1}, Group: 1, Data: group}},
		"source":   {{State: checkpoint.State{Name: "splits", Layout: 1}, Group: -1, Data: []byte{1}}},
	}
}

// Ensure the promises that rest on the service itself: objects come back as they
// were put, and the conditional writes leave the place to one of many.
func TestService(t *testing.T) {
	client, at := place(t)
	for round := range int64(3) {
		winner := race(t, client, at)
		for id := range int64(4) {
			c, states := big(10*round + id + 1)
			if _, err := checkpoint.Save(t.Context(), winner, c, states); err != nil {
				t.Fatal(err)
			}
		}
		got, damaged, err := winner.Latest(t.Context())
		if err != nil || damaged != nil || got.ID != 10*round+4 {
			t.Fatalf("round %d: %+v, %v, %v", round, got, damaged, err)
		}
		_, want := big(got.ID)
		if states, err := checkpoint.Load(got); err != nil || !reflect.DeepEqual(states, want) {
			t.Errorf("round %d: the states are not what was written: %v", round, err)
		}
		if err := winner.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	if err := client.List(t.Context(), s3.Location{Bucket: at.Bucket, Prefix: at.Prefix + "/"}, func(o s3.Object) error { keys = append(keys, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(keys) != 10 { // three checkpoints of three objects, and the lease
		t.Errorf("%d objects are left: %q", len(keys), keys)
	}
}

// race opens many stores at once; all but the one returned are refused.
func race(t *testing.T, client *s3.Client, at s3.Location) (winner *store.Store) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			s, err := store.Open(t.Context(), client, at, quick(fmt.Sprint("racer ", i)))
			mu.Lock()
			defer mu.Unlock()
			var locked *store.LockedError
			switch {
			case err == nil && winner != nil:
				t.Error("two stores are open")
				_ = s.Close()
			case err == nil:
				winner = s
			case !errors.As(err, &locked) || !strings.HasPrefix(locked.Holder, "racer "):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if winner == nil {
		t.Fatal("no store is open")
	}
	return winner
}
