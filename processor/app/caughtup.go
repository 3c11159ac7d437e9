package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"taxistream/engine"
	"taxistream/processor/job"
)

// CaughtUp is what the results stand for once everything that was on the stream
// has been read.
type CaughtUp struct {
	Watermark *time.Time `json:"watermark"` // null: none yet
	// Open counts keys of windows that the watermark has not closed: their
	// documents are not written, or not final.
	Open int64 `json:"open"`
}

// caughtUpPoll is the time between two looks at the shards, which are read every
// 200 ms at their tips, and every second while nothing comes.
const caughtUpPoll = 50 * time.Millisecond

// checkpointRetry is the time between two checkpoints asked for, the first of
// which failed. More than engine.Config.TolerableFailedCheckpoints end the job.
const checkpointRetry = time.Second

// CaughtUp waits until all that the stream held at the call has been read, and
// until OpenSearch has confirmed every document that came of it: those of all
// windows that the watermark has closed. It returns ctx's error, or
// engine.ErrNotRunning or the job's error when the job ends first.
func (p *Processor) CaughtUp(ctx context.Context) (CaughtUp, error) {
	var asked uint64
	if p.job.Load() != nil {
		asked = p.source.Begun()
	}
	for !p.hasRead(asked) {
		if err := p.pause(ctx, caughtUpPoll); err != nil {
			return CaughtUp{}, err
		}
	}
	return p.Confirm(ctx)
}

// Confirm waits until OpenSearch has confirmed every document of the windows
// closed by the watermark that Status has shown: it takes a checkpoint, which is
// whole only then. It returns as CaughtUp does.
func (p *Processor) Confirm(ctx context.Context) (CaughtUp, error) {
	for {
		j := p.job.Load()
		if j == nil {
			return CaughtUp{}, engine.ErrNotRunning
		}
		err := j.Checkpoint(ctx)
		if err == nil {
			return closedBy(j.Status(), p.parts()), nil
		}
		if ctx.Err() != nil || errors.Is(err, engine.ErrNotRunning) {
			return CaughtUp{}, err
		}
		p.log.Warn("documents are not confirmed yet: the checkpoint that would tell failed", "error", err)
		if err := p.pause(ctx, checkpointRetry); err != nil {
			return CaughtUp{}, err
		}
	}
}

func closedBy(s engine.Snapshot, parts job.Operators) (c CaughtUp) {
	if s.Watermark != engine.NoWatermark && s.Watermark != engine.MaxWatermark {
		at := time.UnixMilli(s.Watermark).UTC()
		c.Watermark = &at
	}
	for _, o := range []job.Operator{parts.Hotspots, parts.Airports} {
		for _, t := range o.Subtasks(s) {
			c.Open += t.StateEntries
		}
	}
	return c
}

// pause waits, unless ctx or the job ends.
func (p *Processor) pause(ctx context.Context, d time.Duration) error {
	var ended <-chan struct{}
	if j := p.job.Load(); j != nil {
		ended = j.Done()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.life.Done():
		return engine.ErrNotRunning
	case <-ended:
		return engine.ErrNotRunning
	}
}

// hasRead reports whether the job has taken in all that every shard held when so many reads
// had begun: a later one came to the tip, and all of it has been passed on. Reads are counted
// and not timed, because clocks are set back.
func (p *Processor) hasRead(begun uint64) bool {
	if p.job.Load() == nil {
		return false
	}
	tips := p.source.Tips() // before the status, which is behind it
	s := p.Status()
	for _, split := range s.Splits {
		tip, known := tips[split.ID]
		switch {
		case split.State == engine.SplitEnded:
		case split.State == engine.SplitWaiting, !known, tip.Began <= begun, split.Elements < tip.Elements:
			return false
		}
	}
	return len(s.Splits) > 0
}

// serveCaughtUp answers when CaughtUp does.
func (p *Processor) serveCaughtUp(w http.ResponseWriter, r *http.Request) {
	c, err := p.CaughtUp(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(c) // who went away has no use for it
}
