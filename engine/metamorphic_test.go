package engine_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// Ensure that the same log gives the same results under any parallelism, batch
// size, capacity, read size, reshard, crash and restart: those of the model.
func TestMetamorphic(t *testing.T) {
	var restores, crashes int
	rapid.Check(t, func(rt *rapid.T) {
		log := drawLog(rt)
		want := model.Run(log)
		r := &rides{}
		store := checkpoint.NewMemory(rapid.IntRange(1, 3).Draw(rt, "retained"))
		lives := rapid.IntRange(0, 4).Draw(rt, "crashes")
		for life := 0; ; life++ {
			source, killed := drawSource(rt, log, life < lives)
			r.source = source
			job := r.job(drawConfig(rt, store))
			err := job.Run(t.Context())
			if job.Status().Checkpoints.RestoredID > 0 {
				restores++
			}
			if err == nil {
				break
			}
			crashes++
			if !errors.Is(err, errKilled) || !killed.Load() {
				rt.Fatalf("life %d: %v", life, err)
			}
		}
		compare(rt, r, want)
	})
	t.Logf("%d crashes, %d restores from a checkpoint", crashes, restores)
}

var errKilled = errors.New("killed by the test")

var model = enginetest.Model[ride]{
	ID:    func(r ride) int64 { return r.ID },
	Group: func(r ride) int64 { return r.Cell },
	Size:  size,
}

// compare holds what the sinks got, with repeats taken out by id and version as
// the documents are, against the model.
func compare(t interface{ Fatalf(string, ...any) }, r *rides, want enginetest.Outcome) {
	got := make(map[enginetest.GroupWindow]int64)
	for _, e := range r.counts.Elements() {
		id := enginetest.GroupWindow{Group: e.Value.Cell, Start: e.Value.Start}
		got[id] = max(got[id], e.Value.Count)
		if e.EventTime != e.Value.Start+size-1 {
			t.Fatalf("result %v is not at its window's end", e)
		}
	}
	if !maps.Equal(got, want.Counts) {
		t.Fatalf("counts\n got %v\nwant %v", got, want.Counts)
	}
	late := make(map[enginetest.Place]bool)
	for _, e := range r.late.Elements() {
		late[enginetest.Place{Split: e.Value.Split, Number: e.Value.Number}] = true
	}
	places := slices.Collect(maps.Keys(late))
	enginetest.SortPlaces(places)
	if !slices.Equal(places, want.Late) {
		t.Fatalf("late\n got %v\nwant %v", places, want.Late)
	}
	if n := len(r.again.Elements()); n < want.Duplicates {
		t.Fatalf("%d duplicates, want at least %d", n, want.Duplicates)
	}
}

// drawLog makes a log of records, watermarks, splits and merges. Most records keep
// their split's promise.
func drawLog(t *rapid.T) *enginetest.Log[ride] {
	n := rapid.IntRange(1, 4).Draw(t, "splits")
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprint("s", i))
	}
	log := enginetest.NewLog[ride](ids...)
	now := make(map[string]int64)
	next := n
	steps := rapid.IntRange(0, 300).Draw(t, "steps")
	for i := range int64(steps) {
		open := log.Open()
		split := rapid.SampledFrom(open).Draw(t, "split")
		switch rapid.IntRange(0, 19).Draw(t, "step") {
		case 0:
			a, b := fmt.Sprint("s", next), fmt.Sprint("s", next+1)
			next += 2
			now[a], now[b] = now[split], now[split]
			log.Split(split, a, b)
		case 1:
			other := rapid.SampledFrom(open).Draw(t, "other")
			if other == split {
				continue
			}
			child := fmt.Sprint("s", next)
			next++
			now[child] = min(now[split], now[other])
			log.Merge(split, other, child)
		case 2, 3, 4, 5:
			w := now[split] + rapid.Int64Range(-size/10, size).Draw(t, "watermark step")
			now[split] = max(now[split], w)
			log.Watermark(split, w)
		case 6:
			at := max(0, now[split]-rapid.Int64Range(0, 3*size).Draw(t, "behind"))
			log.Append(split, rideAt(at, i, 5), at)
		case 7:
			at := now[split] + 1
			log.Append(split, rideAt(at, i/8, 5), at) // perhaps an id seen before
		default:
			at := now[split] + rapid.Int64Range(1, size).Draw(t, "ahead")
			log.Append(split, rideAt(at, i, 5), at)
		}
	}
	log.Seal()
	return log
}

// drawSource reads the log; if it is to die, a read fails some time on.
func drawSource(t *rapid.T, log *enginetest.Log[ride], dies bool) (*enginetest.LogSource[ride], *atomic.Bool) {
	source := &enginetest.LogSource[ride]{
		Log:          log,
		ReadSize:     rapid.IntRange(1, 40).Draw(t, "read size"),
		NameChildren: rapid.Bool().Draw(t, "reader names children"),
		HideUnborn:   rapid.Bool().Draw(t, "hide unborn"),
	}
	killed := new(atomic.Bool)
	if dies {
		var left atomic.Int64
		left.Store(rapid.Int64Range(1, 60).Draw(t, "reads before the crash"))
		source.Fail = func(string, int) error {
			if left.Add(-1) > 0 {
				return nil
			}
			killed.Store(true)
			return errKilled
		}
	}
	return source, killed
}

func drawConfig(t *rapid.T, store checkpoint.Store) engine.Config {
	return engine.Config{
		Name: "metamorphic", Store: store, MaxParallelism: 16,
		Parallelism:        rapid.IntRange(1, 8).Draw(t, "parallelism"),
		BatchSize:          rapid.IntRange(1, 20).Draw(t, "batch size"),
		ChannelCapacity:    rapid.IntRange(1, 4).Draw(t, "channel capacity"),
		FetchCapacity:      rapid.IntRange(1, 4).Draw(t, "fetch capacity"),
		CheckpointInterval: time.Duration(rapid.IntRange(50, 3000).Draw(t, "checkpoint interval")) * time.Microsecond,
		TickInterval:       5 * time.Millisecond,
		BalanceSplits:      rapid.Bool().Draw(t, "balance splits"),
	}
}
