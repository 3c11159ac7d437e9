package live

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// Store is what the control room asks of the results store: the part of
// [opensearch.Client] that both OpenSearch and the embedded store answer.
type Store interface {
	Refresh(ctx context.Context, index string) error
	results.Searcher
	All(ctx context.Context, s opensearch.Scan) iter.Seq2[opensearch.Hit, error]
	Top(ctx context.Context, index, by, sum string, n int) ([]opensearch.Group, error)
	TopWhere(ctx context.Context, index string, query json.RawMessage, by, sum string, n int, count string) ([]opensearch.Group, int64, error)
}

// Options say what the page shows and how much of it is kept.
type Options struct {
	Store  Store            // where earlier results are; nil: only what Written brings
	Prefix string           // before every index name
	Clock  func() time.Time // the wall clock; needed
	Status func() Status    // the pipeline's figures, asked twice a second; needed, must not block
	Least  int              // pickups of a cell that is written at all; 0: not known
	// Inside reports whether a cell lies in the airport of a code: the band of its
	// rides leaves it out. Nil: none does.
	Inside func(cell, airport string) bool
	// Around gives the cells of the airport trips for any cell: those it is or lies
	// in, and those around them. An error says what is wrong with the cell. Nil: the
	// ride from a cell is not known.
	Around func(cell string) (own, near []string, err error)
	City   *time.Location // by whose clock a window is of the same time as one of another day; nil: UTC
	Notify func(string)   // is told when the store does not answer; nil: nobody

	Keep       time.Duration // of event time, back from the newest window; 0: 24 h
	MaxCells   int           // distinct cells; 0: 65,536
	MaxPairs   int           // counts kept, one for each cell and window, and as many of airport trips; 0: 2,000,000
	MaxViewers int           // open pages; 0: 64
	Pulse      time.Duration // least time between two states that a viewer is told; 0: 100 ms
	// Settle is how long a window must be still before it is shown, unless a
	// newer one has begun: its documents arrive in several bulk requests. 0: 250 ms.
	Settle time.Duration
}

func (o Options) filled() Options {
	o.Keep = cmp.Or(o.Keep, 24*time.Hour)
	o.MaxCells = cmp.Or(o.MaxCells, 1<<16)
	o.MaxPairs = cmp.Or(o.MaxPairs, 2_000_000)
	o.MaxViewers = cmp.Or(o.MaxViewers, 64)
	o.Pulse = cmp.Or(o.Pulse, 100*time.Millisecond)
	o.Settle = cmp.Or(o.Settle, 250*time.Millisecond)
	if o.City == nil {
		o.City = time.UTC
	}
	if o.Inside == nil {
		o.Inside = func(string, string) bool { return false }
	}
	if o.Around == nil {
		o.Around = func(string) (own, near []string, err error) {
			return nil, nil, errors.New("the ride from a cell is not known here")
		}
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	return o
}

// NoTime stands for an event time that is not known yet.
const NoTime = -1 << 63

// Status is what the pipeline says of itself at one moment.
type Status struct {
	State   string    // of the job, in a word
	Started time.Time // of the process

	Condition Condition
	Since     time.Time // that the condition holds; zero: not known
	Why       Cause     // of falling behind
	Cause     string    // of the condition, a sentence without a full stop; may be empty
	Effect    string    // of the cause, another one; may be empty
	Troubles  []string  // what is wrong whatever the condition, the worst first

	// Running is set once the job has begun: before, its counters say nothing and
	// are not known.
	Running bool

	Watermark int64         // combined, ms; NoTime before the first
	Newest    int64         // the highest watermark of any shard, ms; NoTime before the first
	Behind    time.Duration // of reading behind the tip of the slowest shard; known where Shards > 0; -1: reads fail
	Shards    int           // being read
	Known     int           // shards seen, those that ended, too

	Attempts    int  // of the job that have begun
	Resumed     bool // the process goes on from a checkpoint
	Parallelism int

	Events    int64            // read from the stream since Started
	Trips     int64            // counted since Started
	Documents int64            // written since Started
	Refused   int64            // of documents, by the results store for good
	Rejects   map[string]int64 // since Started, by reason

	Checkpoint Checkpoint
}

// Checkpoint is the last one that is whole.
type Checkpoint struct {
	ID                int64 // 0: none yet
	At                time.Time
	Duration          time.Duration
	Bytes             int64
	Completed, Failed int64
	FailedInRow       int // since the last whole one
}
