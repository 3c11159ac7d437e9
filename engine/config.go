package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/state"
)

// Config holds every limit and default of a job. The zero value of a field means
// its default.
type Config struct {
	// Name of the job, in logs, status and manifests. Needed.
	Name string
	// Parallelism is the number of subtasks of every task; 1.
	Parallelism int
	// ParallelismOf is that of single tasks, by the name of their first operator: a source,
	// a union, or an operator behind a key.
	ParallelismOf map[string]int
	// MaxParallelism is the number of key groups; 128. State is kept by key group,
	// so it cannot change over the life of a chain of checkpoints.
	MaxParallelism int
	// BatchSize is the greatest number of elements handed on at once; 256.
	BatchSize int
	// ChannelCapacity is the number of batches that one channel between two
	// subtasks holds before its writer waits (backpressure); 8.
	ChannelCapacity int
	// FetchCapacity is the number of reads waiting for one source subtask before
	// its readers wait; 4.
	FetchCapacity int

	// MaxStateEntries is the greatest number of keys, over all windows, or of rows of states
	// and timers, that one subtask of a keyed operator holds; 16 Mi; below 0: no limit. More fail the job
	// with *StateLimitError: a clock that stands still, or elements from the far future,
	// would otherwise end in the memory's end. SubtaskStatus.StateEntries shows how near
	// it is.
	MaxStateEntries int

	// State makes the backends of states and timers (ProcessKeyed, joins); nil: they are on the
	// heap. Windows and Distinct have their own, on the heap.
	State state.Opener

	// Store keeps checkpoints; nil: none are kept and nothing is restored.
	Store checkpoint.Store
	// Fingerprint is written into each manifest. A checkpoint with another one is
	// refused with *FingerprintError.
	Fingerprint map[string]string
	// FingerprintDefaults are the values of keys that an older checkpoint does not
	// name. A key in neither is absent.
	FingerprintDefaults map[string]string
	// AllowFreshStart starts the job anew where checkpoints are there but none can be
	// read; otherwise that is a *NoneWholeError.
	AllowFreshStart bool
	// Savepoint is what the job starts from instead of the newest checkpoint in Store, until
	// it has taken one of its own: a savepoint, or a checkpoint (checkpoint.Open); nil: none.
	Savepoint *checkpoint.Checkpoint
	// AllowNonRestoredState lets the job start from a checkpoint that holds state of operators
	// that it does not have: that state is dropped. Otherwise that is an *IncompatibleError.
	AllowNonRestoredState bool
	// MayDrop names operators of which the same holds without that: those that a job has at
	// times and at times has not.
	MayDrop []string
	// CheckpointInterval is the time from one checkpoint's start to the next; 0:
	// only the final one of Stop and Drain is taken. One is left out while no source
	// has moved since the last, except for an attempt's first.
	CheckpointInterval time.Duration
	// CheckpointTimeout is the time after which a checkpoint that is not whole
	// counts as failed; 10 min.
	CheckpointTimeout time.Duration
	// TolerableFailedCheckpoints is the number of checkpoints in a row that may
	// fail; one more fails the job; 10. A final one that fails is always an error.
	TolerableFailedCheckpoints int

	// Restart says what happens when the job fails; NoRestart.
	Restart RestartStrategy

	// DiscoverInterval is the time between two listings of a source's splits; 10 s.
	DiscoverInterval time.Duration
	// BalanceSplits evens out, while the job runs, how many splits the subtasks of a source
	// read, so that none reads two more than another: after a reshard, whose children begin where
	// their parents were. A split moves at a checkpoint's barrier, and is read on when that has passed.
	BalanceSplits bool
	// IdleTimeout makes a split idle after that long of successful reads at its
	// tip while another split moved, and a source idle as a whole once all its splits have
	// been at their tips for so long; 0: never. Results then depend on timing. The option
	// IdleTimeout of a source takes its place.
	IdleTimeout time.Duration
	// TickInterval is the period of generators' and sinks' ticks; 100 ms.
	TickInterval time.Duration

	// Clock is processing time; SystemClock.
	Clock Clock
	// Hooks are called at fixed points; any of them may be nil.
	Hooks Hooks
	// Logger gets few lines: restores, failed checkpoints, splits; nil: none.
	Logger *slog.Logger
}

// Hooks tell the outside what happens inside. They are called from the runtime's
// goroutines, must be quick and must not call the job.
type Hooks struct {
	OnCheckpoint func(CheckpointEvent)
	OnRestore    func(RestoreEvent)
	OnSplit      func(SplitEvent)
}

// CheckpointEvent reports the end of one checkpoint.
type CheckpointEvent struct {
	ID       int64
	Duration time.Duration
	Bytes    int64
	Final    bool
	Err      error // nil: the checkpoint is whole
}

// RestoreEvent reports what a job starts from.
type RestoreEvent struct {
	ID        int64               // 0: nothing was there
	Savepoint bool                // it is Config.Savepoint
	Dropped   []string            // operators whose state the job has no use for
	Damaged   []checkpoint.Damage // newer checkpoints that could not be used
}

// SplitEvent reports a split that changed its state, or moved to another subtask.
type SplitEvent struct {
	Source, Split string
	State         SplitState
	Subtask       int
	Moved         int64 // how often it has moved
}

func (c Config) withDefaults() (Config, error) {
	setDefault(&c.Parallelism, 1)
	setDefault(&c.MaxParallelism, 128)
	setDefault(&c.BatchSize, 256)
	setDefault(&c.ChannelCapacity, 8)
	setDefault(&c.FetchCapacity, 4)
	setDefault(&c.MaxStateEntries, 1<<24)
	setDefault(&c.CheckpointTimeout, 10*time.Minute)
	setDefault(&c.TolerableFailedCheckpoints, 10)
	setDefault(&c.DiscoverInterval, 10*time.Second)
	setDefault(&c.TickInterval, 100*time.Millisecond)
	if c.Clock == nil {
		c.Clock = SystemClock{}
	}
	if c.Restart == nil {
		c.Restart = NoRestart{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Name == "":
		return c, errors.New("configure job: it has no name")
	case c.Parallelism < 1 || c.BatchSize < 1 || c.ChannelCapacity < 1 || c.FetchCapacity < 1:
		return c, errors.New("configure job: parallelism, batch size and capacities must be positive")
	case c.MaxParallelism < c.Parallelism || c.MaxParallelism > 1<<15:
		return c, fmt.Errorf("configure job: parallelism %d needs a maximum between it and 32768, not %d", c.Parallelism, c.MaxParallelism)
	}
	return c, nil
}

func setDefault[N int | time.Duration](v *N, standard N) {
	if *v == 0 {
		*v = standard
	}
}

// wait lets d of the job's clock pass.
func (c *Config) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	ticks, stop := c.Clock.Ticker(d)
	defer stop()
	select {
	case <-ticks:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
