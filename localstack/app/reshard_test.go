package app_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/flags"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

// produce replays a source into the world's stream; the channel gives its error.
func (w *world) produce(source, speedup string) (*producer.Producer, chan error) {
	w.t.Helper()
	set := flags.New("producer", "")
	c := producer.RegisterFlags(set)
	var errs strings.Builder
	if done, _ := set.Parse([]string{"-endpoint", w.kinesisAt, "-source", source, "-speedup", speedup}, os.Stdout, &errs); done {
		w.t.Fatal(errs.String())
	}
	p, err := producer.New(w.t.Context(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(w.t.Context()) }()
	return p, done
}

// reshard does one of split, merge and scale, in turn.
func (w *world) reshard(n int) {
	w.t.Helper()
	shards, err := w.kinesis.Shards(stream)
	if err != nil {
		w.t.Fatal(err)
	}
	open := shards[:0]
	for _, s := range shards {
		if s.Open {
			open = append(open, s)
		}
	}
	ctx := context.Background()
	switch n % 3 {
	case 0:
		_, err = w.k.API.UpdateShardCount(ctx, &sdk.UpdateShardCountInput{StreamName: aws.String(stream), TargetShardCount: aws.Int32(int32(len(open) + 1)), ScalingType: types.ScalingTypeUniformScaling})
	case 1:
		s := open[n%len(open)]
		half := halfway(s.StartingHashKey, s.EndingHashKey)
		_, err = w.k.API.SplitShard(ctx, &sdk.SplitShardInput{StreamName: aws.String(stream), ShardToSplit: &s.ID, NewStartingHashKey: &half})
	case 2:
		merge := &sdk.MergeShardsInput{StreamName: aws.String(stream)}
		for _, a := range open {
			for _, b := range open {
				if next(a.EndingHashKey) == b.StartingHashKey {
					merge.ShardToMerge, merge.AdjacentShardToMerge = &a.ID, &b.ID
				}
			}
		}
		_, err = w.k.API.MergeShards(ctx, merge)
	}
	var busy *types.ResourceInUseException
	if err != nil && !errors.As(err, &busy) {
		w.t.Fatal(err)
	}
}

// Ensure splits, merges and scaling during the replay change no byte of the
// results and make no reject; in the second run the processor is stopped and
// started again with another parallelism each time.
func TestReshardWhileRunning(t *testing.T) {
	sources := matrixSources(t)
	source := sources[len(sources)-1]
	trips := oracleRead(t, source)
	want, rejected := oracle(t, trips)
	for name, restart := range map[string]bool{"Running": false, "Restarted": true} {
		if !restart && os.Getenv("TAXI_MATRIX") != "all" {
			continue // the other run does all that this one does
		}
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 2)
			_, produced := w.produce(source, "20000")
			parallelism := 4
			begin := func() (*processor.Processor, func() error) {
				consumer := []string{"polling", "fan-out"}[parallelism%2] // each goes on from the other's offsets
				return w.processor("-parallelism", strconv.Itoa(parallelism), "-log-level", "error", "-consumer", consumer)
			}
			p, stop := begin()
			var err error
			for n, running := 0, true; running; n++ {
				select {
				case err = <-produced:
					running = false
				case <-time.After(300 * time.Millisecond):
					w.reshard(n)
					if restart && n%3 == 1 {
						if err := stop(); err != nil {
							t.Fatal(err)
						}
						parallelism = 1 + n%5
						p, stop = begin()
					}
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			end := int64(0)
			for _, trip := range trips {
				end = max(end, trip.Dropoff.UnixMilli())
			}
			w.reaches(p, end+1)
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			shards, err := w.kinesis.Shards(stream)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d shards in all", len(shards))
			if len(shards) < 10 {
				t.Errorf("only %d shards: the stream was hardly resharded", len(shards))
			}
			if diff := diffLines([]byte(w.export()), want); diff != "" {
				t.Error(diff)
			}
			got := map[string]int{}
			for _, r := range w.rejects() {
				got[r.Reason]++
			}
			if !maps.Equal(got, rejected) {
				t.Errorf("rejects %v, want %v", got, rejected)
			}
		})
	}
}
