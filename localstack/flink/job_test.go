//go:build flink

package flink

import (
	"path/filepath"
	"testing"

	"taxistream/localstack/localtest"
)

// source is a day of trips: a real one where there is one.
func source(t *testing.T) string {
	t.Helper()
	if dir := localtest.SharedData(t); dir != "" {
		return filepath.Join(dir, "flink-rides-2013-01-01.csv.gz")
	}
	return localtest.GeneratedDay(t, 30_000)
}

// kill ends a job without a word.
func (w *world) kill(job *localtest.Process) {
	w.t.Helper()
	w.killed = true
	if err := job.Process.Kill(); err != nil {
		w.t.Fatal(err)
	}
	job.WaitExit(inTime)
}

// settled waits for two more checkpoints: then the job is at work.
func (w *world) settled() {
	w.t.Helper()
	first := newest(w.checkpoints())
	localtest.WaitFor(w.t, "the job takes checkpoints", func() bool { return newest(w.checkpoints()) >= first+2 })
}

// Ensure a day's documents are the oracle's, byte for byte, with more readers than shards.
func TestDocuments(t *testing.T) {
	file := source(t)
	want, rejected := localtest.Documents(t, localtest.Read(t, file))
	w := newWorld(t, 2)
	if p := w.producer(file, "-speedup", "0"); p.WaitExit(inTime) != 0 {
		t.Fatal(p.Errors())
	}
	job := w.job("-p", "3")
	export, rejects := w.reference(lastWatermark(t, file))
	if diff := localtest.Diff([]byte(export), want); diff != "" {
		t.Fatal(diff)
	}
	for reason, n := range rejected {
		if got := byReason(rejects)[reason]; got != n {
			t.Fatalf("%d rejects of reason %s, want %d", got, reason, n)
		}
	}
	w.await(job, export, rejects)
	w.stop(job)
}

// lastWatermark is the one that the producer ends a file with.
func lastWatermark(t *testing.T, file string) int64 {
	t.Helper()
	return endWatermark(localtest.Read(t, file))
}

// Ensure kill -9 in the middle of a replay, while the stream is resharded, changes nothing; the
// second run reads by enhanced fan-out, from where the first one polled to.
func TestKill(t *testing.T) {
	file := source(t)
	w := newWorld(t, 3)
	producer := w.producer(file, "-speedup", "6000") // a day in 15 seconds
	job := w.job()
	w.settled()
	w.split(0)
	w.kill(job)
	w.merge(2)
	job = w.job("-consumer", "fan-out")
	w.settled()
	w.split(1)
	w.kill(job)
	job = w.job()
	if producer.WaitExit(inTime) != 0 {
		t.Fatal(producer.Errors())
	}
	export, rejects := w.reference(lastWatermark(t, file))
	want, _ := localtest.Documents(t, localtest.Read(t, file))
	if diff := localtest.Diff([]byte(export), want); diff != "" {
		t.Fatal(diff)
	}
	w.await(job, export, rejects)
	w.stop(job)
}

// Ensure savepoints move the job from 2 subtasks to 4 and to 1, and to another folder.
func TestRescale(t *testing.T) {
	file := source(t)
	w := newWorld(t, 3)
	producer := w.producer(file, "-speedup", "6000")
	for _, p := range []string{"2", "4"} {
		job := w.job("-p", p)
		w.settled()
		w.split(0)
		w.stop(job)
	}
	saved, err := filepath.Glob(filepath.Join(w.dir, "savepoint-*", "_metadata"))
	if err != nil || len(saved) == 0 {
		t.Fatalf("no savepoint in %s: %v", w.dir, err)
	}
	from := latest(t, saved)
	w.dir = t.TempDir()
	job := w.job("-p", "1", "-from-savepoint", from)
	if producer.WaitExit(inTime) != 0 {
		t.Fatal(producer.Errors())
	}
	export, rejects := w.reference(lastWatermark(t, file))
	w.await(job, export, rejects)
	w.stop(job)
}
