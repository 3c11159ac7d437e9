package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// stopped runs a job over a log of two records and stops it.
func stopped(t *testing.T, c engine.Config, log *enginetest.Log[ride]) {
	t.Helper()
	s := start(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(c))
	s.reads(t, 2)
	if err := s.job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-s.err
}

func twoRecords() *enginetest.Log[ride] {
	log := enginetest.NewLog[ride]("a")
	log.Append("a", rideAt(5, 1, 1), 5)
	log.Append("a", rideAt(6, 2, 1), 6)
	return log
}

// Ensure that a checkpoint of another stream or other rules is refused by name.
func TestJob_Fingerprint(t *testing.T) {
	store, log := checkpoint.NewMemory(1), twoRecords()
	stopped(t, engine.Config{Name: "test", Store: store, Fingerprint: map[string]string{"stream": "x", "window": "10m", "old": "1"}}, log)
	err := run(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{
		Name: "test", Store: store, Fingerprint: map[string]string{"stream": "x", "window": "20m", "new": "2"},
	}))
	var refused *engine.FingerprintError
	if !errors.As(err, &refused) {
		t.Fatalf("run: %v", err)
	}
	want := []engine.FingerprintDifference{{"new", "", "2"}, {"old", "1", ""}, {"window", "10m", "20m"}}
	if len(refused.Differs) != len(want) {
		t.Fatalf("differs in %v", refused.Differs)
	}
	for i := range want {
		if refused.Differs[i] != want[i] {
			t.Errorf("differs in %v, want %v", refused.Differs[i], want[i])
		}
	}
}

// Ensure that a key which an older checkpoint does not name has its default there.
func TestJob_FingerprintDefault(t *testing.T) {
	for value, want := range map[string][]engine.FingerprintDifference{"10y": nil, "1h": {{"ahead", "10y", "1h"}}} {
		store, log := checkpoint.NewMemory(1), twoRecords()
		stopped(t, engine.Config{Name: "test", Store: store, Fingerprint: map[string]string{"stream": "x"}}, log)
		log.Seal()
		err := run(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{
			Name: "test", Store: store,
			Fingerprint:         map[string]string{"stream": "x", "ahead": value},
			FingerprintDefaults: map[string]string{"ahead": "10y", "stream": "y"},
		}))
		var refused *engine.FingerprintError
		if errors.As(err, &refused) != (want != nil) || want != nil && !slices.Equal(refused.Differs, want) || want == nil && err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// Ensure that a checkpoint that does not fit the graph is refused.
func TestJob_Incompatible(t *testing.T) {
	store, log := checkpoint.NewMemory(1), twoRecords()
	stopped(t, engine.Config{Name: "test", Store: store}, log)
	var refused *engine.IncompatibleError
	err := run(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", Store: store, MaxParallelism: 64}))
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "key groups") {
		t.Errorf("other key groups: %v", err)
	}
	job := engine.NewJob(engine.Config{Name: "test", Store: store})
	in := engine.FromSource(job, "rides", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
	engine.SinkTo(in, "out", &enginetest.Collect[record]{})
	if err := run(t, job); !errors.As(err, &refused) || !strings.Contains(err.Error(), `"count"`) {
		t.Errorf("another graph: %v", err)
	}
}

// Ensure that a job passes over a damaged checkpoint, says so, and goes on from the
// one before with ids that grow.
func TestJob_DamagedCheckpoint(t *testing.T) {
	dir, log := t.TempDir(), twoRecords()
	for range 2 {
		store, err := checkpoint.OpenFolder(dir, checkpoint.FolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		stopped(t, engine.Config{Name: "test", Store: store}, log)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		log.Append("a", rideAt(7, 3, 1), 7)
		log.Append("a", rideAt(8, 4, 1), 8)
	}
	manifest := filepath.Join(dir, "chk-0000000002", "manifest.json")
	if err := os.Truncate(manifest, 40); err != nil {
		t.Fatal(err)
	}
	store, err := checkpoint.OpenFolder(dir, checkpoint.FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	var restored engine.RestoreEvent
	log.Seal()
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	job := r.job(engine.Config{Name: "test", Store: store, Hooks: engine.Hooks{OnRestore: func(e engine.RestoreEvent) { restored = e }}})
	if err := run(t, job); err != nil {
		t.Fatal(err)
	}
	if restored.ID != 1 || len(restored.Damaged) != 1 || restored.Damaged[0].ID != 2 || !errors.Is(restored.Damaged[0].Err, checkpoint.ErrCorrupt) {
		t.Errorf("restored %+v", restored)
	}
	if last := job.Status().Checkpoints.LastID; last <= 2 {
		t.Errorf("the next checkpoint has id %d", last)
	}
	compare(t, r, model.Run(log))
}

// Ensure that a job does not forget checkpoints that it cannot read, unless it is told to; its ids go on behind theirs.
func TestJob_NoneWhole(t *testing.T) {
	dir, log := t.TempDir(), twoRecords()
	store, err := checkpoint.OpenFolder(dir, checkpoint.FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	stopped(t, engine.Config{Name: "test", Store: store}, log)
	if err := os.Remove(filepath.Join(dir, "chk-0000000001", "manifest.json")); err != nil {
		t.Fatal(err)
	}
	log.Seal()
	for range 2 { // a refusal leaves all as it was
		var none *engine.NoneWholeError
		err = run(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", Store: store}))
		if !errors.As(err, &none) || len(none.Damaged) != 1 || none.Damaged[0].ID != 1 || !strings.Contains(err.Error(), "none of them is whole") {
			t.Fatalf("run: %v", err)
		}
	}
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	job := r.job(engine.Config{Name: "test", Store: store, AllowFreshStart: true})
	if err := run(t, job); err != nil {
		t.Fatal(err)
	}
	if last := job.Status().Checkpoints.LastID; last <= 1 {
		t.Errorf("the next checkpoint has id %d", last)
	}
	compare(t, r, model.Run(log))
}

// Ensure that a split idle at its tip lets the others go on, that what it brings
// late is late, and that the clock does not go back.
func TestJob_Idleness(t *testing.T) {
	log := enginetest.NewLog[ride]("busy", "quiet")
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	s := start(t, r.job(engine.Config{Name: "test", Parallelism: 2, IdleTimeout: 20 * time.Millisecond, TickInterval: time.Millisecond}))
	log.Append("quiet", rideAt(1, 1, 1), 1)
	log.Append("busy", rideAt(2, 2, 1), 2)
	at := int64(20_000)
	wait(t, "the quiet split is idle", func() bool {
		at++
		log.Watermark("busy", at)
		for _, split := range s.job.Status().Splits {
			if split.ID == "quiet" && split.Idle {
				return true
			}
		}
		return false
	})
	wait(t, "the window has fired", func() bool { return len(r.counts.Elements()) == 1 })
	log.Append("quiet", rideAt(3, 3, 1), 3) // its window is gone
	wait(t, "the straggler is late", func() bool { return len(r.late.Elements()) == 1 })
	if err := s.job.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.counts.Elements(); len(got) != 1 || got[0].Value.Count != 2 {
		t.Errorf("counts %v", got)
	}
}
