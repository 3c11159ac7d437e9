package kinesis_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

const middle = "170141183460469231731687303715884105728" // 2^127

// Ensure that a split ends the parent, names the children at its end, and that
// the records before and after it lie on their sides of it.
func TestSplitShard(t *testing.T) {
	tg := newTarget(t, 1)
	before := *tg.put("a", "before").SequenceNumber
	_, err := tg.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: &tg.stream, ShardToSplit: aws.String(shardName(0)), NewStartingHashKey: aws.String(middle)})
	must(t, err)
	tg.waitActive()
	afterLow := tg.put("a", "low")   // md5 0cc1…
	afterHigh := tg.put("b", "high") // md5 92eb…
	equal(t, "low", *afterLow.ShardId, shardName(1))
	equal(t, "high", *afterHigh.ShardId, shardName(2))

	shards := tg.shards(nil)
	equal(t, "shards", ids(shards), "0 1 2")
	for _, child := range shards[1:] {
		equal(t, "parent", aws.ToString(child.ParentShardId), shardName(0))
		equal(t, "adjacent parent", aws.ToString(child.AdjacentParentShardId), "")
	}
	equal(t, "low ends", *shards[1].HashKeyRange.EndingHashKey, "170141183460469231731687303715884105727")
	equal(t, "high begins", *shards[2].HashKeyRange.StartingHashKey, middle)
	end := shards[0].SequenceNumberRange.EndingSequenceNumber
	if end == nil {
		t.Fatal("the parent has no ending sequence number")
	}
	if number(t, *end).Cmp(number(t, before)) < 0 || number(t, *end).Cmp(number(t, *afterLow.SequenceNumber)) >= 0 {
		t.Errorf("the parent ends at %s, not between %s and %s", *end, before, *afterLow.SequenceNumber)
	}

	records, last := tg.read(tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon), 10)
	equal(t, "parent", texts(records), "before")
	if last.NextShardIterator != nil {
		t.Error("the parent's end gives a next iterator")
	}
	equal(t, "children", len(last.ChildShards), 2)
	for i, child := range last.ChildShards {
		equal(t, "child", *child.ShardId, shardName(i+1))
		equal(t, "its parents", strings.Join(child.ParentShards, " "), shardName(0))
		equal(t, "its range", *child.HashKeyRange.EndingHashKey, *shards[i+1].HashKeyRange.EndingHashKey)
	}
	records, _ = tg.read(tg.iterator(shardName(2), types.ShardIteratorTypeTrimHorizon), 10)
	equal(t, "high child", texts(records), "high")
}

func (tg *target) waitActive() {
	tg.t.Helper()
	for {
		out, err := tg.DescribeStreamSummary(tg.t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
		must(tg.t, err)
		if out.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive {
			return
		}
	}
}

// Ensure that a merge has both parents, and that the shards must be named in
// the order of their keys.
func TestMergeShards(t *testing.T) {
	tg := newTarget(t, 2)
	tg.put("a", "low")
	tg.put("b", "high")
	merge := func(first, second int) error {
		_, err := tg.MergeShards(t.Context(), &sdk.MergeShardsInput{
			StreamName: &tg.stream, ShardToMerge: aws.String(shardName(first)), AdjacentShardToMerge: aws.String(shardName(second)),
		})
		return err
	}
	wantCode(t, "the other order", merge(1, 0), "InvalidArgumentException")
	must(t, merge(0, 1))
	tg.waitActive()
	equal(t, "both", *tg.put("a", "low2").ShardId+*tg.put("b", "high2").ShardId, shardName(2)+shardName(2))
	child := tg.shards(nil)[2]
	equal(t, "parent", *child.ParentShardId, shardName(0))
	equal(t, "adjacent parent", *child.AdjacentParentShardId, shardName(1))
	equal(t, "range", *child.HashKeyRange.StartingHashKey+" "+*child.HashKeyRange.EndingHashKey, "0 340282366920938463463374607431768211455")
	for i, want := range []string{"low", "high", "low2 high2"} {
		records, last := tg.read(tg.iterator(shardName(i), types.ShardIteratorTypeTrimHorizon), 10)
		equal(t, shardName(i), texts(records), want)
		if i < 2 {
			equal(t, "children", len(last.ChildShards), 1)
			equal(t, "its parents", strings.Join(last.ChildShards[0].ParentShards, " "), shardName(0)+" "+shardName(1))
		}
	}
}

// Ensure that any count becomes any other, that the open shards then divide the key
// space evenly but for a few keys, without gaps, and that a multiple or a divisor
// takes no more shards than the splits or merges that it needs.
func TestUpdateShardCount(t *testing.T) {
	s := mustServer(t, kinesis.Options{})
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	must(t, s.CreateStream("s", 4))
	current, total := 4, 4
	for _, c := range []struct{ n, fresh int }{{8, 8}, {8, 0}, {4, 4}, {6, 10}, {3, 3}, {6, 6}, {12, 12}, {3, 9}, {1, 2}, {5, 8}, {32, -1}, {7, -1}} {
		n := c.n
		out, err := tg.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{
			StreamName: &tg.stream, TargetShardCount: aws.Int32(int32(n)), ScalingType: types.ScalingTypeUniformScaling,
		})
		must(t, err)
		equal(t, "current", int(*out.CurrentShardCount), current)
		current = n
		if all := len(tg.shards(nil)); c.fresh >= 0 && all-total != c.fresh {
			t.Errorf("to %d: %d shards were made, want %d", n, all-total, c.fresh)
		}
		total = len(tg.shards(nil))
		open := tg.shards(&types.ShardFilter{Type: types.ShardFilterTypeAtLatest})
		equal(t, "open shards", len(open), n)
		fresh := mustServer(t, kinesis.Options{})
		must(t, fresh.CreateStream("s", n))
		want, err := fresh.Shards("s")
		must(t, err)
		key := func(text string) *big.Int {
			k, _ := new(big.Int).SetString(text, 10)
			return k
		}
		slices.SortFunc(open, func(a, b types.Shard) int {
			return key(*a.HashKeyRange.StartingHashKey).Cmp(key(*b.HashKeyRange.StartingHashKey))
		})
		next := big.NewInt(0)
		for i, sh := range open {
			got := key(*sh.HashKeyRange.StartingHashKey)
			if got.Cmp(next) != 0 || new(big.Int).Sub(got, key(want[i].StartingHashKey)).CmpAbs(big.NewInt(100)) > 0 {
				t.Errorf("of %d the shard %d begins at %v, want %s or nearly, and %v", n, i, got, want[i].StartingHashKey, next)
			}
			next = next.Add(key(*sh.HashKeyRange.EndingHashKey), big.NewInt(1))
		}
		if next.BitLen() != 129 {
			t.Errorf("of %d the last shard ends before %v", n, next)
		}
	}
}

