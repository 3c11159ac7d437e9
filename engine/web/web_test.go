package web_test

import (
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/web"
)

var update = flag.Bool("update", false, "write the golden answers instead of comparing them")

// snapshot is a job of three tasks: a source with an operator chained to it, a
// window behind a shuffle whose queue is filling, and its sink.
func snapshot() engine.Snapshot {
	two := func(in, out int64, fill float64) []engine.SubtaskStatus {
		return []engine.SubtaskStatus{{In: in, Out: out, Sent: out / 2, BytesIn: 100 * in, BytesOut: 10 * out, Watermark: 1000, Busy: 3 * time.Second, Idle: time.Second, BusyShare: 0.75, IdleShare: 0.25}, {Backpressured: 4 * time.Second, BackpressuredShare: fill, IdleShare: 1 - fill, In: in + 1, Out: out + 1, Sent: 1, Watermark: engine.NoWatermark, QueueFill: fill, Late: 3}}
	}
	return engine.Snapshot{
		Name: "taxi-trips", State: engine.JobRunning, Parallelism: 2, Started: time.UnixMilli(1_000_000), Watermark: 1000,
		Began: time.UnixMilli(1_000_000), Attempts: 1,
		Operators: []engine.OperatorStatus{
			{Name: "trips", Subtasks: two(10, 9, 0)},
			{Name: "judge", Inputs: []string{"trips"}, Chained: true, Subtasks: two(9, 8, 0)},
			{Name: "hotspots", Inputs: []string{"judge"}, Ship: engine.ShipHash, Subtasks: two(8, 2, 0.7)},
			{Name: "sink", Inputs: []string{"hotspots"}, Ship: engine.ShipForward, Subtasks: two(2, 0, 0.2)},
		},
		Checkpoints: checkpoints(),
		Failures: []engine.Failure{
			{Time: time.UnixMilli(1), Attempt: 1, Err: errors.New("no store")},
			{Time: time.UnixMilli(2), Attempt: 2, Repeats: 1, Err: &engine.OperatorError{Operator: "judge", Subtask: 1, Element: "7", Split: "shard", Offset: []byte("17"), Err: errors.New("odd")}},
		},
	}
}

// checkpoints are one that failed and one that did not, with what the tasks of each did.
func checkpoints() engine.CheckpointStatus {
	at := time.UnixMilli(1_050_000)
	task := func(operator string, subtask int, bytes int64) engine.TaskCheckpoint {
		return engine.TaskCheckpoint{
			Operator: operator, Subtask: subtask, StartDelay: time.Millisecond, Alignment: 2 * time.Millisecond, Sync: 3 * time.Millisecond,
			Async: 4 * time.Millisecond, Acknowledged: at.Add(10 * time.Millisecond), Bytes: bytes, NewBytes: bytes / 2,
			Operators: []engine.OperatorBytes{{Operator: operator, Bytes: bytes}},
		}
	}
	whole := &engine.CheckpointRecord{
		ID: 7, Started: at, Duration: 20 * time.Millisecond, Expected: 6, Acknowledged: 6,
		CheckpointFigures: engine.CheckpointFigures{Took: 20 * time.Millisecond, Bytes: 99, NewBytes: 48},
	}
	for _, operator := range []string{"trips", "hotspots", "sink"} {
		whole.Tasks = append(whole.Tasks, task(operator, 0, 11), task(operator, 1, 22))
	}
	failed := &engine.CheckpointRecord{
		ID: 6, Started: at.Add(-time.Second), Duration: time.Second, Expected: 6, Acknowledged: 1, Err: errors.New("disk full"),
		Tasks: []engine.TaskCheckpoint{task("hotspots", 1, 5)},
	}
	return engine.CheckpointStatus{
		RestoredID: 3, RestoredAt: time.UnixMilli(999_000), LastID: 7, LastDuration: 20 * time.Millisecond, LastBytes: 99, LastTime: at,
		Completed: 4, Failed: 1, LastError: "disk full",
		History: []*engine.CheckpointRecord{failed, whole}, Figures: []engine.CheckpointFigures{whole.CheckpointFigures},
	}
}

