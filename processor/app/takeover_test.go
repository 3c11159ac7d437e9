package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/app"
)

// Ensure a processor that takes over goes on from the running one's checkpoint, and that
// the running one ends, names it and leaves every document as it is.
func TestTakeOver(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.bucket()
	old, wait := s.start("-hotspot-min", "1")
	s.put(tripOne)
	until(t, "a checkpoint with a trip", func() bool { return old.Status().Checkpoints.Completed > 0 })
	heir, stop := s.start("-hotspot-min", "1", "-takeover")
	until(t, "the new one reads", func() bool { return heir.Status().State == engine.JobRunning })
	s.put(tripTwo, dayEnds) // news for a checkpoint of the old one, too
	until(t, "the end of the old one", func() bool { return ended(old) })
	if err := wait(); err == nil || !strings.Contains(err.Error(), "were taken over by process ") || !strings.Contains(err.Error(), "writes nothing more") {
		t.Fatalf("the old one ended with %v", err)
	}
	until(t, "the end of the day", func() bool { return heir.Status().Watermark >= dayEndMs })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.log.String(), "going on from a checkpoint") || !strings.Contains(s.log.String(), "taking over the checkpoints in s3://") {
		t.Errorf("log:\n%s", s.log.String())
	}
	if n := s.pickups(); n != 2 {
		t.Errorf("%d pickups, want 2", n)
	}
}

func ended(p *app.Processor) bool {
	switch p.Status().State {
	case engine.JobFailed, engine.JobCancelled, engine.JobFinished:
		return true
	}
	return false
}

func TestTakeOver_Folder(t *testing.T) {
	_, err := parse("-opensearch-endpoint", "http://127.0.0.1:1", "-takeover")
	if err == nil || !strings.Contains(err.Error(), "-takeover needs a -checkpoint-dir in S3") {
		t.Fatalf("got %v", err)
	}
}

// Ensure a processor whose checkpoint folder is moved away, or whose lock file is
// replaced, ends with a message and does not make a second folder of checkpoints.
func TestFolder_Lost(t *testing.T) {
	for name, lose := range map[string]func(dir string) error{
		"Moved":    func(dir string) error { return os.Rename(dir, dir+"-moved") },
		"Unlocked": func(dir string) error { return os.Remove(filepath.Join(dir, "lock")) },
		"Replaced": func(dir string) error {
			if err := os.Rename(dir, dir+"-moved"); err != nil {
				return err
			}
			other, err := checkpoint.OpenFolder(dir, checkpoint.FolderOptions{})
			if err != nil {
				return err
			}
			return other.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServers(t, embedded.Options{})
			s.dir = filepath.Join(s.dir, "checkpoints")
			s.put(dayEnds)
			p, wait := s.start()
			s.reads(p)
			if err := lose(s.dir); err != nil {
				t.Fatal(err)
			}
			for i := 0; !ended(p); i++ {
				s.put(strings.Replace(tripOne, `"trip_id":1`, `"trip_id":`+time.Now().Format("150405000000"), 1))
			}
			if err := wait(); err == nil || !strings.Contains(err.Error(), "was moved away, or its lock file was replaced") {
				t.Fatalf("got %v", err)
			}
			if all, err := filepath.Glob(filepath.Join(s.dir, "chk-*")); err != nil || name == "Moved" && len(all) > 0 {
				t.Errorf("new checkpoints %v, %v", all, err)
			}
		})
	}
}
