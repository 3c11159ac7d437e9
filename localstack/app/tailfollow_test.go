package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/localstack/app"
	"taxistream/localstack/localtest"
)

// following is tail -follow at work.
type following struct {
	t      *testing.T
	out    localtest.LockedBuffer
	errs   localtest.LockedBuffer
	ctrlC  context.CancelFunc
	status chan int
}

func (s *tailStream) follow(args ...string) *following {
	ctx, cancel := context.WithCancel(s.t.Context())
	f := &following{t: s.t, ctrlC: cancel, status: make(chan int, 1)}
	go func() { f.status <- app.Main(ctx, s.args(append([]string{"-follow"}, args...)...), &f.out, &f.errs) }()
	return f
}

// shows waits for a line with all of the words.
func (f *following) shows(words ...string) {
	f.t.Helper()
	waitFor(f.t, fmt.Sprintf("a line with %q", words), func() bool { return f.count(words...) > 0 })
}

// count counts the lines with all of the words.
func (f *following) count(words ...string) (n int) {
	for line := range strings.Lines(f.out.String()) {
		has := true
		for _, word := range words {
			has = has && strings.Contains(line, word)
		}
		if has {
			n++
		}
	}
	return n
}

// end ends it as Ctrl-C does.
func (f *following) end() {
	f.t.Helper()
	f.ctrlC()
	if status := <-f.status; status != 0 || f.errs.String() != "" {
		f.t.Errorf("status %d, %s", status, f.errs.String())
	}
}

func tripOf(id int) string { return strings.Replace(aTrip, "4711", fmt.Sprint(id), 1) }

func word(id int) string { return fmt.Sprintf("id %d  ", id) }

// Ensure tail -follow shows what comes meanwhile, goes on in the shards of a split and a
// merge, shows each event once, and ends in good order.
func TestTail_Follow(t *testing.T) {
	s := newTailStream(t)
	s.put(0, tripOf(1))
	f := s.follow()
	f.shows("shardId-000000000000", word(1))
	s.put(1, tripOf(2))
	f.shows("shardId-000000000001", word(2))

	if _, err := s.c.API.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: aws.String("s"), ShardToSplit: &s.shards[0].ID, NewStartingHashKey: aws.String("7")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.c.WaitActive(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	s.put(0, tripOf(3))
	f.shows("shardId-000000000002", word(3))
	merge := &sdk.MergeShardsInput{StreamName: aws.String("s"), ShardToMerge: aws.String("shardId-000000000002"), AdjacentShardToMerge: aws.String("shardId-000000000003")}
	if _, err := s.c.API.MergeShards(t.Context(), merge); err != nil {
		t.Fatal(err)
	}
	if _, err := s.c.WaitActive(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	s.put(0, tripOf(4))
	f.shows("shardId-000000000004", word(4))
	s.put(1, tripOf(5)) // the other shard is followed still
	f.shows("shardId-000000000001", word(5))
	f.end()
	for id := 1; id <= 5; id++ {
		if n := f.count(word(id)); n != 1 {
			t.Errorf("trip %d was shown %d times:\n%s", id, n, f.out.String())
		}
	}
}

// Ensure tail -follow from LATEST leaves out what was there, and writes each event at
// once as a line of JSON.
func TestTail_FollowLatest(t *testing.T) {
	s := newTailStream(t)
	s.put(0, tripOf(1))
	f := s.follow("-position", "LATEST", "-json", "-shard", "0")
	next := 2
	waitFor(t, "an event that came meanwhile", func() bool { // it begins at its first call, which may be a while off
		s.put(0, tripOf(next))
		next++
		return f.count(`"trip_id":`) > 0
	})
	f.end()
	if f.count(`"trip_id":1,`) != 0 {
		t.Errorf("shown, though it was there before:\n%s", f.out.String())
	}
	for line := range strings.Lines(f.out.String()) {
		if !strings.HasPrefix(line, `{"shard":"shardId-000000000000"`) || !strings.HasSuffix(line, "}\n") {
			t.Errorf("no line of JSON: %s", line)
		}
	}
}

// Ensure tail -follow -n ends by itself once each shard has shown so many, and leaves
// the children of a shard that was asked for alone.
func TestTail_FollowSome(t *testing.T) {
	s := newTailStream(t)
	f := s.follow("-n", "2")
	for id := 1; id <= 3; id++ {
		s.put(0, tripOf(id))
		s.put(1, tripOf(10*id))
	}
	if status := <-f.status; status != 0 || f.count("id ") != 4 || f.count(word(3)) != 0 {
		t.Errorf("status %d, %s\n%s", status, f.errs.String(), f.out.String())
	}

	only := s.follow("-shard", "0")
	only.shows(word(3))
	if _, err := s.c.API.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: aws.String("s"), ShardToSplit: &s.shards[0].ID, NewStartingHashKey: aws.String("7")}); err != nil {
		t.Fatal(err)
	}
	if status := <-only.status; status != 0 || only.count("id ") != 3 {
		t.Errorf("at the end of the shard: status %d, %s\n%s", status, only.errs.String(), only.out.String())
	}
}

// Ensure tail -follow ends with an error that says why when the stream goes away.
func TestTail_FollowDeleted(t *testing.T) {
	s := newTailStream(t)
	s.put(0, tripOf(1))
	f := s.follow()
	f.shows(word(1))
	if _, err := s.c.API.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	if status := <-f.status; status != 1 || !strings.HasPrefix(f.errs.String(), "localstack tail: ") || strings.Count(f.errs.String(), "\n") != 1 {
		t.Errorf("status %d, %q", status, f.errs.String())
	}
}
