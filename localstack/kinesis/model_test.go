package kinesis_test

import (
	"context"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"pgregory.net/rapid"

	"taxistream/localstack/kinesis"
)

// inProcess hands the SDK's requests to a server without a connection.
type inProcess struct{ server *kinesis.Server }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	return w.Result(), nil
}

func inProcessClient(s *kinesis.Server) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://in.process"), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
		HTTPClient:  &http.Client{Transport: inProcess{s}},
	})
}

// modelShard is a shard as simply as it can be told.
type modelShard struct {
	first, last *big.Int
	open        bool
	data        []string
	sequences   []string
	children    []string
}

// model is the slow obvious stream that the server is compared with.
type model struct {
	t      *rapid.T
	client *sdk.Client
	stream string
	shards []*modelShard
	puts   int
}

func (m *model) must(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) put() {
	in := &sdk.PutRecordsInput{StreamName: &m.stream}
	for range rapid.IntRange(1, 20).Draw(m.t, "records") {
		hash := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(m.t, "hash"))
		m.puts++
		data := fmt.Sprintf("%d%s", m.puts, strings.Repeat(".", rapid.IntRange(0, 300).Draw(m.t, "size")))
		in.Records = append(in.Records, types.PutRecordsRequestEntry{
			Data: []byte(data), PartitionKey: aws.String("k"), ExplicitHashKey: aws.String(hash.String()),
		})
	}
	out, err := m.client.PutRecords(context.Background(), in)
	m.must(err)
	for i, r := range out.Records {
		hash, _ := new(big.Int).SetString(*in.Records[i].ExplicitHashKey, 10)
		for n, sh := range m.shards {
			if !sh.open || hash.Cmp(sh.first) < 0 || hash.Cmp(sh.last) > 0 {
				continue
			}
			if *r.ShardId != shardName(n) {
				m.t.Fatalf("hash %v went to %s, not to %s", hash, *r.ShardId, shardName(n))
			}
			if k := len(sh.sequences); k > 0 && *r.SequenceNumber <= sh.sequences[k-1] {
				m.t.Fatalf("%s after %s in %s", *r.SequenceNumber, sh.sequences[k-1], *r.ShardId)
			}
			sh.data, sh.sequences = append(sh.data, string(in.Records[i].Data)), append(sh.sequences, *r.SequenceNumber)
		}
	}
}

// some draws a shard that is open or any; -1 if there is none.
func (m *model) some(open bool) int {
	var numbers []int
	for n, sh := range m.shards {
		if sh.open || !open {
			numbers = append(numbers, n)
		}
	}
	return rapid.SampledFrom(numbers).Draw(m.t, "shard")
}

func (m *model) add(first, last *big.Int) string {
	m.shards = append(m.shards, &modelShard{first: first, last: last, open: true})
	return shardName(len(m.shards) - 1)
}

func (m *model) split() {
	n := m.some(true)
	sh := m.shards[n]
	width := new(big.Int).Sub(sh.last, sh.first)
	least, most := big.NewInt(2), new(big.Int).Sub(width, big.NewInt(1))
	if most.Cmp(least) < 0 {
		return
	}
	at := new(big.Int).Rsh(width, uint(rapid.IntRange(0, 130).Draw(m.t, "shift")))
	if at.Cmp(least) < 0 {
		at = least
	} else if at.Cmp(most) > 0 {
		at = most
	}
	at.Add(at, sh.first)
	_, err := m.client.SplitShard(context.Background(), &sdk.SplitShardInput{StreamName: &m.stream, ShardToSplit: aws.String(shardName(n)), NewStartingHashKey: aws.String(at.String())})
	m.must(err)
	sh.open = false
	sh.children = []string{m.add(sh.first, new(big.Int).Sub(at, big.NewInt(1))), m.add(at, sh.last)}
}

func (m *model) merge() {
	a, b := m.some(true), m.some(true)
	low, high := m.shards[a], m.shards[b]
	_, err := m.client.MergeShards(context.Background(), &sdk.MergeShardsInput{StreamName: &m.stream, ShardToMerge: aws.String(shardName(a)), AdjacentShardToMerge: aws.String(shardName(b))})
	adjacent := new(big.Int).Add(low.last, big.NewInt(1)).Cmp(high.first) == 0
	if adjacent != (err == nil) {
		m.t.Fatalf("merge of %d and %d, adjacent %v: %v", a, b, adjacent, err)
	}
	if adjacent {
		low.open, high.open = false, false
		low.children = []string{m.add(low.first, high.last)}
		high.children = low.children
	}
}

// read reads a shard from a random place with a random limit and compares.
func (m *model) read() {
	n := m.some(false)
	sh := m.shards[n]
	in := &sdk.GetShardIteratorInput{StreamName: &m.stream, ShardId: aws.String(shardName(n)), ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	from := 0
	if len(sh.data) > 0 && rapid.Bool().Draw(m.t, "by sequence number") {
		from = rapid.IntRange(0, len(sh.data)-1).Draw(m.t, "from")
		in.StartingSequenceNumber = aws.String(sh.sequences[from])
		in.ShardIteratorType = types.ShardIteratorTypeAtSequenceNumber
		if rapid.Bool().Draw(m.t, "after") {
			from++
			in.ShardIteratorType = types.ShardIteratorTypeAfterSequenceNumber
		}
	}
	iterator, err := m.client.GetShardIterator(context.Background(), in)
	m.must(err)
	limit := rapid.SampledFrom([]int32{1, 3, 50, 10000}).Draw(m.t, "limit")
	for next := iterator.ShardIterator; ; {
		out, err := m.client.GetRecords(context.Background(), &sdk.GetRecordsInput{ShardIterator: next, Limit: &limit})
		m.must(err)
		for _, r := range out.Records {
			if from >= len(sh.data) || string(r.Data) != sh.data[from] || *r.SequenceNumber != sh.sequences[from] {
				m.t.Fatalf("shard %d gave %s at place %d of %d", n, *r.SequenceNumber, from, len(sh.data))
			}
			from++
		}
		atTip := from == len(sh.data)
		if atTip != (*out.MillisBehindLatest == 0) || (out.NextShardIterator == nil) != (atTip && !sh.open) {
			m.t.Fatalf("shard %d at %d of %d, open %v: behind %d, next %v", n, from, len(sh.data), sh.open, *out.MillisBehindLatest, out.NextShardIterator)
		}
		if !atTip {
			next = out.NextShardIterator
			continue
		}
		var children []string
		for _, c := range out.ChildShards {
			children = append(children, *c.ShardId)
		}
		if got, want := strings.Join(children, " "), strings.Join(sh.children, " "); got != want {
			m.t.Fatalf("shard %d has children %q, want %q", n, got, want)
		}
		return
	}
}

// Ensure that any sequence of puts, reshards and reads, with records partly on
// disk, answers as the obvious model does.
func TestModel(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s, err := kinesis.New(kinesis.Options{Dir: dir, MemoryLimit: rapid.SampledFrom([]int64{1, 20_000, 64 << 20}).Draw(rt, "memory")})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		m := &model{t: rt, client: inProcessClient(s), stream: "s"}
		m.must(s.CreateStream("s", 1))
		m.add(new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1)))
		steps := []func(){m.put, m.put, m.put, m.split, m.merge, m.read, m.read}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			rapid.SampledFrom(steps).Draw(rt, "step")()
		}
	})
}
