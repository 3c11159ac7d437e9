package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine"
)

func (s *server) overview(_ *http.Request, j engine.Snapshot) (any, error) {
	out := object{"taskmanagers": 1, "slots-total": j.Parallelism, "slots-available": 0, "jobs-running": 0, "jobs-finished": 0, "jobs-cancelled": 0, "jobs-failed": 0}
	if j.State == engine.JobRunning {
		out["jobs-running"] = 1
	} else {
		out["slots-available"] = j.Parallelism
	}
	return out, nil
}

func (s *server) jobs(_ *http.Request, j engine.Snapshot) (any, error) {
	return object{"jobs": []object{{"id": s.o.ID, "status": state(j)}}}, nil
}

func (s *server) jobsOverview(_ *http.Request, j engine.Snapshot) (any, error) {
	start, duration := s.since(j.Started)
	tasks := 0
	for _, v := range vertices(j) {
		tasks += v.parallelism()
	}
	return object{"jobs": []object{{
		"jid": s.o.ID, "name": j.Name, "state": state(j), "start-time": start, "end-time": -1, "duration": duration, "last-modification": start,
		"tasks": counts(j, tasks),
	}}}, nil
}

// counts of tasks by state: they live and end together.
func counts(j engine.Snapshot, tasks int) object {
	out := object{"total": tasks, "created": 0, "running": 0, "finished": 0}
	switch j.State {
	case engine.JobRunning:
		out["running"] = tasks
	case engine.JobCreated:
		out["created"] = tasks
	default:
		out["finished"] = tasks
	}
	return out
}

func (s *server) job(_ *http.Request, j engine.Snapshot) (any, error) {
	start, duration := s.since(j.Started)
	list := []object{}
	for _, v := range vertices(j) {
		list = append(list, s.summary(j, v))
	}
	return object{
		"jid": s.o.ID, "name": j.Name, "isStoppable": s.o.Control != nil, "state": state(j), "start-time": start, "end-time": -1, "duration": duration,
		"maxParallelism": s.o.MaxParallelism, "now": s.o.Now().UnixMilli(), "timestamps": object{state(j): start},
		"vertices": list, "status-counts": object{state(j): len(list)}, "plan": s.planOf(j),
	}, nil
}

func (s *server) plan(_ *http.Request, j engine.Snapshot) (any, error) {
	return object{"plan": s.planOf(j)}, nil
}

func (s *server) planOf(j engine.Snapshot) object {
	all := vertices(j)
	nodes := []object{}
	for _, v := range all {
		node := object{"id": v.id, "parallelism": v.parallelism(), "operator": "", "operator_strategy": "", "description": v.name(), "optimizer_properties": object{}}
		var inputs []object
		for _, from := range v.inputs(all) {
			inputs = append(inputs, object{"num": len(inputs), "id": from.id, "exchange": "pipelined_bounded"})
		}
		if inputs != nil {
			node["inputs"] = inputs
		}
		nodes = append(nodes, node)
	}
	return object{"jid": s.o.ID, "name": j.Name, "type": "STREAMING", "nodes": nodes}
}

// checkpoints of this run; older ones are in the store.
func (s *server) checkpoints(_ *http.Request, j engine.Snapshot) (any, error) {
	c := j.Checkpoints
	restored, latest := 0, object{"completed": nil, "savepoint": nil, "failed": nil, "restored": nil}
	if c.RestoredID > 0 {
		restored, latest["restored"] = 1, object{"id": c.RestoredID, "is_savepoint": false}
	}
	if c.LastID > 0 {
		latest["completed"] = object{
			"id": c.LastID, "status": "COMPLETED", "is_savepoint": false, "trigger_timestamp": c.LastTime.UnixMilli(),
			"latest_ack_timestamp": c.LastTime.Add(c.LastDuration).UnixMilli(), "end_to_end_duration": c.LastDuration.Milliseconds(),
			"state_size": c.LastBytes, "checkpointed_size": c.LastBytes,
		}
	}
	if c.LastError != "" {
		latest["failed"] = object{"status": "FAILED", "failure_message": c.LastError}
	}
	return object{
		"counts": object{"restored": restored, "total": c.Completed + c.Failed, "in_progress": 0, "completed": c.Completed, "failed": c.Failed},
		"latest": latest,
	}, nil
}

// exceptions are what ended the attempts of the job so far, the newest first. Beside
// Flink's fields a label names the element, where it was read, and how often it failed before.
func (s *server) exceptions(_ *http.Request, j engine.Snapshot) (any, error) {
	entries := []object{}
	for _, f := range slices.Backward(j.Failures) {
		e := object{
			"exceptionName": "failure", "stacktrace": f.Err.Error(), "timestamp": f.Time.UnixMilli(), "taskName": nil,
			"failureLabels": object{"attempt": strconv.Itoa(f.Attempt), "repeats": strconv.Itoa(f.Repeats)}, "concurrentExceptions": []object{},
		}
		var o *engine.OperatorError
		if errors.As(f.Err, &o) {
			e["exceptionName"], e["taskName"] = o.Err.Error(), fmt.Sprintf("%s - subtask %d", o.Operator, o.Subtask)
			if o.Element != "" {
				e["failureLabels"].(object)["element"] = o.Element
			}
			if o.Split != "" {
				e["failureLabels"].(object)["split"], e["failureLabels"].(object)["offset"] = o.Split, fmt.Sprintf("%q", o.Offset)
			}
		}
		entries = append(entries, e)
	}
	answer := object{"root-exception": nil, "timestamp": nil, "all-exceptions": []object{}, "truncated": false, "exceptionHistory": object{"entries": entries, "truncated": false}}
	if len(entries) > 0 {
		answer["root-exception"], answer["timestamp"] = entries[0]["stacktrace"], entries[0]["timestamp"]
	}
	return answer, nil
}

// vertexOf finds the vertex of a request.
func vertexOf(r *http.Request, j engine.Snapshot) (all []*vertexNode, v *vertexNode, err error) {
	all = vertices(j)
	for _, v := range all {
		if v.id == strings.ToLower(r.PathValue("vertex")) {
			return all, v, nil
		}
	}
	return nil, nil, errNotFound
}
