package web

import (
	"net/http"
	"slices"
	"strconv"

	"taxistream/engine"
)

// notAddressable is Flink's word for a checkpoint that is not found by a path of its own.
const notAddressable = "<checkpoint-not-externally-addressable>"

// checkpoints of this run; older ones are in the store.
func (s *server) checkpoints(_ *http.Request, j engine.Snapshot) (any, error) {
	c := j.Checkpoints
	restored, running := 0, 0
	latest := object{"completed": nil, "savepoint": nil, "failed": nil, "restored": nil}
	if c.RestoredID > 0 {
		restored = 1
		latest["restored"] = object{
			"id": c.RestoredID, "is_savepoint": c.RestoredSavepoint, "restore_timestamp": c.RestoredAt.UnixMilli(), "external_path": notAddressable,
		}
	}
	history := []object{}
	if c.Current != nil {
		running = 1
		history = append(history, s.checkpoint(c.Current, j, true))
	}
	for _, r := range slices.Backward(c.History) {
		one := s.checkpoint(r, j, false)
		history = append(history, one)
		kind := "completed"
		switch {
		case r.Err != nil:
			kind = "failed"
		case r.Savepoint:
			kind = "savepoint"
		}
		if latest[kind] == nil {
			latest[kind] = one
		}
	}
	return object{
		"counts": object{
			"restored": restored, "total": c.Completed + c.Failed + int64(running), "in_progress": running, "completed": c.Completed, "failed": c.Failed,
		},
		"latest":  latest,
		"history": history,
		"summary": summaryOf(c.Figures),
	}, nil
}

// summaryOf sums up checkpoints that are whole. In-flight data is in none: barriers are aligned.
func summaryOf(all []engine.CheckpointFigures) object {
	none := make(numbers, len(all))
	return object{
		"checkpointed_size":   each(all, func(f engine.CheckpointFigures) int64 { return f.NewBytes }).ofCheckpoints(),
		"state_size":          each(all, func(f engine.CheckpointFigures) int64 { return f.Bytes }).ofCheckpoints(),
		"end_to_end_duration": each(all, func(f engine.CheckpointFigures) int64 { return f.Took.Milliseconds() }).ofCheckpoints(),
		"alignment_buffered":  none.ofCheckpoints(), "processed_data": none.ofCheckpoints(), "persisted_data": none.ofCheckpoints(),
	}
}

// checkpoint is one of them without its tasks.
func (s *server) checkpoint(c *engine.CheckpointRecord, j engine.Snapshot, running bool) object {
	o := object{
		"id": c.ID, "is_savepoint": c.Savepoint, "savepointFormat": nil, "checkpoint_type": "CHECKPOINT", "trigger_timestamp": c.Started.UnixMilli(),
		"num_subtasks": c.Expected, "num_acknowledged_subtasks": c.Acknowledged, "tasks": object{},
	}
	if c.Savepoint {
		o["checkpoint_type"], o["savepointFormat"] = "SAVEPOINT", "CANONICAL"
	}
	took := c.Duration
	switch {
	case running:
		o["className"], o["status"] = "in_progress", "IN_PROGRESS"
		took = s.o.Now().Sub(c.Started)
	case c.Err != nil:
		o["className"], o["status"] = "failed", "FAILED"
		o["failure_timestamp"], o["failure_message"] = c.Started.Add(c.Duration).UnixMilli(), c.Err.Error()
	default:
		o["className"], o["status"] = "completed", "COMPLETED"
		o["external_path"], o["discarded"] = notAddressable, !c.Savepoint && c.ID < j.Checkpoints.LastID
	}
	return sizes(o, c.Tasks, took.Milliseconds())
}

// sizes puts what parts of a checkpoint came to into an answer.
func sizes(o object, parts []engine.TaskCheckpoint, ms int64) object {
	var bytes, written, last int64
	last = -1
	for _, t := range parts {
		bytes += t.Bytes
		written += t.NewBytes
		last = max(last, t.Acknowledged.UnixMilli())
	}
	o["state_size"], o["checkpointed_size"], o["end_to_end_duration"], o["latest_ack_timestamp"] = bytes, written, ms, last
	o["alignment_buffered"], o["processed_data"], o["persisted_data"] = 0, 0, 0
	return o
}

func (s *server) checkpointConfig(_ *http.Request, _ engine.Snapshot) (any, error) {
	c := s.o.Checkpoints
	return object{
		"mode": "exactly_once", "interval": c.Interval.Milliseconds(), "timeout": c.Timeout.Milliseconds(), "min_pause": 0, "max_concurrent": 1,
		"externalization": object{"enabled": true, "delete_on_cancellation": false}, "state_backend": c.StateBackend, "checkpoint_storage": c.Storage,
		"unaligned_checkpoints": false, "aligned_checkpoint_timeout": 0, "tolerable_failed_checkpoints": c.Tolerable,
		"checkpoints_after_tasks_finish": false, "state_changelog_enabled": false, "changelog_storage": "none", "changelog_periodic_materialization_interval": 0,
	}, nil
}

