//go:build flink

package flink

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/kinesis"
	"taxistream/internal/names"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
	processor "taxistream/processor/app"
)

func TestMain(m *testing.M) {
	code := m.Run()
	localtest.RemovePrograms()
	os.Exit(code)
}

const (
	stream = names.Stream
	// inTime bounds each wait: a JVM that starts on a loaded machine takes its time.
	inTime = 2 * time.Minute
)

// world is an embedded stream, and the checkpoints of the job that reads it.
type world struct {
	t       *testing.T
	kinesis *embedded.Server
	k       *kinesis.Client
	url     string
	dir     string               // of the job's checkpoints
	store   *store               // that the job writes to
	killed  bool                 // a job of it was
	shards  []embedded.ShardInfo // where they stay the same
	clock   atomic.Int64         // of arrivals, ms; 0: the machine's
}

func newWorld(t *testing.T, shards int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), store: newStore(t)}
	var err error
	if w.kinesis, err = embedded.New(embedded.Options{Clock: w.now}); err != nil {
		t.Fatal(err)
	}
	if err := w.kinesis.CreateStream(stream, shards); err != nil {
		t.Fatal(err)
	}
	if w.url, err = w.kinesis.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.kinesis.Close() })
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: w.url})
	if err != nil {
		t.Fatal(err)
	}
	w.k = kinesis.New(cfg, stream)
	return w
}

// program is one of those that make flink builds.
func program(t *testing.T, name string) string {
	t.Helper()
	file, err := filepath.Abs("../../bin/flink/" + name)
	if err == nil {
		_, err = os.Stat(file)
	}
	if err != nil {
		t.Fatalf("%v: make flink builds it", err)
	}
	return file
}

func (w *world) now() time.Time {
	if at := w.clock.Load(); at != 0 {
		return time.UnixMilli(at)
	}
	return time.Now()
}

// job starts the job on Flink in a JVM of its own.
func (w *world) job(args ...string) *localtest.Process {
	w.t.Helper()
	return localtest.Run(w.t, exec.Command(program(w.t, "local"), append([]string{
		"-endpoint", w.url, "-opensearch-endpoint", w.store.url, "-checkpoint-dir", w.dir, "-checkpoint-interval", "200ms", "-p", "2", "-log-level", "info",
	}, args...)...))
}

// stop ends the job in order, once it is there to be told: one before it may have done all its work.
func (w *world) stop(job *localtest.Process) {
	w.t.Helper()
	localtest.WaitFor(w.t, "the job reads", func() bool { return strings.Contains(job.Errors(), "reading") || job.Ended() })
	if err := job.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	if code := job.WaitExit(inTime); code != 0 {
		w.t.Fatalf("status %d: %s", code, job.Errors())
	}
}

// producer starts one.
func (w *world) producer(source string, args ...string) *localtest.Process {
	w.t.Helper()
	return localtest.Start(w.t, "producer", append([]string{"-endpoint", w.url, "-source", source}, args...)...)
}

// checkpoints counts those that are whole.
func (w *world) checkpoints() []string {
	found, err := filepath.Glob(filepath.Join(w.dir, "*", "chk-*", "_metadata"))
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// await waits until a job has written what it must have: this export and these rejects.
func (w *world) await(job *localtest.Process, want string, rejects map[string]int) {
	w.t.Helper()
	end := time.Now().Add(inTime)
	for {
		began := time.Now()
		got, fell := w.store.export(), w.store.rejects()
		if w.killed {
			fell, rejects = once(fell), once(rejects)
		}
		if got == want && maps.Equal(fell, rejects) {
			return
		}
		if time.Now().After(end) || job.ProcessState != nil {
			w.t.Fatalf("%srejects: %s\n%s", localtest.Diff([]byte(got), []byte(want)), difference(fell, rejects), job.Errors())
		}
		time.Sleep(max(100*time.Millisecond, time.Since(began))) // looking takes time from the job
	}
}

// reference is what the Go processor makes of the stream, whose last watermark is one of those
// given: one a shard that is open. args are more of the processor's flags.
func (w *world) reference(watermark int64, args ...string) (export string, rejects map[string]int) {
	w.t.Helper()
	s := newStore(w.t)
	set := flags.New("processor", "")
	config := processor.RegisterFlags(set, 2)
	var errs strings.Builder
	if done, _ := set.Parse(append([]string{"-endpoint", w.url, "-opensearch-endpoint", s.url, "-checkpoint-dir", w.t.TempDir(), "-listen", "127.0.0.1:0"}, args...), io.Discard, &errs); done {
		w.t.Fatal(errs.String())
	}
	c, err := config()
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := processor.New(w.t.Context(), c, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run() }()
	localtest.WaitFor(w.t, "the Go processor is at the end", func() bool {
		operators := p.Status().Operators
		for _, o := range operators {
			for _, t := range o.Subtasks {
				if t.Watermark < watermark {
					return false
				}
			}
		}
		return len(operators) > 0
	})
	if err := p.Stop(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
	return s.export(), s.rejects()
}

// put writes a record into a shard and returns the shard's name.
func (w *world) put(shard embedded.ShardInfo, data []byte) {
	w.t.Helper()
	_, err := w.k.API.PutRecord(w.t.Context(), &sdk.PutRecordInput{
		StreamName: aws.String(stream), Data: data, PartitionKey: aws.String("p"), ExplicitHashKey: &shard.StartingHashKey,
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open() (open []embedded.ShardInfo) {
	w.t.Helper()
	shards, err := w.kinesis.Shards(stream)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range shards {
		if s.Open {
			open = append(open, s)
		}
	}
	slices.SortFunc(open, func(a, b embedded.ShardInfo) int { return number(a.StartingHashKey).Cmp(number(b.StartingHashKey)) })
	return open
}

func number(key string) *big.Int {
	n, _ := new(big.Int).SetString(key, 10)
	return n
}

// split parts an open shard in the middle, merge joins it with the one behind it.
func (w *world) split(i int) {
	w.t.Helper()
	s := w.open()[i]
	half := new(big.Int).Add(number(s.StartingHashKey), number(s.EndingHashKey))
	_, err := w.k.API.SplitShard(w.t.Context(), &sdk.SplitShardInput{StreamName: aws.String(stream), ShardToSplit: &s.ID, NewStartingHashKey: aws.String(half.Rsh(half, 1).String())})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) merge(i int) {
	w.t.Helper()
	open := w.open()
	_, err := w.k.API.MergeShards(w.t.Context(), &sdk.MergeShardsInput{StreamName: aws.String(stream), ShardToMerge: &open[i].ID, AdjacentShardToMerge: &open[i+1].ID})
	if err != nil {
		w.t.Fatal(err)
	}
}

// newest is the highest number among checkpoints.
func newest(checkpoints []string) (n int) {
	for _, c := range checkpoints {
		var i int
		if _, err := fmt.Sscanf(filepath.Base(filepath.Dir(c)), "chk-%d", &i); err == nil {
			n = max(n, i)
		}
	}
	return n
}

// latest is the folder of the metadata that was written last.
func latest(t *testing.T, files []string) string {
	t.Helper()
	written := func(file string) time.Time {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	return filepath.Dir(slices.MaxFunc(files, func(a, b string) int { return written(a).Compare(written(b)) }))
}
