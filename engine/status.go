package engine

import "time"

// JobState is where a job is in its life.
type JobState string

// The states of a job.
const (
	JobCreated    JobState = "created"
	JobRunning    JobState = "running"
	JobStopping   JobState = "stopping"   // a final checkpoint is on its way
	JobRestarting JobState = "restarting" // an attempt failed, the next has not begun
	JobFinished   JobState = "finished"   // stopped or drained in order
	JobCancelled  JobState = "cancelled"
	JobFailed     JobState = "failed"
)

// Live tells whether a job in this state runs, or will again.
func (s JobState) Live() bool { return s == JobRunning || s == JobStopping || s == JobRestarting }

// Snapshot is the state of a job at one moment. It is the caller's.
type Snapshot struct {
	Name        string
	State       JobState
	Parallelism int
	Started     time.Time
	Began       time.Time // the newest attempt; zero: none has
	Ended       time.Time // zero: it has not
	// Watermark is the lowest combined watermark of the sources.
	Watermark   int64
	Operators   []OperatorStatus
	Splits      []SplitStatus
	Checkpoints CheckpointStatus
	// Attempts counts those begun; Failures are the newest of those that failed, oldest first.
	Attempts int
	Failures []Failure
}

// Status is the state of the job now.
func (j *Job) Status() Snapshot {
	j.mu.Lock()
	s := Snapshot{Name: j.config.Name, State: j.state, Parallelism: j.config.Parallelism, Started: j.started, Ended: j.ended, Watermark: NoWatermark, Attempts: j.attempts}
	if n := len(j.restarts.begun); n > 0 {
		s.Began = j.restarts.begun[n-1]
	}
	a := j.attempt
	if a == nil && s.State == JobRunning {
		s.State = JobCreated // it can be asked for nothing yet
	}
	j.mu.Unlock()
	j.tell.status(&s)
	if a != nil {
		a.status(&s)
	}
	return s
}

// OperatorStatus is one operator with its subtasks.
type OperatorStatus struct {
	Name     string
	Inputs   []string // names of the operators it reads from
	Chained  bool     // runs in the task of its input
	Idle     bool     // of a source: all its splits have been at their tips for IdleTimeout
	Ship     string   // how elements come to it from other tasks, one of the Ship names; "": they do not
	Subtasks []SubtaskStatus
}

// How elements are dealt out to the subtasks of a vertex.
const (
	ShipHash      = "HASH" // by key
	ShipForward   = "FORWARD"
	ShipRebalance = "REBALANCE"
	ShipBroadcast = "BROADCAST"
)

// SubtaskStatus counts what one subtask of an operator did since its attempt began; what
// all of them did before a rescale is the first one's.
type SubtaskStatus struct {
	In, Out int64
	// Sent are the elements that left the subtask's task here, once for each reader in another task, or were written by a sink.
	Sent int64
	// BytesIn and BytesOut are what came into the subtask's task and left it, at the operators where that happens; within a
	// task nothing is copied, so that they are 0. At an exchange it is what the elements take in memory, once for each reader,
	// without what they point to, which stays where it is; or what they say (Sizer). Of a source it is what its readers say
	// (Read.Bytes), of a sink what its writers say (ByteCounter); if they say nothing, as at an exchange.
	BytesIn, BytesOut int64
	// Dropped counts elements that left by a side output which nobody consumes, that belong to
	// no window, and windows that were forgotten with something in them that no pane has held.
	Dropped int64
	// Late counts elements that came after their window or pair was gone.
	Late int64
	// Fired counts windows fired for the first time (Aggregate).
	Fired int64
	// StateEntries is the number of keys, pairs or splits held.
	StateEntries int64
	Watermark    int64
	// Busy, Backpressured and Idle are what the processing time of the subtask's task went to, since
	// its attempt began: work, waiting for room behind it, waiting for input. The shares, 0 to
	// 1, are those of the last second; operators that are chained share one task.
	Busy, Backpressured, Idle                time.Duration
	BusyShare, BackpressuredShare, IdleShare float64
	// QueueFill is how full the fullest input channel is, 0 to 1; near 1 means
	// that this subtask is the bottleneck. Always 0 if chained.
	QueueFill float64
}

// SplitState is where a split is in its life.
type SplitState string

// The states of a split.
const (
	SplitWaiting SplitState = "waiting" // for its parents to end
	SplitReading SplitState = "reading"
	SplitEnded   SplitState = "ended" // and its children are known
)

// SplitStatus is one split of a source.
type SplitStatus struct {
	Source, ID string
	Subtask    int
	State      SplitState
	Offset     []byte
	Watermark  int64
	Lag        time.Duration
	AtTip      bool
	Idle       bool
	Paused     bool  // held back until the others have caught up (MaxDrift)
	Elements   int64 // read in this run, data and watermark records
	Moved      int64 // how often it went to another subtask while the job ran (Config.BalanceSplits)
	// Regressions counts watermarks that went back and were ignored.
	Regressions int64
}

// CheckpointStatus sums up the checkpoints of a run.
type CheckpointStatus struct {
	RestoredID int64 // 0: started from nothing
	// RestoredSavepoint: what it started from was Config.Savepoint.
	RestoredSavepoint bool
	RestoredAt        time.Time
	LastID            int64
	LastDuration      time.Duration
	LastBytes         int64
	LastTime          time.Time
	// Unsaved is since when there is something that no whole checkpoint holds; zero: nothing
	// is, and none is taken until something changes.
	Unsaved     time.Time
	Completed   int64
	Failed      int64
	FailedInRow int
	LastError   string
	// History are the newest checkpoints and savepoints that have ended, whole or not, oldest first; Current is the
	// one on its way; nil: none is. Figures are of the newest whole ones, more than History, oldest first. What
	// History and Figures point to is shared and must not be changed.
	History []*CheckpointRecord
	Current *CheckpointRecord
	Figures []CheckpointFigures
}
