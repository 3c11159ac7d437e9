package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/web"
)

// Ensure aggregates are over the subtasks that are asked for, and what is asked wrongly is told.
func TestAggregates(t *testing.T) {
	s, id := serve(t, snapshot)
	at := s.URL + "/jobs/" + id + "/vertices/" + web.ID("vertex", "hotspots") + "/subtasks/metrics"
	for query, want := range map[string]string{
		"?get=numRecordsIn":                      `[{"avg":8.5,"id":"numRecordsIn","max":9,"min":8,"skew":5.88235294117647,"sum":17}]`,
		"?get=numRecordsIn&agg=sum,min":          `[{"id":"numRecordsIn","min":8,"sum":17}]`,
		"?get=numRecordsIn&agg=sum&agg=max":      `[{"id":"numRecordsIn","max":9,"sum":17}]`,
		"?get=numRecordsIn&agg=SUM&subtasks=1-5": `[{"id":"numRecordsIn","sum":9}]`,
		"?get=numRecordsIn&agg=sum&subtasks=0,1": `[{"id":"numRecordsIn","sum":17}]`,
		"?get=numRecordsIn&agg=sum&subtasks=7":   `[]`,
		"?get=nothing":                           `[]`,
		"?get=numRecordsIn&agg=median":           `{"errors":["agg \"median\": choose of min, max, avg, sum and skew"]}`,
		"?get=numRecordsIn&subtasks=a":           `{"errors":["subtasks \"a\": write numbers and ranges, as 0,2-4"]}`,
	} {
		_, text := get(t, at+query)
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	_, names := get(t, at)
	if !strings.Contains(names, `"hotspots.numLateRecordsDropped"`) || strings.Contains(names, `"sum"`) {
		t.Errorf("the names are %s", names)
	}
}

// Ensure rates are what counters grew by between questions; from the job's begin, where that is near; unknown
// after a new attempt until there are two answers of it.
func TestRates(t *testing.T) {
	now, j := time.UnixMilli(1_000_000), snapshot()
	mux := http.NewServeMux()
	id := web.ID("a")
	web.Register(mux, web.Options{ID: id, Job: func() engine.Snapshot { return j }, Now: func() time.Time { return now }, MaxParallelism: 128})
	s := httptest.NewServer(mux)
	defer s.Close()
	rate := func() string {
		_, text := get(t, s.URL+"/jobs/"+id+"/vertices/"+web.ID("vertex", "hotspots")+"/metrics?get=0.numRecordsInPerSecond")
		return text
	}
	step := func(after time.Duration, in int64, want string) {
		t.Helper()
		now = now.Add(after)
		j.Operators[2].Subtasks[0].In = in
		if got := rate(); want == "" && got != "[]\n" || !strings.Contains(got, want) {
			t.Errorf("at %v with %d records: %s", now, in, got)
		}
	}
	step(4*time.Second, 8, `"value": "2"`)
	step(2*time.Second, 38, `"value": "6.333333333333333"`) // since the begin
	step(20*time.Second, 58, `"value": "1"`)                // 20 in 20 s
	j.Attempts, j.Began = 2, now
	step(time.Second, 100, "")
	step(10*time.Second, 150, `"value": "5"`)
}

// Ensure a checkpoint on its way is told, with how many tasks have answered it.
func TestInProgress(t *testing.T) {
	j := snapshot()
	j.Checkpoints.Current = &engine.CheckpointRecord{ID: 8, Savepoint: true, Started: time.UnixMilli(1_059_000), Expected: 6, Acknowledged: 2}
	s, id := serve(t, func() engine.Snapshot { return j })
	_, all := get(t, s.URL+"/jobs/"+id+"/checkpoints")
	for _, want := range []string{`"in_progress": 1`, `"total": 6`, `"status": "IN_PROGRESS"`, `"num_acknowledged_subtasks": 2`, `"end_to_end_duration": 1000`, `"checkpoint_type": "SAVEPOINT"`} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not in %s", want, all)
		}
	}
	vertex := web.ID("vertex", "hotspots")
	if status, one := get(t, s.URL+"/jobs/"+id+"/checkpoints/details/8/subtasks/"+vertex); status != http.StatusOK || !strings.Contains(one, `"pending_or_failed"`) {
		t.Errorf("details: %d %s", status, one)
	}
	if _, metrics := get(t, s.URL+"/jobs/"+id+"/metrics?get=numberOfInProgressCheckpoints"); !strings.Contains(metrics, `"value": "1"`) {
		t.Errorf("metrics: %s", metrics)
	}
}
