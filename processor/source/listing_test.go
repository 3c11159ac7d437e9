package source_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"taxistream/engine"
	"taxistream/internal/kinesis"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/source"
)

// Ensure that shards are listed again while Kinesis fails and nothing is read, when an error
// would end the job, and that its failure is told otherwise, and where the caller gives up.
func TestSource_ListsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := 0
		server, err := embedded.New(embedded.Options{Faults: embedded.Faults{Hook: func(operation string) (f embedded.Fault) {
			if fails--; operation == "ListShards" && fails >= 0 {
				f.Status = 503
			}
			return f
		}}})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if err := server.CreateStream(name, 3); err != nil {
			t.Fatal(err)
		}
		client := kinesis.New(aws.Config{
			Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: aws.String("http://inside"),
			HTTPClient: inside{server}, RetryMaxAttempts: 1,
		}, name)
		var said []string
		s := &source.Source{Client: client, Now: time.Now, Reader: kinesis.ReaderOptions{Notify: func(text string) { said = append(said, text) }}}
		fails = 20
		splits, err := s.Splits(t.Context())
		if err != nil || len(splits) != 3 || len(said) != 1 {
			t.Errorf("got %d splits, error %v, said %q", len(splits), err, said)
		}
		fails = 1 << 30
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := s.Splits(ctx); err == nil || ctx.Err() == nil {
			t.Errorf("before the caller gives up: %v", err)
		}
		r, err := s.Open(t.Context(), engine.Split{ID: splits[0].ID, Initial: true})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := s.Splits(t.Context()); err == nil {
			t.Error("no error while a shard is read")
		}
	})
}
