//go:build unix

package engine

import (
	"syscall"
	"testing"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/state"
	"taxistream/engine/state/disk"
)

// BenchmarkRestore takes a checkpoint of a function with a million keys, a value and a timer
// each, and goes on from it: how long either takes, in CPU time of the process and on the wall.
func BenchmarkRestore(b *testing.B) {
	b.Run("memory", func(b *testing.B) { benchmarkRestore(b, state.InMemory{}) })
	b.Run("disk", func(b *testing.B) {
		folder, err := disk.Open(b.TempDir(), disk.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = folder.Close() }()
		benchmarkRestore(b, folder)
	})
}

func benchmarkRestore(b *testing.B, backend state.Opener) {
	const keys = 1_000_000
	measure := func(what string, f func()) {
		began, cpu := time.Now(), processTime(b)
		f()
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-"+what)
		b.ReportMetric(float64((processTime(b) - cpu).Milliseconds()), "cpu-ms-"+what)
	}
	for range b.N {
		store, err := checkpoint.OpenFolder(b.TempDir(), checkpoint.FolderOptions{})
		if err != nil {
			b.Fatal(err)
		}
		w, job := newKeysWorldOn(b, Config{Name: "keys", Store: store, State: backend}, keys, byFunction)
		w.settle()
		measure("checkpoint", func() {
			w.sim.Checkpoint()
			w.settle()
		})
		b.ReportMetric(float64(job.Status().Checkpoints.LastBytes)/1e6, "MB")
		w.close()
		measure("restore", func() {
			w, job = newKeysWorldOn(b, Config{Name: "keys", Store: store, State: backend}, 0, byFunction)
		})
		if n := job.Status().Operators[1].Subtasks[0].StateEntries; n != 2*keys {
			b.Fatalf("%d rows are restored", n)
		}
		w.close()
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// byFunction keeps a value and sets a timer for each key.
func byFunction(in *Stream[int64]) {
	ProcessKeyed(KeyBy(in, func(v *int64) int64 { return *v }, Int64Codec{}), "count", func(s *Subtask) (KeyedProcess[int64, int64, int64], error) {
		last := NewValueState(s, "last", Int64Codec{})
		return KeyedProcess[int64, int64, int64]{
			Element: func(k *Key[int64], e *Element[int64], _ *Collector[int64]) error {
				last.Set(e.Value)
				k.SetEventTimer(e.Value % 4096 * 1000)
				return nil
			},
			Timer: func(*Key[int64], Timer, *Collector[int64]) error { return nil },
		}, nil
	})
}

func processTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
