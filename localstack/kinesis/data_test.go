package kinesis_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

// kept is a server over a data folder, with a client of stream s.
func kept(t *testing.T, o kinesis.Options) (*target, *kinesis.Server) {
	t.Helper()
	s := mustServer(t, o)
	return &target{Client: newClient(start(t, s)), t: t, stream: "s"}, s
}

// copied is what a process that is killed now leaves of a folder: everything is written
// before it is answered.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// state is all that clients can see of stream s, as JSON.
func (tg *target) state() string {
	tg.t.Helper()
	summary, err := tg.DescribeStreamSummary(tg.t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
	must(tg.t, err)
	tags, err := tg.ListTagsForStream(tg.t.Context(), &sdk.ListTagsForStreamInput{StreamName: &tg.stream})
	must(tg.t, err)
	consumers, err := tg.ListStreamConsumers(tg.t.Context(), &sdk.ListStreamConsumersInput{StreamARN: summary.StreamDescriptionSummary.StreamARN})
	must(tg.t, err)
	shards := tg.shards(nil)
	seen := []any{summary.StreamDescriptionSummary, tags.Tags, consumers.Consumers, shards}
	for _, sh := range shards {
		records, last := tg.read(tg.iterator(*sh.ShardId, types.ShardIteratorTypeTrimHorizon), 7)
		seen = append(seen, records, last.ChildShards)
	}
	text, err := json.Marshal(seen)
	must(tg.t, err)
	return string(text)
}

// Ensure that everything of a stream is there after the process was killed at any moment,
// and after an orderly end; that its iterators go on, and its sequence numbers grow.
func TestData_Restart(t *testing.T) {
	dir := t.TempDir()
	clock := newClock()
	o := kinesis.Options{Data: dir, Clock: clock.time, MemoryLimit: 64 << 10}
	tg, s := kept(t, o)
	must(t, s.CreateStream("gone", 1))
	must(t, s.CreateStream("s", 2))
	ctx := t.Context()
	steps := []func() error{
		func() error { fill(t, tg, 0, 50); return nil },
		func() error {
			_, err := tg.SplitShard(ctx, &sdk.SplitShardInput{StreamName: &tg.stream, ShardToSplit: aws.String(shardName(0)), NewStartingHashKey: aws.String("77")})
			return err
		},
		func() error { clock.advance(time.Hour); fill(t, tg, 50, 150); return nil },
		func() error {
			_, err := tg.MergeShards(ctx, &sdk.MergeShardsInput{StreamName: &tg.stream, ShardToMerge: aws.String(shardName(3)), AdjacentShardToMerge: aws.String(shardName(1))})
			return err
		},
		func() error {
			_, err := tg.AddTagsToStream(ctx, &sdk.AddTagsToStreamInput{StreamName: &tg.stream, Tags: map[string]string{"a": "b"}})
			return err
		},
		func() error {
			_, err := tg.IncreaseStreamRetentionPeriod(ctx, &sdk.IncreaseStreamRetentionPeriodInput{StreamName: &tg.stream, RetentionPeriodHours: aws.Int32(48)})
			return err
		},
		func() error {
			_, err := tg.DeleteStream(ctx, &sdk.DeleteStreamInput{StreamName: aws.String("gone")})
			return err
		},
		func() error { tg.register("c"); return nil },
		func() error { fill(t, tg, 200, 100); return nil },
	}
	for i, step := range steps {
		must(t, step())
		want := tg.state()
		iterator := tg.iterator(shardName(1), types.ShardIteratorTypeLatest)
		o.Data = copied(t, dir)
		again, other := kept(t, o)
		if got := again.state(); got != want {
			t.Fatalf("step %d: killed and started again:\n%s\nbefore:\n%s", i, got, want)
		}
		_, err := again.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: &iterator})
		must(t, err)
		last := tg.put("k", "x").SequenceNumber
		if next := again.put("k", "x").SequenceNumber; *next < *last {
			t.Errorf("step %d: the sequence number %s after %s", i, *next, *last)
		}
		must(t, other.Close())
	}
	want := tg.state()
	must(t, s.Close())
	o.Data = dir
	again, other := kept(t, o)
	if got := again.state(); got != want {
		t.Errorf("closed and started again:\n%s\nbefore:\n%s", got, want)
	}
	must(t, other.CreateStream("third", 1))
	names, err := again.ListStreams(ctx, &sdk.ListStreamsInput{})
	must(t, err)
	equal(t, "streams", strings.Join(names.StreamNames, " "), "s third")
}