// Ensure that each filter lists the shards that its name says, page by page.
func TestListShards_Filters(t *testing.T) {
	clock := newClock()
	s := mustServer(t, kinesis.Options{Clock: clock.time})
	tg := &target{Client: newClient(start(t, s)), t: t, stream: "s"}
	must(t, s.CreateStream("s", 2)) // 0 1
	created := clock.time()
	clock.advance(10e9)
	_, err := tg.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: &tg.stream, ShardToSplit: aws.String(shardName(0)), NewStartingHashKey: aws.String("5")})
	must(t, err) // 0 -> 2 3
	split := clock.time()
	clock.advance(10e9)
	_, err = tg.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: &tg.stream, ShardToMerge: aws.String(shardName(3)), AdjacentShardToMerge: aws.String(shardName(1))})
	must(t, err) // 3 1 -> 4
	merged := clock.time()

	for _, c := range []struct {
		name   string
		filter types.ShardFilter
		want   string
	}{
		{"from trim horizon", types.ShardFilter{Type: types.ShardFilterTypeFromTrimHorizon}, "0 1 2 3 4"},
		{"at trim horizon", types.ShardFilter{Type: types.ShardFilterTypeAtTrimHorizon}, "0 1"},
		{"at latest", types.ShardFilter{Type: types.ShardFilterTypeAtLatest}, "2 4"},
		{"after", types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String(shardName(1))}, "2 3 4"},
		{"at creation", types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: &created}, "0 1"},
		{"at split", types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: &split}, "1 2 3"},
		{"at merge", types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: &merged}, "2 4"},
		{"from split", types.ShardFilter{Type: types.ShardFilterTypeFromTimestamp, Timestamp: aws.Time(split.Add(1e6))}, "1 2 3 4"},
		{"from merge", types.ShardFilter{Type: types.ShardFilterTypeFromTimestamp, Timestamp: aws.Time(merged.Add(1e6))}, "2 4"},
	} {
		equal(t, c.name, ids(tg.shards(&c.filter)), c.want)

		var paged []types.Shard
		in := &sdk.ListShardsInput{StreamName: &tg.stream, ShardFilter: &c.filter, MaxResults: aws.Int32(1)}
		for {
			out, err := tg.ListShards(t.Context(), in)
			must(t, err)
			paged = append(paged, out.Shards...)
			if out.NextToken == nil {
				break
			}
			in = &sdk.ListShardsInput{NextToken: out.NextToken, MaxResults: aws.Int32(1)}
		}
		equal(t, c.name+", by pages", ids(paged), c.want)
	}
}
