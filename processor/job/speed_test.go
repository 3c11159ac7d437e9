package job_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

var (
	speedTrips  = flag.String("trips", "", "file of JSON events for TestSpeed, a line each; \"\": events of its own")
	speedEvents = flag.Int("events", 50_000, "events of its own for TestSpeed")
	speedRepeat = flag.Int("repeat", 1, "how often TestSpeed reads its events, each time a day later")
	speedRounds = flag.Int("rounds", 1, "how often TestSpeed measures")
	speedMost   = flag.Float64("most", 0, "the most CPU that TestSpeed's job may take, as a share of the bare loop's; 0: any")
	speedPeer   = flag.String("peer", "", "another bare loop, a program, to be run by TestSpeed with a file of the events and -repeat")
	speedPeers  = flag.Float64("most-peer", 0, "as -most, of that program's CPU")
)

// cpuTime is the process's user and system time.
func cpuTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// speedLines are the events, a line each.
func speedLines(t *testing.T) [][]byte {
	if *speedTrips == "" {
		return eventLines(*speedEvents)
	}
	data, err := os.ReadFile(*speedTrips)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	s := bufio.NewScanner(bytes.NewReader(data))
	for s.Scan() {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	// Ids begin at 1 here.
	lines[0] = bytes.Replace(lines[0], []byte(`"trip_id":0,`), fmt.Appendf(nil, `"trip_id":%d,`, len(lines)), 1)
	return lines
}

// speedTotals is what came out: the same of the job and of the bare loop.
type speedTotals struct {
	Events, Counts, Durations, Trips, Seconds int64
}

// runJob runs the processor's job over lines in memory, with a checkpoint every 5 s, to a sink
// that counts.
func runJob(t *testing.T, lines [][]byte, parallelism int) (speedTotals, time.Duration) {
	store, err := checkpoint.OpenFolder(filepath.Join(t.TempDir(), "checkpoints"), checkpoint.FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	j := engine.NewJob(engine.Config{Name: "speed", Parallelism: parallelism, Store: store, CheckpointInterval: 5 * time.Second})
	out := &tally{}
	job.Build(j, job.Config{
		EventTime: job.EventTime{Mode: job.Bounded, Bound: 5 * time.Second}, Rules: trip.DefaultRules,
		HotspotResolution: 9, AirportResolution: 9, HotspotMin: 1, Now: time.Now, Counts: &job.Counts{},
	}, &lineSource{lines: lines, splits: parallelism, repeat: *speedRepeat}, out)
	began := cpuTime(t)
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	took := cpuTime(t) - began
	out.totals.Events = int64(len(lines) * *speedRepeat)
	return out.totals, took
}

// runPeer runs another bare loop as a process.
func runPeer(t *testing.T, lines [][]byte) time.Duration {
	file := *speedTrips
	if file == "" {
		file = filepath.Join(t.TempDir(), "trips.json")
		if err := os.WriteFile(file, append(bytes.Join(lines, []byte("\n")), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(*speedPeer, file, strconv.Itoa(*speedRepeat))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", *speedPeer, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// TestSpeed measures the CPU time of the job beside that of the same work in a bare loop
// without engine, state, documents or checkpoints, in turn, and compares what comes out.
func TestSpeed(t *testing.T) {
	lines := speedLines(t)
	n := float64(len(lines) * *speedRepeat)
	var jobs, wide, bare, peer time.Duration
	us := func(d time.Duration) float64 { return d.Seconds() * 1e6 / n / float64(*speedRounds) }
	var want speedTotals
	for range *speedRounds {
		if *speedPeer != "" {
			peer += runPeer(t, lines)
		}
		began := cpuTime(t)
		want = bareLoop(t, lines, *speedRepeat)
		bare += cpuTime(t) - began
		for parallelism, sum := range map[int]*time.Duration{1: &jobs, 2: &wide} {
			got, took := runJob(t, lines, parallelism)
			if *sum += took; got != want {
				t.Fatalf("at parallelism %d the job makes %+v of what is %+v to the loop", parallelism, got, want)
			}
		}
	}
	t.Logf("%.0f events: %+v", n, want)
	t.Logf("CPU us an event: job %.3f, at parallelism 2 %.3f (%.3f times that), bare loop %.3f", us(jobs), us(wide), us(wide)/us(jobs), us(bare))
	t.Logf("job / bare loop %.3f", us(jobs)/us(bare))
	if *speedMost > 0 && us(jobs) > *speedMost*us(bare) {
		t.Errorf("that is to be %.2f at most", *speedMost)
	}
	if *speedPeer == "" {
		return
	}
	t.Logf("job / other bare loop %.3f, which takes %.3f", us(jobs)/us(peer), us(peer))
	if *speedPeers > 0 && us(jobs) > *speedPeers*us(peer) {
		t.Errorf("that is to be %.2f at most", *speedPeers)
	}
}
