package engine

import (
	"time"

	"taxistream/engine/internal/runtime"
)

// CheckpointRecord is one checkpoint or savepoint, for people.
type CheckpointRecord struct {
	ID        int64
	Savepoint bool
	Final     bool // the job, or its attempt, ended behind it
	Started   time.Time
	Duration  time.Duration
	Err       error // nil: it is whole, or on its way
	// Tasks are those that answered, of the Expected that were to; of the one on its way, Acknowledged counts them.
	Tasks        []TaskCheckpoint
	Expected     int
	Acknowledged int
	CheckpointFigures
}

// CheckpointFigures are what a whole checkpoint came to.
type CheckpointFigures struct {
	Took time.Duration
	// Bytes are of the whole state, NewBytes of what was written for it: the rest is in the files of earlier ones.
	Bytes, NewBytes int64
}

// TaskCheckpoint is what one task, a subtask of a vertex, did for a checkpoint.
type TaskCheckpoint struct {
	Operator string // the first of the task
	Subtask  int
	// StartDelay is from the checkpoint's start to the barrier's first arrival, Alignment from there until it had
	// come by every channel, Sync the time that the task stood still to freeze its state, Async what writing it took.
	StartDelay, Alignment, Sync, Async time.Duration
	Acknowledged                       time.Time
	Bytes, NewBytes                    int64
	// Operators are those of the task that keep state.
	Operators []OperatorBytes
	Err       error
}

// OperatorBytes is how much state an operator has in one subtask's part of a checkpoint.
type OperatorBytes struct {
	Operator string
	Bytes    int64
}

// Limits of what is remembered.
const (
	keptCheckpoints = 20
	keptFigures     = 1000
)

// newAttempt forgets the checkpoint that was on its way in the one before.
func (t *teller) newAttempt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.checkpoints.Current = nil
}

func (t *teller) begunCheckpoint(c runtime.Checkpoint) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.checkpoints.Current = &CheckpointRecord{ID: c.ID, Savepoint: c.Savepoint, Final: c.Final, Started: c.Started, Expected: c.Tasks}
}

func (t *teller) closedCheckpoint(c runtime.Checkpoint) {
	r := recordOf(c)
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &t.checkpoints
	s.Current = nil
	s.History = appended(s.History, r, keptCheckpoints)
	if c.Err == nil {
		s.Figures = appended(s.Figures, r.CheckpointFigures, keptFigures)
	}
}

// appended adds to what others may be reading: no element is ever written twice.
func appended[T any](s []T, v T, kept int) []T {
	s = append(s, v)
	if len(s) > 2*kept {
		return append(make([]T, 0, 2*kept+1), s[len(s)-kept:]...)
	}
	return s
}

func recordOf(c runtime.Checkpoint) *CheckpointRecord {
	r := &CheckpointRecord{
		ID: c.ID, Savepoint: c.Savepoint, Final: c.Final, Started: c.Started, Duration: c.Duration, Err: c.Err,
		Expected: c.Tasks, Acknowledged: len(c.Answers),
	}
	r.Took = c.Duration
	for _, a := range c.Answers {
		task := taskOf(c.Started, a)
		r.Bytes += task.Bytes
		r.NewBytes += task.NewBytes
		r.Tasks = append(r.Tasks, task)
	}
	return r
}

func taskOf(started time.Time, a runtime.Answer) TaskCheckpoint {
	at := a.Times
	t := TaskCheckpoint{
		Operator: a.Task.Label, Subtask: a.Task.Subtask, Acknowledged: at.Stored, Err: a.Err,
		StartDelay: max(0, at.First.Sub(started)), Alignment: at.Aligned.Sub(at.First),
		Sync: at.Cut.Sub(at.Aligned), Async: at.Stored.Sub(at.Cut),
	}
	for _, p := range a.Parts {
		var bytes int64
		for _, f := range p.Files {
			bytes += f.Bytes
		}
		t.Bytes += bytes
		t.NewBytes += bytes - p.Linked
		if len(p.Files) > 0 {
			t.Operators = append(t.Operators, OperatorBytes{Operator: p.Operator, Bytes: bytes})
		}
	}
	return t
}
