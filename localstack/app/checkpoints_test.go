package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/engine"
)

// onward starts a processor and lets it read one more hour, named by its number.
func onward(w *world, hour int, args ...string) error {
	w.t.Helper()
	for id := range 2 {
		w.put(0, fmt.Sprintf(goodTrip, hour*10+id+1, fmt.Sprintf("2016-01-05T%02d:30:00.000Z", hour)))
	}
	w.put(0, fmt.Sprintf(watermark, fmt.Sprintf("2016-01-05T%02d:59:59.999Z", hour)))
	p, stop := w.processor(args...)
	waitFor(w.t, "the processor reads or fails", func() bool {
		s := p.Status()
		return s.State == engine.JobFailed || s.Watermark >= int64(1452002399999+(hour-13)*3600_000)
	})
	return stop()
}

func checkpoints(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "chk-*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no checkpoints in %s: %v", dir, err)
	}
	slices.Sort(found)
	return found
}

// Ensure a damaged checkpoint is reported and the one before it is used, and the
// results are right.
func TestCorruptCheckpoint(t *testing.T) {
	w := newWorld(t, 1)
	for hour := 13; hour < 16; hour++ {
		if hour > 14 { // the one before is whole
			last := checkpoints(t, w.dir)
			files, err := filepath.Glob(filepath.Join(last[len(last)-1], "*"))
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)/2] ^= 1
			if err := os.WriteFile(files[0], data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := onward(w, hour); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(w.log.String(), "a checkpoint is damaged and was passed over") {
		t.Errorf("the damage is not reported:\n%s", w.log.String())
	}
	if n := strings.Count(w.export(), `"pickup_count":2`); n != 3 {
		t.Errorf("%d windows, want 3:\n%s", n, w.export())
	}
}

// Ensure a checkpoint of another stream, other rules, a finished job or a folder
// in use is refused in one line that says so.
func TestForeignCheckpoint(t *testing.T) {
	w := newWorld(t, 1)
	if err := onward(w, 13); err != nil {
		t.Fatal(err)
	}
	t.Run("OtherStream", func(t *testing.T) {
		if err := w.kinesis.CreateStream("other", 1); err != nil {
			t.Fatal(err)
		}
		wantError(t, w, "stream is", "-stream", "other")
	})
	t.Run("OtherPrefix", func(t *testing.T) { wantError(t, w, "index_prefix is", "-index-prefix", "b-") })
	t.Run("OtherRules", func(t *testing.T) { wantError(t, w, "the index prefix", "-hotspot-window", "5m") })
	t.Run("InUse", func(t *testing.T) {
		_, stop := w.processor()
		_, err := w.open()
		if err == nil || !strings.Contains(err.Error(), w.dir) || !strings.Contains(err.Error(), "use") {
			t.Errorf("got %v", err)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("Finished", func(t *testing.T) {
		p, err := w.open()
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- p.Run() }()
		waitFor(t, "it reads", func() bool { return p.Status().State == engine.JobRunning })
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		wantError(t, w, "drained job")
	})
}

func wantError(t *testing.T, w *world, holds string, args ...string) {
	t.Helper()
	p, err := w.open(args...)
	if err == nil {
		err = p.Run()
	}
	if err == nil || !strings.Contains(err.Error(), holds) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line with %q", err, holds)
	}
}

// Ensure checkpoints that cannot be written are reported and counted, and that
// the job goes on and its results are right.
func TestUnwritableCheckpointFolder(t *testing.T) {
	w := newWorld(t, 1)
	p, stop := w.processor()
	waitFor(t, "a checkpoint", func() bool { return p.Status().Checkpoints.Completed > 0 })
	if err := os.Rename(w.dir, w.dir+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.put(0, fmt.Sprintf(goodTrip, 1, "2016-01-05T12:30:00.000Z")) // while nothing changes none is taken
	waitFor(t, "a checkpoint fails", func() bool { return p.Status().Checkpoints.Failed > 0 })
	if s := p.Status(); s.State != engine.JobRunning || !strings.Contains(w.log.String(), "checkpoint failed") {
		t.Errorf("the job is %s, the log says\n%s", s.State, w.log.String())
	}
	if err := os.Remove(w.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(w.dir+".away", w.dir); err != nil {
		t.Fatal(err)
	}
	failed := p.Status().Checkpoints.Completed
	waitFor(t, "checkpoints are whole again", func() bool { return p.Status().Checkpoints.Completed > failed })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// Ensure a checkpoint of another stream, such as a server that forgot its own
// leaves behind, is refused with the command that continues, and that it does.
func TestCheckpointOfAnotherStream(t *testing.T) {
	before := newWorld(t, 1)
	p, stop := before.processor()
	if _, err := p.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, 1)
	w.dir = before.dir
	for id := range 2 {
		w.put(0, fmt.Sprintf(goodTrip, id+1, "2016-01-05T12:30:00.000Z"))
	}
	w.put(0, fmt.Sprintf(watermark, "2016-01-05T13:59:59.999Z"))
	again, err := w.open("-p", "3")
	if err != nil {
		t.Fatal(err)
	}
	err = again.Run()
	if err == nil || !strings.Contains(err.Error(), "stream_created is ") {
		t.Fatalf("it runs on with %v", err)
	}
	_, command, found := strings.Cut(err.Error(), "start from another checkpoint folder: go run ./processor ")
	if !found || !strings.Contains(command, " -p 3 -checkpoint-dir "+w.dir+"-2") {
		t.Fatalf("no command in %v", err)
	}
	p, stop = w.processor(strings.Fields(command)...)
	if _, err := p.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(w.export(), `"pickup_count":2`) {
		t.Error("the documents are not there")
	}
}
