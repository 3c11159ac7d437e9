package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/state"
	"taxistream/engine/state/disk"
)

// backends are those that keyed state can be kept in.
func backends(t *testing.T) map[string]state.Opener {
	folder, err := disk.Open("state", disk.Options{FS: vfs.NewMem(), MemTableBytes: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := folder.Close(); err != nil {
			t.Error(err)
		}
	})
	return map[string]state.Opener{"memory": nil, "disk": folder}
}

// keyedJob is a job over a log of numbers, whose function is drawn from the test.
type keyedJob struct {
	log   *enginetest.Log[int64]
	out   enginetest.Collect[string]
	clock *engine.ManualClock
	store *checkpoint.Memory
	state state.Opener
	// savepoint is what the job starts from, if not nil.
	savepoint *checkpoint.Checkpoint
	interval  time.Duration // of checkpoints
	open      func(*engine.Subtask) (engine.KeyedProcess[int64, enginetest.Record[int64], string], error)
}

func newKeyedJob(open func(*engine.Subtask) (engine.KeyedProcess[int64, enginetest.Record[int64], string], error)) *keyedJob {
	return &keyedJob{log: enginetest.NewLog[int64]("a", "b"), clock: engine.NewManualClock(time.UnixMilli(0)), store: checkpoint.NewMemory(3), open: open}
}

func (k *keyedJob) job(parallelism int) *engine.Job {
	job := engine.NewJob(engine.Config{
		Name: "keyed", Parallelism: parallelism, MaxParallelism: 16, Clock: k.clock, Store: k.store, State: k.state, Savepoint: k.savepoint, BatchSize: 4,
		CheckpointInterval: k.interval,
	})
	in := engine.FromSource(job, "log", &enginetest.LogSource[int64]{Log: k.log, Eager: true}, enginetest.Watermarks[int64]())
	byKey := engine.KeyBy(in, func(r *enginetest.Record[int64]) int64 { return r.Value % 7 }, engine.Int64Codec{})
	engine.SinkTo(engine.ProcessKeyed(byKey, "function", k.open), "out", &k.out)
	return job
}

func (k *keyedJob) start(t *testing.T, parallelism int) *enginetest.Driver {
	t.Helper()
	d, err := enginetest.Drive(t.Context(), k.job(parallelism), k.clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (k *keyedJob) lines() []string {
	var lines []string
	for _, e := range k.out.Elements() {
		lines = append(lines, fmt.Sprintf("%s@%d", e.Value, e.EventTime))
	}
	slices.Sort(lines)
	return lines
}

// everyState uses each kind of state, and both kinds of timers.
func everyState(s *engine.Subtask) (engine.KeyedProcess[int64, enginetest.Record[int64], string], error) {
	last := engine.NewValueState(s, "last", engine.Int64Codec{})
	values := engine.NewListState(s, "values", engine.Int64Codec{})
	times := engine.NewMapState(s, "times", engine.Int64Codec{}, engine.StringCodec{})
	sum := engine.NewReducingState(s, "sum", engine.Int64Codec{}, func(a, b int64) int64 { return a + b })
	return engine.KeyedProcess[int64, enginetest.Record[int64], string]{
		Element: func(k *engine.Key[int64], e *engine.Element[enginetest.Record[int64]], _ *engine.Collector[string]) error {
			if had, ok := last.Get(); ok {
				k.DeleteProcessingTimer(time.UnixMilli(had))
			}
			last.Set(e.Value.Value)
			k.SetProcessingTimer(time.UnixMilli(e.Value.Value))
			values.Append(e.EventTime)
			times.Put(e.EventTime, fmt.Sprint(e.Value.Value))
			k.SetEventTimer(e.EventTime - e.EventTime%10 + 9)
			return nil
		},
		Timer: func(k *engine.Key[int64], t engine.Timer, out *engine.Collector[string]) error {
			if t.Processing {
				out.Emit(fmt.Sprint("processing ", k.Value(), " ", t.At), 0)
				return nil
			}
			var entries []string
			var rest []int64
			for at := range values.All() {
				if at > t.At {
					rest = append(rest, at)
				}
			}
			values.Set(rest...)
			for at, v := range times.All() {
				if at <= t.At {
					entries = append(entries, fmt.Sprint(at, "=", v))
					times.Delete(at)
				}
			}
			out.Emit(fmt.Sprint(k.Value(), " had ", sum.Add(int64(len(entries))), " due ", entries), t.At)
			if n, _ := sum.Get(); n > 10 {
				sum.Clear()
			}
			return nil
		},
	}, nil
}

// feed writes the same numbers each time, the first or second half.
func (k *keyedJob) feed(half int) {
	for i := half * 100; i < half*100+100; i++ {
		at := int64(i*2) - int64(i%5)
		k.log.Append([]string{"a", "b"}[i%7%2], int64(i), max(at, 0))
		if i%10 == 9 {
			k.log.WatermarkAll(at - 12)
		}
	}
}

// Ensure that states and timers are the same whether or not the job was restored in
// between, at whatever parallelism, from whichever backend.
func TestProcessKeyed_Restore(t *testing.T) {
	want := ""
	for name, backend := range backends(t) {
		for _, parallelism := range [][]int{{1}, {3}, {1, 2}, {4, 3}, {2, 5}} {
			t.Run(fmt.Sprint(name, parallelism), func(t *testing.T) {
				k := newKeyedJob(everyState)
				k.state = backend
				d := k.start(t, parallelism[0])
				must := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				k.feed(0)
				must(d.Run())
				for range 2 {
					must(d.Checkpoint())
				}
				k.clock.Advance(60 * time.Millisecond)
				if len(parallelism) > 1 {
					if err := d.Close(); !errors.Is(err, engine.ErrCancelled) {
						t.Fatal(err)
					}
					d = k.start(t, parallelism[1])
					must(d.Run())
				}
				k.clock.Advance(200 * time.Millisecond)
				must(d.Tick())
				k.feed(1)
				must(d.Run())
				k.clock.Advance(time.Second)
				must(d.Tick())
				must(d.Drain())
				got := strings.Join(k.lines(), "\n")
				if want == "" {
					want = got
					t.Log(got)
				}
				if got != want || !strings.Contains(got, "processing 3") || !strings.Contains(got, "due [") {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}
