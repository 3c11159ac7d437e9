package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"taxistream/engine"
)

// jobPaths are about the job as a whole.
func (s *server) jobPaths() map[string]handler {
	return map[string]handler{
		"/jobs":                         s.jobs,
		"/jobs/overview":                s.jobsOverview,
		"/jobs/{id}":                    s.job,
		"/jobs/{id}/status":             s.status,
		"/jobs/{id}/plan":               s.plan,
		"/jobs/{id}/config":             s.jobConfig,
		"/jobs/{id}/accumulators":       s.jobAccumulators,
		"/jobs/{id}/exceptions":         s.exceptions,
		"/jobs/{id}/metrics":            s.jobMetrics,
		"/jobs/{id}/checkpoints":        s.checkpoints,
		"/jobs/{id}/checkpoints/config": s.checkpointConfig,

		"/jobs/{id}/checkpoints/details/{checkpoint}":                   s.checkpointDetails,
		"/jobs/{id}/checkpoints/details/{checkpoint}/subtasks/{vertex}": s.checkpointSubtasks,
		"/jobs/{id}/jobmanager/config":                                  s.settings,
		"/jobs/{id}/jobmanager/environment":                             s.environment,
		"/jobs/{id}/jobmanager/log-url":                                 s.logURL,
		"/jobs/{id}/taskmanagers/{manager}/log-url":                     s.logURL,
	}
}

func (s *server) jobs(_ *http.Request, j engine.Snapshot) (any, error) {
	return object{"jobs": []object{{"id": s.o.ID, "status": state(j)}}}, nil
}

func (s *server) status(_ *http.Request, j engine.Snapshot) (any, error) {
	return object{"status": state(j)}, nil
}

func (s *server) jobsOverview(_ *http.Request, j engine.Snapshot) (any, error) {
	total := subtasks(j)
	tasks := object{"total": total}
	for _, name := range taskStates {
		tasks[lower(name)] = 0
	}
	tasks[lower(taskState(j))] = total
	return object{"jobs": []object{s.span(j.Started, j.Ended).put(object{
		"jid": s.o.ID, "name": j.Name, "state": state(j), "last-modification": changed(j), "tasks": tasks, "pending-operators": 0,
	})}}, nil
}

// changed is when the job's state changed last; -1: it has not begun.
func changed(j engine.Snapshot) int64 {
	at := j.Started
	for _, t := range append([]engine.Failure(nil), j.Failures...) {
		if t.Time.After(at) {
			at = t.Time
		}
	}
	if j.Began.After(at) {
		at = j.Began
	}
	if j.Ended.After(at) {
		at = j.Ended
	}
	if at.IsZero() {
		return -1
	}
	return at.UnixMilli()
}

func (s *server) job(_ *http.Request, j engine.Snapshot) (any, error) {
	list := []object{}
	all := vertices(j)
	for _, v := range all {
		list = append(list, s.summary(j, v))
	}
	at := map[string]int64{}
	if !j.Started.IsZero() {
		at["CREATED"], at["RUNNING"] = j.Started.UnixMilli(), j.Began.UnixMilli()
		at[state(j)] = changed(j)
	}
	return s.span(j.Started, j.Ended).put(object{
		"jid": s.o.ID, "name": j.Name, "isStoppable": s.o.Control != nil, "state": state(j), "job-type": "STREAMING",
		"maxParallelism": s.o.MaxParallelism, "now": s.o.Now().UnixMilli(), "timestamps": timestamps(jobStates, at),
		"vertices": list, "status-counts": counts(j, len(all)), "plan": s.planOf(j), "pending-operators": 0,
	}), nil
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
			inputs = append(inputs, object{"num": len(inputs), "id": from.id, "exchange": "pipelined_bounded", "ship_strategy": v.operators[0].Ship})
		}
		if inputs != nil {
			node["inputs"] = inputs
		}
		nodes = append(nodes, node)
	}
	return object{"jid": s.o.ID, "name": j.Name, "type": "STREAMING", "nodes": nodes}
}

func (s *server) jobConfig(_ *http.Request, j engine.Snapshot) (any, error) {
	user := object{}
	for _, setting := range s.o.Settings {
		user[setting.Key] = setting.Value
	}
	return object{"jid": s.o.ID, "name": j.Name, "execution-config": object{
		"job-parallelism": j.Parallelism, "object-reuse-mode": true, "restart-strategy": "from the newest whole checkpoint", "user-config": user,
	}}, nil
}

// jobAccumulators: the engine has none.
func (s *server) jobAccumulators(*http.Request, engine.Snapshot) (any, error) {
	return object{"job-accumulators": []object{}, "user-task-accumulators": []object{}, "serialized-user-task-accumulators": object{}}, nil
}

// exceptions are what ended the attempts of the job so far, the newest first. Beside
// Flink's fields a label names the element, where it was read, and how often it failed before.
func (s *server) exceptions(r *http.Request, j engine.Snapshot) (any, error) {
	most, err := number(r, "maxExceptions", 20)
	if err != nil {
		return nil, err
	}
	entries := []object{}
	for _, f := range slices.Backward(j.Failures) {
		if len(entries) == most {
			break
		}
		entries = append(entries, s.exception(f))
	}
	return object{"exceptionHistory": object{"entries": entries, "truncated": len(entries) < len(j.Failures)}}, nil
}

func (s *server) exception(f engine.Failure) object {
	labels := object{"attempt": strconv.Itoa(f.Attempt), "repeats": strconv.Itoa(f.Repeats)}
	e := object{
		"exceptionName": "failure", "stacktrace": f.Err.Error(), "timestamp": f.Time.UnixMilli(), "taskName": nil,
		"endpoint": nil, "taskManagerId": nil, "failureLabels": labels, "concurrentExceptions": []object{},
	}
	var o *engine.OperatorError
	if errors.As(f.Err, &o) {
		e["exceptionName"], e["taskName"] = o.Err.Error(), fmt.Sprintf("%s - subtask %d", o.Operator, o.Subtask)
		e["endpoint"], e["taskManagerId"] = s.endpoint(), theManager
		if o.Element != "" {
			labels["element"] = o.Element
		}
		if o.Split != "" {
			labels["split"], labels["offset"] = o.Split, fmt.Sprintf("%q", o.Offset)
		}
	}
	return e
}

// number reads a parameter that is a count.
func number(r *http.Request, name string, usual int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, badRequest{fmt.Sprintf("%s %q: write a whole number", name, text)}
	}
	return n, nil
}
