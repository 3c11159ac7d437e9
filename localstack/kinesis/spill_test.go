package kinesis_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

// payload is record i's data: from empty to some kilobytes.
func payload(i int) []byte {
	sum := sha256.Sum256([]byte(fmt.Sprint(i)))
	return []byte(strings.Repeat(fmt.Sprintf("%d:%x ", i, sum), int(sum[0])/4))
}

func fill(t *testing.T, tg *target, from, n int) {
	t.Helper()
	for n > 0 {
		batch := min(n, 100)
		in := &sdk.PutRecordsInput{StreamName: &tg.stream}
		for i := from; i < from+batch; i++ {
			in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String(fmt.Sprint(i)), Data: payload(i)})
		}
		_, err := tg.PutRecords(t.Context(), in)
		must(t, err)
		from, n = from+batch, n-batch
	}
}

// wantAll fails unless the shards hold each of n records once, in order within its shard.
func wantAll(t *testing.T, tg *target, n int, limit int32) {
	t.Helper()
	seen := make([]bool, n)
	for _, sh := range tg.shards(nil) {
		records, _ := tg.read(tg.iterator(*sh.ShardId, types.ShardIteratorTypeTrimHorizon), limit)
		last := -1
		for _, r := range records {
			var i int
			_, err := fmt.Sscan(*r.PartitionKey, &i)
			must(t, err)
			if i <= last || seen[i] || string(r.Data) != string(payload(i)) {
				t.Fatalf("record %d after %d in %s: out of order, twice or not what was put", i, last, *sh.ShardId)
			}
			seen[i], last = true, i
		}
	}
	for i, got := range seen {
		if !got {
			t.Fatalf("record %d is lost", i)
		}
	}
}

// Ensure that records beyond the memory limit go to files and come back
// unchanged from any place, and that nothing is left after Close.
func TestSpill(t *testing.T) {
	dir := t.TempDir()
	s := mustServer(t, kinesis.Options{MemoryLimit: 256 << 10, Dir: dir})
	must(t, s.CreateStream("s", 4))
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	const n = 600
	fill(t, tg, 0, n)
	stats := s.Stats()
	if stats.DiskBytes < 600<<10 || stats.MemoryBytes > stats.MemoryLimit+1<<20 {
		t.Fatalf("memory %d of %d, disk %d", stats.MemoryBytes, stats.MemoryLimit, stats.DiskBytes)
	}
	for _, limit := range []int32{10000, 37, 5} {
		wantAll(t, tg, n, limit)
	}
	records, _ := tg.read(tg.iterator(shardName(2), types.ShardIteratorTypeTrimHorizon), 10000)
	for i := 0; i < len(records); i += 29 {
		from := tg.iterator(shardName(2), types.ShardIteratorTypeAtSequenceNumber, func(in *sdk.GetShardIteratorInput) { in.StartingSequenceNumber = records[i].SequenceNumber })
		out, err := tg.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: &from, Limit: aws.Int32(1)})
		must(t, err)
		equal(t, "record at its sequence number", *out.Records[0].SequenceNumber, *records[i].SequenceNumber)
	}
	must(t, s.Close())
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	equal(t, "files left", len(left), 0)
}

// Ensure that a deleted stream gives memory and disk back to the next.
func TestSpill_DeleteFrees(t *testing.T) {
	s := mustServer(t, kinesis.Options{MemoryLimit: 64 << 10, DiskLimit: 1 << 20})
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	for range 3 {
		must(t, s.CreateStream("s", 2))
		fill(t, tg, 0, 200)
		if s.Stats().DiskBytes < 200<<10 {
			t.Fatalf("only %d bytes on disk: the test tests nothing", s.Stats().DiskBytes)
		}
		_, err := tg.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: &tg.stream})
		must(t, err)
		equal(t, "memory", s.Stats().MemoryBytes, 0)
	}
	equal(t, "trimmed", s.Stats().Trimmed, 600)
}

// Ensure that a full disk refuses puts with a clear error, loses nothing that
// was accepted and is counted.
func TestSpill_DiskLimit(t *testing.T) {
	s := mustServer(t, kinesis.Options{MemoryLimit: 32 << 10, DiskLimit: 64 << 10})
	must(t, s.CreateStream("s", 1))
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	var accepted int
	var err error
	for ; accepted < 1000; accepted++ {
		_, err = tg.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: &tg.stream, PartitionKey: aws.String(fmt.Sprint(accepted)), Data: payload(accepted)}, once)
		if err != nil {
			break
		}
	}
	wantCode(t, "full", err, "LimitExceededException")
	if !strings.Contains(err.Error(), "raise its memory or disk limit") {
		t.Errorf("the error does not help: %v", err)
	}
	equal(t, "refused", s.Stats().Refused, 1)
	wantAll(t, tg, accepted, 100)
}

// Ensure that a folder that takes no files refuses puts once memory is full.
func TestSpill_NoFolder(t *testing.T) {
	s := mustServer(t, kinesis.Options{MemoryLimit: 16 << 10, Dir: filepath.Join(t.TempDir(), "absent")})
	must(t, s.CreateStream("s", 1))
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	var err error
	for i := 0; i < 100 && err == nil; i++ {
		_, err = tg.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: &tg.stream, PartitionKey: aws.String("k"), Data: make([]byte, 4000)}, once)
	}
	wantCode(t, "no folder", err, "InternalFailure")
	if _, statErr := os.Stat("absent"); statErr == nil {
		t.Error("a folder was made")
	}
}
