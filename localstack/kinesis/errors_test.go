package kinesis_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

// Ensure that each misuse is answered with the service's code, through the SDK.
func TestErrors(t *testing.T) {
	tg := newTarget(t, 2)
	earlier := mustServer(t, kinesis.Options{Clock: func() time.Time { return time.Now().Add(-time.Hour) }}) // numbers tell streams apart by their time of creation
	must(t, earlier.CreateStream("s", 1))
	other := &target{Client: newClient(start(t, earlier)), t: t, stream: "s"}
	ctx := t.Context()
	none, zero := aws.String("no-such-stream"), aws.String(shardName(0))
	foreign := other.put("k", "x").SequenceNumber
	put := func(stream *string, key, data string, hash *string) error {
		_, err := tg.PutRecord(ctx, &sdk.PutRecordInput{StreamName: stream, PartitionKey: &key, Data: []byte(data), ExplicitHashKey: hash}, once)
		return err
	}
	iterate := func(stream, shard *string, kind types.ShardIteratorType, sequence *string) error {
		_, err := tg.GetShardIterator(ctx, &sdk.GetShardIteratorInput{StreamName: stream, ShardId: shard, ShardIteratorType: kind, StartingSequenceNumber: sequence}, once)
		return err
	}
	split := func(shard, key string) error {
		_, err := tg.SplitShard(ctx, &sdk.SplitShardInput{StreamName: &tg.stream, ShardToSplit: &shard, NewStartingHashKey: &key}, once)
		return err
	}
	get := func(iterator string, limit int32) error {
		_, err := tg.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: &iterator, Limit: &limit}, once)
		return err
	}
	create := func(name string, shards int32) error {
		_, err := tg.CreateStream(ctx, &sdk.CreateStreamInput{StreamName: &name, ShardCount: &shards}, once)
		return err
	}
	for _, c := range []struct {
		name string
		err  error
		code string
	}{
		{"put to no stream", put(none, "k", "x", nil), "ResourceNotFoundException"},
		{"empty key", put(&tg.stream, "", "x", nil), "ValidationException"},
		{"long key", put(&tg.stream, strings.Repeat("k", 257), "x", nil), "ValidationException"},
		{"record of 2 MiB", put(&tg.stream, "k", strings.Repeat("x", 2<<20), nil), "ValidationException"},
		{"hash key of words", put(&tg.stream, "k", "x", aws.String("abc")), "ValidationException"},
		{"hash key 2^128", put(&tg.stream, "k", "x", aws.String("340282366920938463463374607431768211456")), "InvalidArgumentException"},
		{"iterator on no stream", iterate(none, zero, types.ShardIteratorTypeLatest, nil), "ResourceNotFoundException"},
		{"iterator on no shard", iterate(&tg.stream, aws.String(shardName(9)), types.ShardIteratorTypeLatest, nil), "ResourceNotFoundException"},
		{"iterator of no type", iterate(&tg.stream, zero, "SIDEWAYS", nil), "ValidationException"},
		{"no sequence number", iterate(&tg.stream, zero, types.ShardIteratorTypeAtSequenceNumber, nil), "InvalidArgumentException"},
		{"foreign sequence number", iterate(&tg.stream, zero, types.ShardIteratorTypeAtSequenceNumber, foreign), "InvalidArgumentException"},
		{"no time", iterate(&tg.stream, zero, types.ShardIteratorTypeAtTimestamp, nil), "InvalidArgumentException"},
		{"made-up iterator", get("AAAA", 1), "InvalidArgumentException"},
		{"limit 0", get("AAAA", 0), "ValidationException"},
		{"limit 10001", get("AAAA", 10001), "ValidationException"},
		{"split of no shard", split(shardName(7), "5"), "ResourceNotFoundException"},
		{"split out of range", split(shardName(1), "5"), "InvalidArgumentException"},
		{"split at the start", split(shardName(0), "0"), "InvalidArgumentException"},
		{"stream there already", create(tg.stream, 1), "ResourceInUseException"},
		{"stream without shards", create("other", 0), "ValidationException"},
		{"bad stream name", create("a b", 1), "ValidationException"},
	} {
		wantCode(t, c.name, c.err, c.code)
	}

	_, err := tg.MergeShards(ctx, &sdk.MergeShardsInput{StreamName: &tg.stream, ShardToMerge: zero, AdjacentShardToMerge: zero})
	wantCode(t, "merge with itself", err, "InvalidArgumentException")
	must(t, split(shardName(0), "5"))
	tg.waitActive()
	wantCode(t, "split of a closed shard", split(shardName(0), "5"), "InvalidArgumentException")
	_, err = tg.ListShards(ctx, &sdk.ListShardsInput{NextToken: aws.String("AAAA")})
	wantCode(t, "made-up page token", err, "InvalidArgumentException")
	_, err = tg.DecreaseStreamRetentionPeriod(ctx, &sdk.DecreaseStreamRetentionPeriodInput{StreamName: &tg.stream, RetentionPeriodHours: aws.Int32(48)})
	wantCode(t, "decrease that increases", err, "InvalidArgumentException")
}

// Ensure that PutRecords is refused whole beyond 500 records, through the SDK.
func TestPutRecords_Bounds(t *testing.T) {
	tg := newTarget(t, 1)
	for n, code := range map[int]string{0: "ValidationException", 500: "", 501: "ValidationException"} {
		entries := make([]types.PutRecordsRequestEntry, n)
		for i := range entries {
			entries[i] = types.PutRecordsRequestEntry{Data: []byte("x"), PartitionKey: aws.String("k")}
		}
		_, err := tg.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: &tg.stream, Records: entries}, once)
		if code == "" {
			must(t, err)
		} else {
			wantCode(t, "number of records", err, code)
		}
	}
}

