package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/engine"
	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/kinesis"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
	"taxistream/localstack/search"
	processor "taxistream/processor/app"
)

const stream = "taxi-trip-events"

// world is the two embedded servers and clients of them.
type world struct {
	t         *testing.T
	kinesis   *embedded.Server
	search    *search.Server
	k         *kinesis.Client
	o         *opensearch.Client
	kinesisAt string
	searchAt  string
	dir       string
	log       localtest.LockedBuffer
}

func newWorld(t *testing.T, shards int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	var err error
	if w.kinesis, err = embedded.New(embedded.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := w.kinesis.CreateStream(stream, shards); err != nil {
		t.Fatal(err)
	}
	if w.kinesisAt, err = w.kinesis.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.kinesis.Close() })
	if w.search, err = search.New(search.Options{}); err != nil {
		t.Fatal(err)
	}
	if w.searchAt, err = w.search.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.search.Close() })
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: w.kinesisAt})
	if err != nil {
		t.Fatal(err)
	}
	w.k = kinesis.New(cfg, stream)
	if w.o, err = opensearch.New(opensearch.Options{Endpoint: w.searchAt}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.o.Close)
	return w
}

// processor starts one; the function ends it in order and returns its error.
func (w *world) processor(args ...string) (p *processor.Processor, stop func() error) {
	w.t.Helper()
	p, err := w.open(args...)
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run() }()
	ended := false
	stop = func() error {
		if ended {
			return nil
		}
		ended = true
		stopErr := p.Stop(context.Background())
		if err := <-done; err != nil {
			return err
		}
		return stopErr
	}
	w.t.Cleanup(func() { _ = stop() })
	return p, stop
}

// open reads a command line as the program does.
func (w *world) open(args ...string) (*processor.Processor, error) {
	set := flags.New("processor", "")
	config := processor.RegisterFlags(set, 2)
	args = append([]string{
		"-endpoint", w.kinesisAt, "-opensearch-endpoint", w.searchAt, "-checkpoint-dir", w.dir, "-checkpoint-interval", "100ms", "-listen", "127.0.0.1:0",
	}, args...)
	var errs strings.Builder
	if done, _ := set.Parse(args, os.Stdout, &errs); done {
		return nil, errors.New(errs.String())
	}
	c, err := config()
	if err != nil {
		return nil, err
	}
	return processor.New(context.Background(), c, slog.New(slog.NewTextHandler(&w.log, nil)), time.Now)
}

// put writes one record into a shard, by its first hash key.
func (w *world) put(shard int, data string) (shardID, sequence string) {
	w.t.Helper()
	shards, err := w.kinesis.Shards(stream)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := w.k.API.PutRecord(context.Background(), &sdk.PutRecordInput{
		StreamName: aws.String(stream), Data: []byte(data), PartitionKey: aws.String("p"), ExplicitHashKey: &shards[shard].StartingHashKey,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.ShardId, *out.SequenceNumber
}

// reaches waits until every operator's watermark has come to an instant: the
// source's alone may be ahead of windows that have not fired.
func (w *world) reaches(p *processor.Processor, ms int64) {
	w.t.Helper()
	waitFor(w.t, "all operators reach "+engine.FormatTime(ms), func() bool {
		s := p.Status()
		for _, o := range s.Operators {
			for _, t := range o.Subtasks {
				if t.Watermark < ms {
					return false
				}
			}
		}
		return len(s.Operators) > 0
	})
}

type rejectDoc struct {
	ID, Index string
	Reason    string
	Detail    string
	Record    []byte
	Shard     string
	Sequence  string  `json:"sequence_number"`
	EventTime *string `json:"event_time"`
	Timestamp string
}

// rejects reads all of them.
func (w *world) rejects() []rejectDoc {
	w.t.Helper()
	var all []rejectDoc
	for h, err := range w.o.All(context.Background(), opensearch.Scan{Index: rejectIndex, Sort: results.UniqueSort(rejectIndex)}) {
		d := rejectDoc{ID: h.ID, Index: h.Index}
		if err == nil {
			err = json.Unmarshal(h.Source, &d)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// export is the content of the results store.
func (w *world) export() string {
	w.t.Helper()
	var b strings.Builder
	if _, err := results.Export(context.Background(), w.o, "", &b); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}
