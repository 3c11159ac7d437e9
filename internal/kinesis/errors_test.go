package kinesis_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/kinesis"
)

// Ensure the class of each error is that of what the SDK makes of the service's answer.
func TestClassify(t *testing.T) {
	for name, c := range map[string]struct {
		answer reply
		want   kinesis.Class
	}{
		"Expired":            {fault(400, "ExpiredIteratorException"), kinesis.Expired},
		"ExpiredQualified":   {fault(400, "com.amazonaws.kinesis.v20131202#ExpiredIteratorException"), kinesis.Expired},
		"Throughput":         {fault(400, "ProvisionedThroughputExceededException"), kinesis.Throttle},
		"Limit":              {fault(400, "LimitExceededException"), kinesis.Throttle},
		"KMSThrottling":      {fault(400, "KMSThrottlingException"), kinesis.Throttle},
		"Missing":            {fault(400, "ResourceNotFoundException"), kinesis.Fatal},
		"Argument":           {fault(400, "InvalidArgumentException"), kinesis.Fatal},
		"AccessDenied":       {fault(400, "AccessDeniedException"), kinesis.Fatal},
		"InvalidSignature":   {fault(403, "InvalidSignatureException"), kinesis.Fatal},
		"Unknown":            {fault(400, "NobodyKnowsThisException"), kinesis.Fatal},
		"Internal":           {fault(500, "InternalFailure"), kinesis.Retry},
		"InternalUnmodelled": {reply{500, `oops`}, kinesis.Retry},
		"Unavailable":        {fault(503, "ServiceUnavailable"), kinesis.Retry},
		"Proxy":              {reply{502, "<html>"}, kinesis.Retry},
		"TooMany":            {reply{429, `{}`}, kinesis.Retry},
		"Timeout":            {reply{408, `{}`}, kinesis.Retry},
		"Garbled":            {reply{200, `{"Records":[{"SequenceN`}, kinesis.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, map[string][]reply{"GetRecords": {c.answer}})
			iterator := "i"
			_, err := s.client().API.GetRecords(context.Background(), &sdk.GetRecordsInput{ShardIterator: &iterator})
			if err == nil {
				t.Fatal("no error")
			}
			if got := kinesis.Classify(fmt.Errorf("wrapped: %w", err)); got != c.want {
				t.Errorf("class %d, want %d: %v", got, c.want, err)
			}
		})
	}
}

// Ensure errors that came without an answer are told apart.
func TestClassify_NoAnswer(t *testing.T) {
	iterator := "i"
	ask := func(ctx context.Context, url string) error {
		_, err := clientOf(url).API.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: &iterator})
		return err
	}
	if err := ask(context.Background(), nowhere(t)); kinesis.Classify(err) != kinesis.Retry {
		t.Errorf("refused: class %d: %v", kinesis.Classify(err), err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ask(cancelled, nowhere(t)); kinesis.Classify(err) != kinesis.Gone {
		t.Errorf("cancelled: class %d: %v", kinesis.Classify(err), err)
	}
	late, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if err := ask(late, nowhere(t)); kinesis.Classify(err) != kinesis.Retry {
		t.Errorf("too slow: class %d: %v", kinesis.Classify(err), err)
	}
	if got := kinesis.Classify(errors.New("anything else")); got != kinesis.Retry {
		t.Errorf("unknown: class %d", got)
	}
}
