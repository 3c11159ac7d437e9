package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// ledger is a two-phase sink: what is staged counts only once its checkpoint is
// whole, and a commit may be repeated.
type ledger struct {
	mu        sync.Mutex
	committed map[string][]int64 // by transaction
}

type ledgerWriter struct {
	l        *ledger
	staged   []int64
	prepared map[int64][]transaction
	name     string
	next     int
}

type transaction struct {
	Name string
	IDs  []int64
}

var ledgers atomic.Int64

func (l *ledger) Open(_ context.Context, _ engine.Subtask, prepared [][]byte) (engine.SinkWriter[record], error) {
	for _, p := range prepared {
		var tx transaction
		if err := json.Unmarshal(p, &tx); err != nil {
			return nil, err
		}
		l.commit(tx)
	}
	return &ledgerWriter{l: l, prepared: make(map[int64][]transaction), name: string(rune('A' + ledgers.Add(1)))}, nil
}

func (l *ledger) commit(tx transaction) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.committed[tx.Name] = tx.IDs
}

func (w *ledgerWriter) Write(_ context.Context, batch []engine.Element[record]) error {
	for _, e := range batch {
		w.staged = append(w.staged, int64(e.Value.Number))
	}
	return nil
}

func (w *ledgerWriter) Prepare(_ context.Context, id int64) ([]byte, error) {
	w.next++
	tx := transaction{Name: w.name + string(rune('0'+w.next)), IDs: w.staged}
	w.staged = nil
	w.prepared[id] = append(w.prepared[id], tx)
	return json.Marshal(tx)
}

func (w *ledgerWriter) Committed(_ context.Context, id int64) error {
	for prepared, txs := range w.prepared {
		if prepared <= id {
			for _, tx := range txs {
				w.l.commit(tx)
			}
			delete(w.prepared, prepared)
		}
	}
	return nil
}

func (w *ledgerWriter) Close() error { return nil }

// Ensure that a two-phase sink publishes every element exactly once over crashes.
func TestJob_TwoPhaseSink(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	const n = 3000
	for i := range int64(n) {
		log.Append("a", rideAt(i, i, 1), i)
	}
	log.Seal()
	l := &ledger{committed: make(map[string][]int64)}
	store := checkpoint.NewMemory(2)
	for life := 1; ; life++ {
		reads := 0
		source := &enginetest.LogSource[ride]{Log: log, ReadSize: 10, Fail: func(string, int) error {
			if reads++; life < 6 && reads > life*40 {
				return errKilled
			}
			time.Sleep(50 * time.Microsecond) // so that checkpoints fall in between
			return nil
		}}
		job := engine.NewJob(engine.Config{Name: "test", Parallelism: 1 + life%3, Store: store, CheckpointInterval: time.Millisecond})
		in := engine.FromSource(job, "in", source, enginetest.Watermarks[ride]())
		engine.SinkTo(engine.Union("hop", in), "ledger", engine.Sink[record](l))
		err := run(t, job)
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	l.check(t, n)
}

// Ensure that what was prepared for a checkpoint that failed is published: the next
// whole one holds it, and a crash before the commit does not lose it.
func TestJob_TwoPhaseSinkFailedCheckpoint(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	const n = 3000
	for i := range int64(n) {
		log.Append("a", rideAt(i, i, 1), i)
	}
	log.Seal()
	l := &ledger{committed: make(map[string][]int64)}
	store := checkpoint.NewMemory(2)
	store.FailWith(func(c *checkpoint.Checkpoint) error {
		if c.ID <= 2 {
			return errors.New("no space left on device")
		}
		return nil
	})
	for life := range 2 {
		ctx, kill := context.WithCancel(t.Context())
		source := &enginetest.LogSource[ride]{Log: log, ReadSize: 10, Fail: func(string, int) error {
			time.Sleep(100 * time.Microsecond) // so that checkpoints fall in between
			return nil
		}}
		job := engine.NewJob(engine.Config{
			Name: "test", Parallelism: 2, Store: store, CheckpointInterval: time.Millisecond,
			Hooks: engine.Hooks{OnCheckpoint: func(e engine.CheckpointEvent) {
				if life == 0 && e.ID == 3 {
					kill() // whole, and no sink knows yet
				}
			}},
		})
		in := engine.FromSource(job, "in", source, enginetest.Watermarks[ride]())
		engine.SinkTo(engine.Union("hop", in), "ledger", engine.Sink[record](l))
		if err := job.Run(ctx); life == 1 && err != nil || life == 0 && !errors.Is(err, engine.ErrCancelled) {
			t.Fatalf("life %d: %v", life, err)
		}
		kill()
	}
	l.check(t, n)
}

// check holds what is published against n elements, each once.
func (l *ledger) check(t *testing.T, n int) {
	t.Helper()
	seen := make(map[int64]int)
	for _, ids := range l.committed {
		for _, id := range ids {
			seen[id]++
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d elements are published", len(seen), n)
	}
	for id, times := range seen {
		if times != 1 {
			t.Fatalf("element %d is published %d times", id, times)
		}
	}
}
