package kinesis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/fault"
)

// Ensure the class of each error is that of what the SDK makes of the service's answer.
func TestClassify(t *testing.T) {
	for name, c := range map[string]struct {
		answer reply
		want   fault.Class
	}{
		"Throughput":         {failing(400, "ProvisionedThroughputExceededException"), fault.Throttled},
		"Limit":              {failing(400, "LimitExceededException"), fault.Throttled},
		"KMSThrottling":      {failing(400, "KMSThrottlingException"), fault.Throttled},
		"Missing":            {failing(400, "ResourceNotFoundException"), fault.Final},
		"Argument":           {failing(400, "InvalidArgumentException"), fault.Final},
		"AccessDenied":       {failing(400, "AccessDeniedException"), fault.Final},
		"InvalidSignature":   {failing(403, "InvalidSignatureException"), fault.Final},
		"ExpiredToken":       {failing(400, "ExpiredTokenException"), fault.Renew},
		"ExpiredQualified":   {failing(400, "com.amazon.coral.service#ExpiredTokenException"), fault.Renew},
		"UnknownClient":      {failing(400, "UnrecognizedClientException"), fault.Renew},
		"Unknown":            {failing(400, "NobodyKnowsThisException"), fault.Final},
		"Internal":           {failing(500, "InternalFailure"), fault.Temporary},
		"InternalUnmodelled": {reply{500, `oops`}, fault.Temporary},
		"Unavailable":        {failing(503, "ServiceUnavailable"), fault.Temporary},
		"Proxy":              {reply{502, "<html>"}, fault.Temporary},
		"TooMany":            {reply{429, `{}`}, fault.Throttled},
		"Timeout":            {reply{408, `{}`}, fault.Temporary},
		"Garbled":            {reply{200, `{"Records":[{"SequenceN`}, fault.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, map[string][]reply{"GetRecords": {c.answer}})
			iterator := "i"
			_, err := s.client().API.GetRecords(context.Background(), &sdk.GetRecordsInput{ShardIterator: &iterator})
			if err == nil {
				t.Fatal("no error")
			}
			if got := fault.Classify(fmt.Errorf("wrapped: %w", err)); got != c.want {
				t.Errorf("class %v, want %v: %v", got, c.want, err)
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
	if err := ask(context.Background(), nowhere(t)); fault.Classify(err) != fault.Temporary {
		t.Errorf("refused: class %v: %v", fault.Classify(err), err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ask(cancelled, nowhere(t)); fault.Classify(err) != fault.Stopped {
		t.Errorf("cancelled: class %v: %v", fault.Classify(err), err)
	}
	late, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if err := ask(late, nowhere(t)); fault.Classify(err) != fault.Temporary {
		t.Errorf("too slow: class %v: %v", fault.Classify(err), err)
	}
}
