package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taxistream/dashboards/jobpage"
	embedded "taxistream/localstack/kinesis"
)

// Ensure the job page is there, and that its state has the graph, the shards with where each is read, the checkpoints by
// operator and the configuration, without what is secret in an address.
func TestJobPage(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, outside, tripTwo, dayEnds)
	s.searchAt = strings.Replace(s.searchAt, "http://", "http://user:pass@", 1)
	p, wait := s.start()
	var state jobpage.State
	var wrong string
	defer func() {
		if t.Failed() {
			t.Log(wrong)
		}
	}()
	until(t, "all is read, and in a checkpoint", func() bool {
		_, body := get(t, p.URL()+"/job/state", "")
		state = jobpage.State{}
		if err := json.Unmarshal([]byte(body), &state); err != nil {
			t.Fatal(err)
		}
		wrong = wrongIn(state)
		return wrong == ""
	})
	for _, setting := range state.Settings {
		if strings.Contains(setting.Value, "pass") {
			t.Errorf("%s shows %s", setting.Name, setting.Value)
		}
	}
	if status, body := get(t, p.URL()+"/job", ""); status != http.StatusOK || !strings.Contains(body, "job/app.js") {
		t.Errorf("/job: %d %.80s", status, body)
	}
	if status, body := get(t, p.URL()+"/jobmanager/log", ""); status != http.StatusOK || !strings.Contains(body, "msg=reading") || strings.Contains(body, "user:pass") {
		t.Errorf("/jobmanager/log: %d %s", status, body)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}
}

// wrongIn says what the page is not told as it is once all is read; "": nothing.
func wrongIn(state jobpage.State) string {
	graph, crossed := "", map[string]int64{}
	for _, v := range state.Vertices {
		graph += " " + v.Name + "<" + strings.Join(v.Inputs, ",") + ":" + v.Ship
		for _, task := range v.Subtasks {
			crossed[v.Name+" in"] += task.In
			crossed[v.Name+" out"] += task.Out
		}
	}
	// Of each shard's three trips one is outside the city and is written as a reject; the others go on.
	if state.Events != 8 || crossed["trips out"] != 6 || crossed["distinct in"] != 4 {
		return fmt.Sprint("read are ", state.Events, ", between the vertices ", crossed)
	}
	if graph != " trips<: distinct<trips:HASH hotspots<distinct:HASH airports<distinct:HASH" {
		return "the graph is" + graph
	}
	for _, shard := range state.Shards {
		if len(shard.Sequence) < 40 || strings.Trim(shard.Sequence, "0123456789") != "" || shard.Watermark == nil || shard.State != "reading" {
			return fmt.Sprintf("shard %+v", shard)
		}
	}
	for _, c := range state.Checkpoints.History {
		if !c.Running && c.Error == "" && len(c.Parts) == 4 && c.Answered == c.Expected && len(state.Shards) == 2 {
			return ""
		}
	}
	return fmt.Sprintf("%d shards, checkpoints %+v", len(state.Shards), state.Checkpoints)
}