func serve(t *testing.T, j func() engine.Snapshot) (*httptest.Server, string) {
	t.Helper()
	id := web.ID("taxi-trips", "stream")
	mux := http.NewServeMux()
	web.Register(mux, web.Options{
		ID: id, Job: j, Now: func() time.Time { return time.UnixMilli(1_060_000) }, MaxParallelism: 128,
		Settings: []web.Setting{{Key: "-stream", Value: "trips"}}, Version: "v1", Commit: "c0ffee", Address: "127.0.0.1:8081",
		Checkpoints: web.CheckpointConfig{Interval: 5 * time.Second, Timeout: time.Minute, Tolerable: 3, Storage: "a folder", StateBackend: "memory"},
		Log:         func() []byte { return []byte("a line\n") },
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s, id
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var v any
	if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text) + "\n"
}

// Ensure every path answers as its golden file says, with /v1 as without.
func TestPaths(t *testing.T) {
	s, id := serve(t, snapshot)
	vertex := "/jobs/" + id + "/vertices/" + web.ID("vertex", "trips")
	for name, path := range map[string]string{
		"overview": "/overview", "jobs": "/jobs", "jobs-overview": "/jobs/overview", "job": "/jobs/" + id, "plan": "/jobs/" + id + "/plan",
		"checkpoints": "/jobs/" + id + "/checkpoints", "details": "/jobs/" + id + "/checkpoints/details/7",
		"details-vertex": "/jobs/" + id + "/checkpoints/details/7/subtasks/" + web.ID("vertex", "hotspots"), "aggregated": vertex + "/subtasks/metrics?get=numRecordsIn,busyTimeMsPerSecond",
		"exceptions": "/jobs/" + id + "/exceptions", "vertex": vertex, "watermarks": vertex + "/watermarks",
		"backpressure": vertex + "/backpressure", "metrics": vertex + "/metrics", "metrics-get": vertex + "/metrics?get=0.numRecordsIn,1.judge.numLateRecordsDropped",
	} {
		t.Run(name, func(t *testing.T) {
			status, got := get(t, s.URL+path)
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, got)
			}
			if _, other := get(t, s.URL+"/v1"+path); other != got {
				t.Errorf("/v1 answers %s", other)
			}
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// Ensure what ended attempts is told, with where it was read and how often it failed.
func TestExceptions(t *testing.T) {
	s, id := serve(t, snapshot)
	_, got := get(t, s.URL+"/jobs/"+id+"/exceptions")
	for _, want := range []string{`"judge - subtask 1"`, `"element": "7"`, `"split": "shard"`, `"\"17\""`, `"repeats": "1"`, `"no store"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if strings.Index(got, "judge - ") > strings.Index(got, "no store") {
		t.Errorf("the newest is not the first: %s", got)
	}
}

// Ensure what is not there is a 404 that says where to look, and that nothing is changed by a GET's siblings.
func TestNotThere(t *testing.T) {
	s, id := serve(t, snapshot)
	for _, path := range []string{"/jobs/" + strings.Repeat("0", 32), "/jobs/" + id + "/vertices/0", "/jobs/" + id + "/vertices/0/metrics"} {
		if status, text := get(t, s.URL+path); status != http.StatusNotFound || !strings.Contains(text, "see /jobs") {
			t.Errorf("%s: status %d, %s", path, status, text)
		}
	}
	r, err := http.Post(s.URL+"/jobs/"+id+"/stop", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusNotFound && r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST stop: status %d", r.StatusCode)
	}
}

// Ensure a job that has not begun, and each state, has a word of Flink's.
func TestStates(t *testing.T) {
	for state, want := range map[engine.JobState]string{
		engine.JobCreated: "CREATED", engine.JobRunning: "RUNNING", engine.JobStopping: "RUNNING", engine.JobFinished: "FINISHED", engine.JobCancelled: "CANCELED", engine.JobFailed: "FAILED",
	} {
		s, _ := serve(t, func() engine.Snapshot { return engine.Snapshot{Name: "taxi-trips", State: state} })
		for _, path := range []string{"/jobs", "/jobs/overview"} {
			if _, text := get(t, s.URL+path); !strings.Contains(text, `"`+want+`"`) {
				t.Errorf("%s of a job that is %s: %s", path, state, text)
			}
		}
	}
}
