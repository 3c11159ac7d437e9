//go:build unix

package engine_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/window"
)

// cpuTime is the process's user and system time.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// scattered is a bounded source of four splits, whose elements are keys in a scattered
// order, 1 ms of event time apart.
type scattered struct{ keys, n int64 }

func (s scattered) Bounded() bool { return true }

func (s scattered) Splits(context.Context) (all []engine.Split, err error) {
	for i := range 4 {
		all = append(all, engine.Split{ID: fmt.Sprint(i)})
	}
	return all, nil
}

func (s scattered) Open(_ context.Context, split engine.Split) (engine.SplitReader[int64], error) {
	return &scatteredReader{s: s, random: uint64(split.ID[0]), free: make(chan []engine.Element[int64], 16)}, nil
}

type scatteredReader struct {
	s      scattered
	next   int64
	random uint64
	free   chan []engine.Element[int64]
}

func (r *scatteredReader) Close() error { return nil }

func (r *scatteredReader) Next(context.Context) (engine.Read[int64], error) {
	var buffer []engine.Element[int64]
	select {
	case buffer = <-r.free:
	default:
		buffer = make([]engine.Element[int64], 0, 1000)
	}
	for len(buffer) < cap(buffer) && r.next < r.s.n {
		r.next++
		r.random = r.random*6364136223846793005 + 1442695040888963407
		buffer = append(buffer, engine.Element[int64]{Value: int64(r.random>>33) % r.s.keys, EventTime: r.next})
	}
	return engine.Read[int64]{Elements: buffer, End: r.next == r.s.n, Release: func() {
		select {
		case r.free <- buffer[:0]:
		default:
		}
	}}, nil
}

// BenchmarkKeys counts by so many keys, in windows with ten elements of each and more, at
// parallelism 2, with a checkpoint each second to a folder.
func BenchmarkKeys(b *testing.B) {
	for _, keys := range []int64{10_000, 100_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprint(keys), func(b *testing.B) {
			store, err := checkpoint.OpenFolder(b.TempDir(), checkpoint.FolderOptions{})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = store.Close() }()
			job := engine.NewJob(engine.Config{Name: "bench", Parallelism: 2, Store: store, CheckpointInterval: time.Second})
			in := engine.FromSource(job, "in", scattered{keys: keys, n: int64(b.N)/4 + 1}, engine.Monotonous[int64]())
			byKey := engine.KeyBy(in, func(k *int64) int64 { return *k }, engine.Int64Codec{})
			counts, _ := engine.Aggregate(byKey, "count", window.Tumbling(2500*time.Second), engine.Aggregation[int64, int64, int64, int64]{
				Add:    func(n *int64, _ *engine.Element[int64]) { *n++ },
				Result: func(_ int64, _ window.Window, n *int64) (int64, bool) { return *n, true },
				Codec:  engine.Int64Codec{},
			})
			engine.SinkTo(counts, "sink", discard[int64]{})
			b.ResetTimer()
			began := cpuTime(b)
			if err := job.Run(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(cpuTime(b)-began)/float64(b.N), "cpu-ns/event")
		})
	}
}