// Ensure that a last write that was cut off at any byte is taken back, and told of, that
// all before it is there, and that the shard goes on.
func TestData_TornTail(t *testing.T) {
	dir := t.TempDir()
	tg, s := kept(t, kinesis.Options{Data: dir})
	must(t, s.CreateStream("s", 1))
	sizes := func() (records, index int64) {
		for ending, size := range map[string]*int64{"records": &records, "index": &index} {
			info, err := os.Stat(filepath.Join(dir, "1", "0-000001."+ending))
			must(t, err)
			*size = info.Size()
		}
		return records, index
	}
	fill(t, tg, 0, 5)
	records, index := sizes()
	tg.put("k", "torn")
	tornRecords, tornIndex := sizes()
	try := func(recordsLength, indexLength int64, change func(dir string)) {
		t.Helper()
		notes := 0
		at := copied(t, dir)
		must(t, os.Truncate(filepath.Join(at, "1", "0-000001.records"), recordsLength))
		must(t, os.Truncate(filepath.Join(at, "1", "0-000001.index"), indexLength))
		change(at)
		again, other := kept(t, kinesis.Options{Data: at, Notify: func(string) { notes++ }})
		wantAll(t, again, 5, 100)
		equal(t, "notes", notes, 1)
		fill(t, again, 5, 5)
		must(t, other.Close())
		again, _ = kept(t, kinesis.Options{Data: at, Notify: func(text string) { t.Errorf("told again: %s", text) }})
		wantAll(t, again, 10, 100)
	}
	nothing := func(string) {}
	for n := records + 1; n <= tornRecords; n += 13 {
		try(n, index, nothing)
	}
	for n := index + 1; n < tornIndex; n += 3 {
		try(tornRecords, n, nothing)
	}
	try(tornRecords-1, tornIndex, nothing) // a loss of power: the entry was written, its record was not
	try(tornRecords, tornIndex, func(dir string) {
		f, err := os.OpenFile(filepath.Join(dir, "1", "0-000001.records"), os.O_RDWR, 0)
		must(t, err)
		_, err = f.WriteAt(make([]byte, tornRecords-records), records)
		must(t, err)
		must(t, f.Close())
	})
}

// large puts n records of 1 MiB into stream s's only shard.
func large(t *testing.T, s *kinesis.Server, n int) {
	t.Helper()
	for range n {
		if _, code := raw(s, "PutRecords", `{"StreamName":"s","Records":[`+rawRecord(1<<20-1)+`]}`); code != "" {
			t.Fatal(code)
		}
	}
}

// Ensure that files of records whose retention is over go, also at the start, that the
// shard's sequence numbers go on nevertheless, and that nothing is left of a deleted stream.
func TestData_Trim(t *testing.T) {
	dir := t.TempDir()
	clock := newClock()
	o := kinesis.Options{Data: dir, Clock: clock.time, TrimByAge: true}
	tg, s := kept(t, o)
	must(t, s.CreateStream("s", 1))
	files := func() int {
		found, err := filepath.Glob(filepath.Join(dir, "1", "0-*"))
		must(t, err)
		return len(found)
	}
	large(t, s, 26) // 1.4 MB each in base64, 12 in a file
	equal(t, "files", files(), 6)
	full := s.Stats().DiskBytes
	if full < 30<<20 {
		t.Errorf("%d bytes on disk are counted", full)
	}
	clock.advance(25 * time.Hour)
	first := tg.put("k", "x").SequenceNumber
	equal(t, "files after the retention", files(), 2)
	if disk := s.Stats().DiskBytes; disk > full/2 {
		t.Errorf("%d bytes on disk are counted after the trim", disk)
	}
	must(t, s.Close())
	clock.advance(25 * time.Hour)
	tg, s = kept(t, o)
	equal(t, "trimmed at the start", s.Stats().Trimmed, 3)
	records, _ := tg.read(tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon), 10)
	equal(t, "records", len(records), 0)
	if next := tg.put("k", "x").SequenceNumber; *next <= *first {
		t.Errorf("the sequence number %s after %s", *next, *first)
	}
	_, err := tg.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: &tg.stream})
	must(t, err)
	_, err = os.Stat(filepath.Join(dir, "1"))
	if !os.IsNotExist(err) {
		t.Errorf("the folder of a deleted stream: %v", err)
	}
	equal(t, "bytes on disk", s.Stats().DiskBytes, 0)
}

