package wire_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/kinesis/wire"
)

// answering is an HTTP client that gives one answer.
type answering struct{ body []byte }

func (a *answering) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, ContentLength: int64(len(a.body)), Body: io.NopCloser(bytes.NewReader(a.body)), Request: r}, nil
}

// clients are the SDK's own and ours, over one answer.
func clients() (a *answering, stock, ours *sdk.Client) {
	a = &answering{}
	cfg := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: aws.String("http://127.0.0.1:1"),
		HTTPClient: a, RetryMaxAttempts: 1,
	}
	return a, sdk.NewFromConfig(cfg), sdk.NewFromConfig(cfg, wire.Use)
}

// same fails where the two read an answer differently.
func same(t *testing.T, a *answering, stock, ours *sdk.Client, body []byte) (read bool) {
	t.Helper()
	a.body = body
	in := &sdk.GetRecordsInput{ShardIterator: aws.String("i")}
	want, wantErr := stock.GetRecords(context.Background(), in)
	got, gotErr := ours.GetRecords(context.Background(), in)
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%q: got %v, the SDK %v", body, gotErr, wantErr)
	}
	if wantErr != nil {
		return false
	}
	got.ResultMetadata = want.ResultMetadata
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q:\ngot  %+v\nwant %+v", body, got, want)
	}
	return true
}

func answer(r *rand.Rand, n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"MillisBehindLatest":%d,"NextShardIterator":"AAAA%d","Records":[`, r.IntN(3)*1000, r.IntN(100))
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		data := make([]byte, r.IntN(700))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		fmt.Fprintf(&b, `{"SequenceNumber":"4959%d","ApproximateArrivalTimestamp":%s,"Data":"%s","PartitionKey":"k%d"}`,
			i, []string{fmt.Sprintf("145%07d.%03d", r.IntN(1e7), r.IntN(1000)), "1.451997000123E9", "1451997000"}[r.IntN(3)], base64.StdEncoding.EncodeToString(data), r.IntN(1e6))
	}
	b.WriteString("]}")
	return b.Bytes()
}

func FuzzGetRecords(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 4 {
		f.Add(answer(r, n))
	}
	f.Add([]byte(`{"Records":[{"Data":"aGk=","SequenceNumber":"1","PartitionKey":"\u00e9","ApproximateArrivalTimestamp":-1e3}],"ChildShards":[]}`))
	f.Add([]byte(`{"Records":[],"NextShardIterator":"a\\b","MillisBehindLatest":0}`))
	a, stock, ours := clients()
	f.Fuzz(func(t *testing.T, body []byte) {
		same(t, a, stock, ours, body)
	})
}

// Ensure answers, whole and damaged, are read as the SDK reads them.
func TestGetRecordsAgreesWithSDK(t *testing.T) {
	a, stock, ours := clients()
	r := rand.New(rand.NewPCG(3, 4))
	bits := []string{`,`, `:`, `"`, `{`, `}`, `null`, `0`, `-`, `.`, `E1`, ` `, "\n", `\u0041`, `\/`, "\x00", "\x7f", "é", `+`, `=`, `"Records":[],`, `"ChildShards":[{"ShardId":"c","ParentShards":["p"],"HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"1"}}],`, `"EncryptionType":"KMS",`, `"NextShardIterator":null,`}
	read := 0
	for i := range 2000 {
		body := answer(r, r.IntN(4))
		if i%10 > 0 {
			for range 1 + r.IntN(2) {
				from := r.IntN(len(body))
				to := min(len(body), from+r.IntN(3))
				body = append(body[:from:from], append([]byte(bits[r.IntN(len(bits))]), body[to:]...)...)
			}
		}
		if same(t, a, stock, ours, body) {
			read++
		}
	}
	if read < 200 {
		t.Errorf("only %d answers could be read", read)
	}
	for _, body := range []string{`{}`, `{"Records":[]}`, ` {"Records":[]}`, `{"Records":[]} `, `{"Records":null}`, `null`, ``, `{"Records":[{}]}`, `{"Records":[{"Data":"YQ==","PartitionKey":"","SequenceNumber":""}]}`} {
		same(t, a, stock, ours, []byte(body))
	}
}

// Ensure records outlive the buffers that they were read from.
func TestGetRecordsKeeps(t *testing.T) {
	a, _, ours := clients()
	a.body = []byte(`{"MillisBehindLatest":0,"NextShardIterator":"n","Records":[{"SequenceNumber":"1","ApproximateArrivalTimestamp":1451997000.123,"Data":"aGVsbG8=","PartitionKey":"key"}]}`)
	out, err := ours.GetRecords(context.Background(), &sdk.GetRecordsInput{ShardIterator: aws.String("i")})
	if err != nil {
		t.Fatal(err)
	}
	a.body = []byte(strings.ReplaceAll(string(a.body), "e", "x"))
	for range 10 {
		_, _ = ours.GetRecords(context.Background(), &sdk.GetRecordsInput{ShardIterator: aws.String("i")})
	}
	if r := out.Records[0]; string(r.Data) != "hello" || *r.PartitionKey != "key" || *r.SequenceNumber != "1" || r.ApproximateArrivalTimestamp.UnixMilli() != 1451997000123 {
		t.Fatalf("got %+v", r)
	}
}