// Ensure that sizes are bounded as documented and that a bad entry refuses its request.
func TestPutRecords_Sizes(t *testing.T) {
	s := mustServer(t, kinesis.Options{})
	must(t, s.CreateStream("s", 1))
	_, code := raw(s, "CreateStream", `{"StreamName":"large","ShardCount":1,"MaxRecordSizeInKiB":2048}`)
	equal(t, "create", code, "")
	for _, c := range []struct {
		name, stream, code string
		sizes              []int
	}{
		{"10 records under 10 MiB", "s", "", []int{1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1}},
		{"over 10 MiB", "s", "InvalidArgumentException", []int{1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1, 1<<20 - 1}},
		{"record too large by its key", "s", "ValidationException", []int{10, 1 << 20}},
		{"the same, where allowed", "large", "", []int{10, 1 << 20}},
		{"too large even there", "large", "ValidationException", []int{2 << 20}},
		{"beyond all reason", "s", "RequestEntityTooLargeException", []int{18 << 20}},
	} {
		var entries []string
		for _, size := range c.sizes {
			entries = append(entries, rawRecord(size))
		}
		_, code := raw(s, "PutRecords", `{"StreamName":"`+c.stream+`","Records":[`+strings.Join(entries, ",")+`]}`)
		equal(t, c.name, code, c.code)
	}
	equal(t, "stored", s.Stats().PutRecords, 12)
}

// Ensure that what no SDK sends is answered as the service does; facts of kinesalite
// 3.3's test/connection.js, where a body without a message has none.
func TestWireErrors(t *testing.T) {
	url := start(t, mustServer(t, kinesis.Options{}))
	const (
		json, cbor = "application/x-amz-json-1.1", "application/x-amz-cbor-1.1"
		list       = "Kinesis_20131202.ListStreams"
		denied     = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n"
		noToken    = `{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`
		unknown    = `{"__type":"UnknownOperationException"}`
		unreadable = `{"__type":"SerializationException"}`
		inQuery    = "AWS query-string parameters must include '"
	)
	for _, c := range []struct {
		name, method, path, target, kind, auth, body string
		status                                       int
		want                                         string
	}{
		{"GET", "GET", "/", list, json, "x", "", 403, denied},
		{"PUT", "PUT", "/", list, json, "x", "{}", 403, denied},
		{"no content type", "POST", "/", "", "", "x", "{}", 403, denied},
		{"no content type but an operation", "POST", "/", list, "text/plain", "x", "{}", 404, "<UnknownOperationException/>\n"},
		{"nothing at all", "POST", "/", "", "", "", "", 400, "\xa1f__typex\x19UnknownOperationException"},
		{"no body", "POST", "/", list, json, "x", "", 400, unreadable},
		{"no body of no type", "POST", "/", list, "", "x", "", 400, "\xa1f__typevSerializationException"},
		{"unknown operation", "POST", "/", "Kinesis_20131202.ListStream", json, "x", "{}", 400, unknown},
		{"no operation", "POST", "/", "Kinesis_20131202.", json, "x", "{}", 400, unknown},
		{"other service", "POST", "/", "DynamoDB_20120810.ListStreams", json, "x", "{}", 400, unknown},
		{"no JSON", "POST", "/", list, json, "x", "hello", 400, unreadable},
		{"no JSON of an unknown operation", "POST", "/", "Whatever", json, "", "hello", 400, unreadable},
		{"no object", "POST", "/", list, json, "x", "true", 400, unreadable},
		{"no JSON of many records", "POST", "/", "Kinesis_20131202.PutRecords", json, "x", "{", 400, unreadable},
		{"no CBOR", "POST", "/", list, cbor, "x", "\x1c", 400, "\xa1f__typevSerializationException"},
		{"no signature", "POST", "/", list, json, "", "{}", 400, noToken},
		{"a signature in the query without its algorithm", "POST", "/?X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d", list, json, "", "{}", 400, noToken},
		{"two signatures", "POST", "/?X-Amz-Algorithm", list, json, "X", "{}", 400, `{"__type":"InvalidSignatureException","message":"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."}`},
		{"half a signature in the query", "POST", "/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d", list, json, "", "{}", 400, `{"__type":"IncompleteSignatureException","message":"` + inQuery + `X-Amz-SignedHeaders'. Re-examine the query-string parameters."}`},
		{"half a signature", "POST", "/", list, json, "AWS4- Signature=b,Credential=a", "{}", 400, `{"__type":"IncompleteSignatureException","message":"Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4- Signature=b,Credential=a"}`},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, url+c.path, strings.NewReader(c.body))
		must(t, err)
		for name, value := range map[string]string{"X-Amz-Target": c.target, "Content-Type": c.kind, "Authorization": c.auth} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if c.auth == "x" {
			r.Header.Set("Authorization", anySignature)
			r.Header.Set("Date", "any")
		}
		response, err := http.DefaultClient.Do(r)
		must(t, err)
		body, err := io.ReadAll(response.Body)
		must(t, err)
		must(t, response.Body.Close())
		equal(t, c.name, string(body), c.want)
		equal(t, c.name, response.StatusCode, c.status)
		if code := response.Header.Get("X-Amzn-Errortype"); code == "" || !strings.Contains(c.want, code) {
			t.Errorf("%s: X-Amzn-ErrorType is %q", c.name, code)
		}
		if response.Header.Get("X-Amzn-Error-Message") == "" || response.Header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s: no message or request id in the headers", c.name)
		}
	}
}
