package web

import (
	"strings"
	"time"

	"taxistream/engine"
)

// state is the job's in Flink's words; a job that takes its last checkpoint still runs.
func state(s engine.Snapshot) string {
	switch s.State {
	case engine.JobRunning, engine.JobStopping:
		return "RUNNING"
	case engine.JobRestarting:
		return "RESTARTING"
	case engine.JobCancelled:
		return "CANCELED"
	}
	return strings.ToUpper(string(s.State))
}

// taskState is that of each of its tasks: they live and end together.
func taskState(s engine.Snapshot) string {
	if s.State == engine.JobRestarting {
		return "CREATED"
	}
	return state(s)
}

// The states of tasks and jobs, all of which Flink names in its answers.
var (
	taskStates = []string{"CREATED", "SCHEDULED", "DEPLOYING", "INITIALIZING", "RUNNING", "FINISHED", "CANCELING", "CANCELED", "FAILED", "RECONCILING"}
	jobStates  = []string{
		"INITIALIZING", "CREATED", "RUNNING", "FAILING", "FAILED", "CANCELLING", "CANCELED", "FINISHED", "RESTARTING", "SUSPENDED", "RECONCILING",
	}
)

// counts says how many of so many tasks are in which state.
func counts(j engine.Snapshot, tasks int) object {
	out := object{}
	for _, name := range taskStates {
		out[name] = 0
	}
	out[taskState(j)] = tasks
	return out
}

// span is when something began and ended, and how long that is so far; -1: not yet, as Flink has it.
type span struct{ start, end, duration int64 }

func (s *server) span(began, ended time.Time) span {
	if began.IsZero() {
		return span{-1, -1, 0}
	}
	if !ended.IsZero() {
		return span{began.UnixMilli(), ended.UnixMilli(), ended.Sub(began).Milliseconds()}
	}
	return span{began.UnixMilli(), -1, s.o.Now().Sub(began).Milliseconds()}
}

// put puts the span into an answer.
func (t span) put(o object) object {
	o["start-time"], o["end-time"], o["duration"] = t.start, t.end, t.duration
	return o
}

// timestamps are when each state was entered, as far as that is known; 0: never.
func timestamps(states []string, at map[string]int64) object {
	out := object{}
	for _, name := range states {
		out[name] = at[name]
	}
	return out
}

func lower(s string) string { return strings.ToLower(s) }