// record finds the checkpoint that a request names.
func (s *server) record(r *http.Request, j engine.Snapshot) (c *engine.CheckpointRecord, running bool, err error) {
	id, err := strconv.ParseInt(r.PathValue("checkpoint"), 10, 64)
	if err != nil {
		return nil, false, badRequest{"checkpoint " + r.PathValue("checkpoint") + ": write its number"}
	}
	if c := j.Checkpoints.Current; c != nil && c.ID == id {
		return c, true, nil
	}
	for _, c := range j.Checkpoints.History {
		if c.ID == id {
			return c, false, nil
		}
	}
	return nil, false, errNotFound
}

func (s *server) checkpointDetails(r *http.Request, j engine.Snapshot) (any, error) {
	c, running, err := s.record(r, j)
	if err != nil {
		return nil, err
	}
	o := s.checkpoint(c, j, running)
	tasks := object{}
	for _, v := range vertices(j) {
		tasks[v.id] = s.ofVertex(c, v, running)
	}
	o["tasks"] = tasks
	return o, nil
}

// partsOf are the tasks of a vertex in a checkpoint.
func partsOf(c *engine.CheckpointRecord, v *vertexNode) (parts []engine.TaskCheckpoint) {
	for _, t := range c.Tasks {
		if t.Operator == v.operators[0].Name {
			parts = append(parts, t)
		}
	}
	return parts
}

// ofVertex is what one vertex did for a checkpoint.
func (s *server) ofVertex(c *engine.CheckpointRecord, v *vertexNode, running bool) object {
	parts := partsOf(c, v)
	expected := max(v.parallelism(), len(parts)) // it may have been rescaled since
	status := "COMPLETED"
	switch {
	case c.Err != nil:
		status = "FAILED"
	case running:
		status = "IN_PROGRESS"
	default:
		expected = len(parts)
	}
	var took int64
	for _, t := range parts {
		took = max(took, t.Acknowledged.Sub(c.Started).Milliseconds())
	}
	return sizes(object{"id": c.ID, "status": status, "num_subtasks": expected, "num_acknowledged_subtasks": len(parts)}, parts, took)
}

func (s *server) checkpointSubtasks(r *http.Request, j engine.Snapshot) (any, error) {
	c, running, err := s.record(r, j)
	if err != nil {
		return nil, err
	}
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	o, parts := s.ofVertex(c, v, running), partsOf(c, v)
	list := []object{}
	for i := range o["num_subtasks"].(int) {
		at := slices.IndexFunc(parts, func(t engine.TaskCheckpoint) bool { return t.Subtask == i })
		if at < 0 {
			list = append(list, object{"index": i, "status": "pending_or_failed", "className": "pending"})
			continue
		}
		list = append(list, subtaskOf(c, parts[at]))
	}
	o["subtasks"], o["summary"] = list, partSummary(c, parts)
	return o, nil
}

func subtaskOf(c *engine.CheckpointRecord, t engine.TaskCheckpoint) object {
	return object{
		"index": t.Subtask, "status": "completed", "className": "completed", "ack_timestamp": t.Acknowledged.UnixMilli(),
		"end_to_end_duration": t.Acknowledged.Sub(c.Started).Milliseconds(), "state_size": t.Bytes, "checkpointed_size": t.NewBytes,
		"checkpoint":  object{"sync": t.Sync.Milliseconds(), "async": t.Async.Milliseconds()},
		"alignment":   object{"buffered": 0, "processed": 0, "persisted": 0, "duration": t.Alignment.Milliseconds()},
		"start_delay": t.StartDelay.Milliseconds(), "unaligned_checkpoint": false, "aborted": t.Err != nil,
	}
}

func partSummary(c *engine.CheckpointRecord, parts []engine.TaskCheckpoint) object {
	of := func(figure func(engine.TaskCheckpoint) int64) object { return each(parts, figure).ofCheckpoints() }
	none := make(numbers, len(parts)).ofCheckpoints()
	return object{
		"state_size":          of(func(t engine.TaskCheckpoint) int64 { return t.Bytes }),
		"checkpointed_size":   of(func(t engine.TaskCheckpoint) int64 { return t.NewBytes }),
		"end_to_end_duration": of(func(t engine.TaskCheckpoint) int64 { return t.Acknowledged.Sub(c.Started).Milliseconds() }),
		"start_delay":         of(func(t engine.TaskCheckpoint) int64 { return t.StartDelay.Milliseconds() }),
		"checkpoint_duration": object{
			"sync":  of(func(t engine.TaskCheckpoint) int64 { return t.Sync.Milliseconds() }),
			"async": of(func(t engine.TaskCheckpoint) int64 { return t.Async.Milliseconds() }),
		},
		"alignment": object{
			"buffered": none, "processed": none, "persisted": none,
			"duration": of(func(t engine.TaskCheckpoint) int64 { return t.Alignment.Milliseconds() }),
		},
	}
}
