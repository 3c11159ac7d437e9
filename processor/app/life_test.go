package app_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"taxistream/engine"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/search"
	"taxistream/processor/app"
)

// Ensure a second signal ends the program at once, with status 1, though the store
// keeps the first from its last checkpoint.
func TestMain_SecondSignal(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.search.SetFault(func(r *http.Request) *search.Fault {
		if search.IsBulk(r) {
			return &search.Fault{Status: http.StatusServiceUnavailable, Type: "unavailable", Reason: "away"}
		}
		return nil
	})
	s.put(outside, dayEnds)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // ends what Main leaves behind, as the process's end does
	var stdout, stderr buffer
	status := make(chan int, 1)
	go func() { status <- app.Main(ctx, s.args("-log-format", "json"), &stdout, &stderr) }()
	until(t, "the store is asked in vain, beside the question at the start", func() bool { return s.search.Stats().Faults > 1 })
	for _, said := range []string{"taking a last checkpoint", "ended at once"} {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		until(t, said, func() bool { return strings.Contains(stderr.String(), said) })
	}
	if got := <-status; got != 1 {
		t.Errorf("status %d, want 1:\n%s", got, stderr.String())
	}
}

// Ensure a drain fires every window and marks its checkpoint, from which no run goes on.
func TestRun_Drain(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, tripTwo) // their windows are open: no watermark comes
	p, wait := s.start()
	until(t, "both shards are read", func() bool {
		n := int64(0)
		for _, split := range p.Status().Splits {
			n += split.Elements
		}
		return n == 4
	})
	if err := p.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if counts, durations := s.documents("pickup_count"), s.documents("trip_duration"); counts != 1 || durations != 1 {
		t.Errorf("%d pickup counts and %d trip durations, want one of each", counts, durations)
	}
	status, _, stderr := main(s.args("-quiet")...)
	if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, s.dir) || !strings.Contains(stderr, "drained") {
		t.Errorf("status %d, %q, want one line that names the folder", status, stderr)
	}
}

// Ensure a checkpoint of another stream or prefix ends the program in one line that
// names the folder and what differs, and leaves the checkpoint as it is.
func TestMain_ForeignCheckpoint(t *testing.T) {
	s := newServers(t, embedded.Options{})
	if err := s.kinesis.CreateStream("other", 1); err != nil {
		t.Fatal(err)
	}
	p, wait := s.start()
	until(t, "it reads", func() bool { return p.Status().State == engine.JobRunning })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	for flag, differs := range map[string]string{"-stream=other": "stream", "-index-prefix=b-": "index_prefix"} {
		status, _, stderr := main(s.args("-quiet", flag)...)
		if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, s.dir) || !strings.Contains(stderr, differs) {
			t.Errorf("%s: status %d, %q, want one line that names %s", flag, status, stderr, differs)
		}
	}
	p, wait = s.start()
	until(t, "it reads again", func() bool { return p.Status().State == engine.JobRunning && p.Status().Checkpoints.RestoredID > 0 })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
}

// Ensure a folder that another processor uses is refused at the start, in one line.
func TestMain_FolderInUse(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.start()
	status, _, stderr := main(s.args()...)
	if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, s.dir) {
		t.Errorf("status %d, %q", status, stderr)
	}
}
