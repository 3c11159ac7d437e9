package kinesis_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	faults "taxistream/internal/fault"
	"taxistream/internal/kinesis"
)

const arn = "arn:aws:kinesis:us-east-1:123456789012:stream/trips"

// Ensure what is neither a name nor an ARN, or contradicts the region, is refused in words.
func TestCheckStream(t *testing.T) {
	for text, want := range map[string]string{
		"trips": "", "a.b_c-1": "", arn: "", strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1): "",
		"": "is empty", "a b": "letters, digits", strings.Repeat("x", 129): "letters, digits",
		"arn:aws:kinesis:us-east-1:123456789012:trips": "no stream's ARN", "arn:aws:s3:::trips": "no stream's ARN",
		"arn:aws:kinesis:us-east-1:123456789012:stream/trips/consumer/x:1": "no stream's ARN",
	} {
		if err := kinesis.CheckStream(text, ""); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if err := kinesis.CheckStream(arn, "us-east-1"); err != nil {
		t.Error(err)
	}
	if err := kinesis.CheckStream(arn, "eu-west-1"); err == nil || !strings.Contains(err.Error(), "leave out -region") {
		t.Errorf("got %v", err)
	}
}

// Ensure every call names the stream as it was given, and messages its name.
func TestClient_ByARN(t *testing.T) {
	s := newService(t, map[string][]reply{
		"DescribeStreamSummary": {summary("ACTIVE"), failing(400, "ResourceNotFoundException")},
		"ListShards":            {ok(`{"Shards":[],"NextToken":"n"}`), ok(`{"Shards":[]}`)},
		"GetShardIterator":      {iterator("i1")},
		"GetRecords":            {page("i2", "0", "11")},
		"PutRecords":            {ok(`{"FailedRecordCount":0,"Records":[{"ShardId":"shard-1","SequenceNumber":"11"}]}`)},
	})
	c := kinesis.New(aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: &s.url}, arn)
	ctx := context.Background()
	if _, err := c.WaitActive(ctx, func(string) {}); err != nil || c.Stream != "trips" {
		t.Fatalf("stream %s: %v", c.Stream, err)
	}
	if _, err := c.Shards(ctx); err != nil {
		t.Fatal(err)
	}
	next(t, c.NewReader("shard-1", fromStart, quick))
	if _, err := c.PutEntries(ctx, []kinesis.Entry{{Data: []byte("x"), PartitionKey: "k"}}); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"DescribeStreamSummary", "ListShards", "GetShardIterator", "PutRecords"} {
		if got := s.asked(operation)[0]; got["StreamARN"] != arn || got["StreamName"] != nil {
			t.Errorf("%s asks for %v", operation, got)
		}
	}
	_, err := c.WaitActive(ctx, func(string) {})
	wantLine(t, err, "stream trips does not exist at "+s.url, "--stream-name trips")
}

// Ensure a refusal of credentials is tried again for a while in mid-run, and told
// at once at the start.
func TestRenewal(t *testing.T) {
	refused := failing(400, "ExpiredTokenException")
	s := newService(t, map[string][]reply{
		"GetShardIterator":      {iterator("i1")},
		"GetRecords":            {refused, refused, page("i2", "9", "11"), refused},
		"DescribeStreamSummary": {refused},
	})
	var said notes
	o := quick
	o.Notify = said.add
	r := s.client().NewReader("shard-1", fromStart, o)
	if b := next(t, r); len(b.Records) != 1 || !b.Failed {
		t.Errorf("got %+v", b)
	}
	_, err := r.Next(context.Background())
	wantLine(t, err, "read shard shard-1", "renewed the credentials", "ExpiredTokenException", "renew the AWS credentials")
	if n := len(s.asked("GetRecords")); n != 3+faults.Renewals+1 {
		t.Errorf("asked %d times", n)
	}
	if !strings.Contains(said.String(), "ExpiredTokenException") {
		t.Errorf("said %q", said.String())
	}
	_, err = s.client().WaitActive(context.Background(), func(string) {})
	wantLine(t, err, "stream trips", "renew the AWS credentials")
}

// Ensure a start that waits too long ends with what it waited for.
func TestClient_WaitActive_GivesUp(t *testing.T) {
	ctx, cancel := faults.Start(context.Background(), 1)
	defer cancel()
	s := newService(t, map[string][]reply{"DescribeStreamSummary": {failing(500, "InternalFailure")}})
	if _, err := s.client().WaitActive(ctx, func(string) {}); err == nil || !strings.Contains(err.Error(), "Kinesis at "+s.url+" does not answer: ") || !strings.Contains(err.Error(), "gave up after 1ns") {
		t.Errorf("got %v", err)
	}
}