// Ensure that what cannot be read back is named, with what to do, and is not started over.
func TestData_Damaged(t *testing.T) {
	dir := t.TempDir()
	_, s := kept(t, kinesis.Options{Data: dir})
	must(t, s.CreateStream("s", 1))
	large(t, s, 14)
	must(t, s.Close())
	for name, c := range map[string]struct {
		damage func(dir string) error
		want   string
	}{
		"Cut": {func(dir string) error { return os.Truncate(filepath.Join(dir, "1", "0-000001.records"), 10) }, "0-000001.index is damaged behind entry 0"},
		"Header": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "1", "0-000002.index"), make([]byte, 56), 0o644)
		}, "header is damaged"},
		"Stream": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "1", "stream.json"), []byte("{"), 0o644)
		}, "stream.json is damaged"},
		"Version": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "server.json"), []byte(`{"version":2}`), 0o644)
		}, "has version 2"},
	} {
		t.Run(name, func(t *testing.T) {
			at := copied(t, dir)
			must(t, c.damage(at))
			_, err := kinesis.New(kinesis.Options{Data: at})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
	// Halves of what was being made or removed when the process ended are removed.
	must(t, os.Remove(filepath.Join(dir, "1", "0-000002.index")))
	must(t, os.Mkdir(filepath.Join(dir, "7"), 0o755))
	_, s = kept(t, kinesis.Options{Data: dir})
	for _, gone := range []string{"7", "1/0-000002.records"} {
		if _, err := os.Stat(filepath.Join(dir, gone)); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", gone, err)
		}
	}
	large(t, s, 1)
}

// Ensure that records that cannot be written are refused one by one, are not seen, and
// take nothing that was stored with them; and that puts go on once they can be written.
func TestData_Unwritable(t *testing.T) {
	for _, before := range []int{0, 3} {
		t.Run(fmt.Sprint(before), func(t *testing.T) {
			dir := t.TempDir()
			tg, s := kept(t, kinesis.Options{Data: dir})
			must(t, s.CreateStream("s", 1))
			fill(t, tg, 0, before)
			restore := s.BreakFiles(t, "s")
			out, err := tg.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: &tg.stream, Records: []types.PutRecordsRequestEntry{
				{PartitionKey: aws.String("k"), Data: []byte("one")}, {PartitionKey: aws.String("k"), Data: []byte("two")},
			}}, once)
			must(t, err)
			if *out.FailedRecordCount != 2 || aws.ToString(out.Records[0].ErrorCode) != "InternalFailure" {
				t.Errorf("answered %+v", out)
			}
			wantAll(t, tg, before, 10)
			restore()
			fill(t, tg, before, 4)
			wantAll(t, tg, before+4, 10)
			must(t, s.Close())
			tg, _ = kept(t, kinesis.Options{Data: dir})
			wantAll(t, tg, before+4, 10)
		})
	}
}

// Ensure that a write that fails in the middle, wherever in a pair of files it falls, leaves nothing behind: the
// put is refused, what comes later is kept, and all that was answered, and nothing else, is there after a restart.
func TestData_FailedWrite(t *testing.T) {
	record := strings.Repeat("x", 60_000)
	put := func(s *kinesis.Server) string {
		_, code := raw(s, "PutRecord", fmt.Sprintf(`{"StreamName":"s","PartitionKey":"p","Data":"%s"}`, base64.StdEncoding.EncodeToString([]byte(record))))
		return code
	}
	for fails := 207; fails < 214; fails++ { // around the 16 MiB of a pair
		dir := t.TempDir()
		target, s := kept(t, kinesis.Options{Data: dir})
		must(t, s.CreateStream("s", 1))
		for i := range fails + 3 {
			if i == fails {
				mend := s.BreakFiles(t, "s")
				if code := put(s); code != "InternalFailure" {
					t.Errorf("a put that cannot be written: %q", code)
				}
				mend()
			}
			if code := put(s); code != "" {
				t.Fatalf("put %d: %s", i, code)
			}
		}
		before := target.state()
		killed, again := copied(t, dir), dir
		must(t, s.Close())
		for _, data := range []string{killed, again} {
			after, _ := kept(t, kinesis.Options{Data: data})
			if got := after.state(); got != before {
				t.Errorf("after a write that failed behind %d records: %d bytes of state, want %d", fails, len(got), len(before))
			}
		}
	}
}
