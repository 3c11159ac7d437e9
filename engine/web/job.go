package web

import (
	"net/http"
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
		"jid": s.o.ID, "name": j.Name, "isStoppable": false, "state": state(j), "start-time": start, "end-time": -1, "duration": duration,
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

// exceptions: a job that failed ends the process, so a running one has none but
// the failed checkpoints'.
func (s *server) exceptions(*http.Request, engine.Snapshot) (any, error) {
	return object{"root-exception": nil, "timestamp": nil, "all-exceptions": []object{}, "truncated": false, "exceptionHistory": object{"entries": []object{}, "truncated": false}}, nil
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
