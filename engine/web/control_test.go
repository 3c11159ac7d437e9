package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/web"
)

// asked is a Control that notes what it is asked for; a savepoint waits for free.
type asked struct {
	mu    sync.Mutex
	calls []string
	free  chan struct{}
}

func (a *asked) note(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, fmt.Sprintf(format, args...))
}

func (a *asked) Savepoint(_ context.Context, target string) (string, error) {
	a.note("savepoint %s", target)
	<-a.free
	return target + "/savepoint-1", nil
}

func (a *asked) Stop(_ context.Context, target string, drain bool) (string, error) {
	a.note("stop %s %v", target, drain)
	return "", errors.New("disk full")
}

func (a *asked) Rescale(_ context.Context, parallelism int) error {
	a.note("rescale %d", parallelism)
	return nil
}

func (a *asked) Cancel() error {
	a.note("cancel")
	return nil
}

// Ensure each path that changes the job asks for just that, answers with an id, and tells under it
// what became of it, in Flink's shapes; that wrong requests change nothing.
func TestControl(t *testing.T) {
	c := &asked{free: make(chan struct{})}
	id, j := web.ID("a"), engine.Snapshot{State: engine.JobRunning}
	mux := http.NewServeMux()
	linger := web.Register(mux, web.Options{
		ID: id, Job: func() engine.Snapshot { return j }, Now: time.Now, MaxParallelism: 128, Control: c, Context: t.Context(),
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	do := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, strings.TrimSpace(string(text))
	}
	one, two := strings.Repeat("1", 32), strings.Repeat("2", 32)
	job := "/jobs/" + id
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", job + "/savepoints", `{"target-directory":"/a","triggerId":"` + one + `"}`, 202, `{"request-id":"` + one + `"}`},
		{"POST", "/v1" + job + "/savepoints", `{"targetDirectory":"/a","triggerId":"` + one + `"}`, 202, `{"request-id":"` + one + `"}`}, // once more: the same
		{"GET", job + "/savepoints/" + one, "", 200, `{"operation":null,"status":{"id":"IN_PROGRESS"}}`},
		{"GET", job + "/savepoints/" + two, "", 404, `see /jobs`},
		{"GET", job + "/rescaling/" + one, "", 404, `see /jobs`},
		{"POST", job + "/stop", `{"targetDirectory":"/b","drain":true,"triggerId":"` + two + `"}`, 202, two},
		{"POST", job + "/savepoints", `{"target":"/a"}`, 400, `{"errors":["the body is not valid: json: unknown field \"target\""]}`},
		{"POST", job + "/savepoints", `{"formatType":"NATIVE"}`, 400, `savepoints are CANONICAL`},
		{"POST", job + "/savepoints", `{"triggerId":"1"}`, 400, `32 hexadecimal digits`},
		{"POST", "/jobs/" + one + "/stop", "", 404, `see /jobs`},
		{"PATCH", job + "/rescaling?parallelism=5", "", 202, "request-id"},
		{"PATCH", job + "/rescaling?parallelism=129", "", 400, "choose 1 to 128"},
		{"PATCH", job + "/rescaling", "", 400, "choose 1 to 128"},
		{"PATCH", job + "?mode=stop", "", 400, "only cancel is there"},
		{"PATCH", job + "?mode=cancel", "", 202, "{}"},
		{"PATCH", "/v1" + job, "", 202, "{}"},
	} {
		if status, text := do(test.method, test.path, test.body); status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s %s: %d %s", test.method, test.path, status, text)
		}
	}
	close(c.free)
	told := func(path, want string) {
		t.Helper()
		for range 1000 {
			if _, text := do("GET", path, ""); text == want {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Errorf("%s never answers %s", path, want)
	}
	told(job+"/savepoints/"+one, `{"operation":{"location":"/a/savepoint-1"},"status":{"id":"COMPLETED"}}`)
	told(job+"/savepoints/"+two, `{"operation":{"failure-cause":{"class":"failure","stack-trace":"disk full"}},"status":{"id":"COMPLETED"}}`)
	linger(t.Context()) // the stop has been told: it waits for nothing
	j.State = engine.JobFinished
	if status, text := do("POST", job+"/stop", ""); status != http.StatusConflict || !strings.Contains(text, "not running") {
		t.Errorf("a job that has ended: %d %s", status, text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := map[string]int{}
	for _, call := range c.calls {
		counts[call]++
	}
	if len(counts) != 4 || counts["savepoint /a"] != 1 || counts["stop /b true"] != 1 || counts["rescale 5"] != 1 || counts["cancel"] != 2 {
		t.Errorf("asked for %v", c.calls)
	}
}
