package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine"
)

// vertexPaths are about one vertex.
func (s *server) vertexPaths() map[string]handler {
	const vertex = "/jobs/{id}/vertices/{vertex}"
	return map[string]handler{
		vertex:                            s.vertex,
		vertex + "/accumulators":          s.accumulators,
		vertex + "/subtasks/accumulators": s.subtaskAccumulators,
		vertex + "/subtasks/{subtask}":    s.subtask,
		vertex + "/subtasktimes":          s.subtaskTimes,
		vertex + "/taskmanagers":          s.vertexManagers,
		vertex + "/watermarks":            s.watermarks,
		vertex + "/backpressure":          s.backpressure,
		vertex + "/flamegraph":            s.flamegraph,
		vertex + "/metrics":               s.vertexMetrics,
		vertex + "/subtasks/metrics":      s.aggregatedMetrics,
	}
}

// traffic is what came into a task and went out, and what its time went to, in Flink's words, in ms.
func (v *vertexNode) traffic(subtask int) map[string]int64 {
	t := v.operators[0].Subtasks[subtask]
	return map[string]int64{
		"read-records": t.In, "read-bytes": t.BytesIn, "write-records": v.written(subtask), "write-bytes": v.bytesOut(subtask),
		"accumulated-busy-time": t.Busy.Milliseconds(), "accumulated-idle-time": t.Idle.Milliseconds(),
		"accumulated-backpressured-time": t.Backpressured.Milliseconds(),
	}
}

// complete is traffic in an answer: nothing in it is missing.
func complete(traffic map[string]int64) object {
	o := object{"read-records-complete": true, "read-bytes-complete": true, "write-records-complete": true, "write-bytes-complete": true}
	for name, n := range traffic {
		o[name] = n
	}
	return o
}

func (v *vertexNode) total() map[string]int64 {
	sum := map[string]int64{}
	for i := range v.parallelism() {
		for name, n := range v.traffic(i) {
			sum[name] += n
		}
	}
	return sum
}

// statusDurations are how long a task was in each state; -1: never. The engine's tasks run at once.
func (t span) statusDurations() map[string]int64 {
	return map[string]int64{"CREATED": -1, "SCHEDULED": -1, "DEPLOYING": -1, "INITIALIZING": -1, "RUNNING": t.duration}
}

// aggregated sums up a vertex's subtasks, figure by figure.
func (v *vertexNode) aggregated(t span) object {
	collected := map[string]numbers{}
	for i := range v.parallelism() {
		for name, n := range v.traffic(i) {
			collected[name] = append(collected[name], n)
		}
	}
	metrics, durations := object{}, object{}
	for name, n := range collected {
		metrics[name] = n.ofSubtasks()
	}
	for name, n := range t.statusDurations() {
		durations[name] = numbers(slices.Repeat([]int64{n}, v.parallelism())).ofSubtasks()
	}
	return object{"metrics": metrics, "status-duration": durations}
}

// summary is a vertex in the list of the job's.
func (s *server) summary(j engine.Snapshot, v *vertexNode) object {
	return s.span(j.Began, j.Ended).put(object{
		"id": v.id, "name": v.name(), "maxParallelism": s.o.MaxParallelism, "parallelism": v.parallelism(), "status": taskState(j),
		"slotSharingGroupId": ID("slots"), "tasks": counts(j, v.parallelism()), "metrics": complete(v.total()),
	})
}

func (s *server) vertex(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for i := range v.parallelism() {
		list = append(list, s.one(j, v, i))
	}
	return object{
		"id": v.id, "name": v.name(), "parallelism": v.parallelism(), "maxParallelism": s.o.MaxParallelism, "now": s.o.Now().UnixMilli(),
		"subtasks": list, "aggregated": v.aggregated(s.span(j.Began, j.Ended)),
	}, nil
}

func (s *server) one(j engine.Snapshot, v *vertexNode, subtask int) object {
	t := s.span(j.Began, j.Ended)
	o := t.put(object{
		"subtask": subtask, "status": taskState(j), "attempt": max(0, j.Attempts-1), "start_time": t.start, "endpoint": s.endpoint(),
		"taskmanager-id": theManager, "metrics": complete(v.traffic(subtask)), "status-duration": t.statusDurations(),
	})
	return o
}

func (s *server) subtask(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(r.PathValue("subtask"))
	if err != nil || i < 0 || i >= v.parallelism() {
		return nil, errNotFound
	}
	return s.one(j, v, i), nil
}

func (s *server) subtaskTimes(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for i := range v.parallelism() {
		at := map[string]int64{}
		t := s.span(j.Began, j.Ended)
		if t.start > 0 {
			at["CREATED"], at["RUNNING"] = t.start, t.start
		}
		if t.end > 0 {
			at[taskState(j)] = t.end
		}
		list = append(list, object{"subtask": i, "endpoint": s.endpoint(), "duration": t.duration, "timestamps": timestamps(taskStates, at)})
	}
	return object{"id": v.id, "name": v.name(), "now": s.o.Now().UnixMilli(), "subtasks": list}, nil
}

// vertexManagers: all subtasks are in this process.
func (s *server) vertexManagers(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	t := s.span(j.Began, j.Ended)
	one := t.put(object{
		"endpoint": s.endpoint(), "status": taskState(j), "metrics": complete(v.total()), "status-counts": counts(j, v.parallelism()),
		"taskmanager-id": theManager, "aggregated": v.aggregated(t),
	})
	return object{"id": v.id, "name": v.name(), "now": s.o.Now().UnixMilli(), "taskmanagers": []object{one}}, nil
}

// accumulators: the engine has none.
func (s *server) accumulators(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	return object{"id": v.id, "user-accumulators": []object{}}, nil
}

func (s *server) subtaskAccumulators(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for i := range v.parallelism() {
		list = append(list, object{"subtask": i, "attempt": max(0, j.Attempts-1), "endpoint": s.endpoint(), "user-accumulators": []object{}})
	}
	return object{"id": v.id, "parallelism": v.parallelism(), "subtasks": list}, nil
}

func (s *server) watermarks(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for i, t := range v.operators[0].Subtasks {
		if t.Watermark != engine.NoWatermark {
			list = append(list, object{"id": strconv.Itoa(i) + ".currentInputWatermark", "value": strconv.FormatInt(t.Watermark, 10)})
		}
	}
	return list, nil
}

// flamegraphOff is how Flink says that there are none.
const flamegraphOff = -2

// flamegraph: stacks are not sampled; Go's own profiler is for that.
func (s *server) flamegraph(r *http.Request, j engine.Snapshot) (any, error) {
	if _, _, err := vertexOf(r, j); err != nil {
		return nil, err
	}
	switch kind := r.URL.Query().Get("type"); strings.ToLower(kind) {
	case "", "full", "on_cpu", "off_cpu":
		return object{"endTimestamp": flamegraphOff}, nil
	default:
		return nil, badRequest{"type " + kind + ": choose full, on_cpu or off_cpu"}
	}
}
