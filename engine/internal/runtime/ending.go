package runtime

import (
	"fmt"
	"time"
)

// How checkpoints end: the part of the coordinator behind the last answer.

// Checkpoint is how a checkpoint ended.
type Checkpoint struct {
	ID       int64
	Started  time.Time
	Duration time.Duration
	Bytes    int64
	Final    bool
	Err      error // nil: it is whole
	// Savepoint: it is one. Tasks is how many were to answer, Answers those that did.
	Savepoint bool
	Tasks     int
	Answers   []Answer
}

// FinalError ends an attempt whose final checkpoint failed.
type FinalError struct {
	ID  int64
	Err error
}

// Error implements error.
func (e *FinalError) Error() string { return fmt.Sprintf("final checkpoint %d: %v", e.ID, e.Err) }

// Unwrap gives the cause.
func (e *FinalError) Unwrap() error { return e.Err }

// giveUp forgets the checkpoint on its way. It has not failed.
func (c *Coordinator) giveUp() {
	c.current.given.Store(true)
	if w := c.current.Writer; w != nil && !c.safe {
		w.Abort()
	}
	c.current, c.answers, c.err, c.safe = nil, nil, nil, false
	if c.saving != nil { // it begins again in the next attempt, if there is one
		c.mu.Lock()
		defer c.mu.Unlock()
		c.saving, c.save = nil, append([]*Savepoint{c.saving}, c.save...)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.early = c.early || len(c.asked) > 0
	c.asking, c.asked = append(c.asked, c.asking...), nil
}

// store has the checkpoint made durable.
func (c *Coordinator) store() error {
	err := c.err
	for _, t := range c.Tasks {
		if err == nil {
			err = c.answers[t].Err
		}
	}
	var bytes int64
	if err == nil && c.current.Writer != nil {
		c.safe = true // whatever comes of it: the store looks after what it could not commit
		bytes, err = c.current.Writer.Commit(c.X.Ctx, c.Describe(c.current, c.started, c.answers))
		if err == nil && c.saving == nil {
			c.Uploads.Whole(c.current.ID, c.answers)
		}
	}
	if c.X.Ctx.Err() != nil {
		return nil
	}
	return c.end(bytes, err)
}

// end tells everybody how the checkpoint ended. The error that it returns ends the job.
func (c *Coordinator) end(bytes int64, err error) (fatal error) {
	ended := c.toldOf(bytes, err)
	c.Closed(ended)
	if c.saving != nil {
		c.endSavepoint(bytes, err)
		return nil
	}
	b, asked := c.current, c.asked
	c.asked = nil
	c.giveUp()
	defer func() {
		for _, answer := range asked {
			answer <- err
		}
	}()
	c.Ended(ended)
	if err == nil {
		c.failed = 0
		c.whole.Store(b.ID)
		c.saved = c.holds
		c.unsaved.Store(0)
		c.changed(c.started) // what came behind its barrier
		if c.settled = b.Final; b.Final {
			c.Uploads.Close()
		}
		for _, t := range c.Tasks {
			t.waker.Wake()
		}
		return nil
	}
	c.failed++
	switch {
	case b.Final:
		return &FinalError{ID: b.ID, Err: err}
	case c.failed > c.Limits.Tolerable:
		return fmt.Errorf("%d checkpoints in a row failed, the last one, %d: %w", c.failed, b.ID, err)
	}
	return nil
}

// toldOf is what is told of the current checkpoint.
func (c *Coordinator) toldOf(bytes int64, err error) Checkpoint {
	told := Checkpoint{
		ID: c.current.ID, Started: c.started, Duration: c.X.Clock.Now().Sub(c.started), Bytes: bytes, Final: c.current.Final, Err: err,
		Savepoint: c.saving != nil, Tasks: len(c.Tasks),
	}
	for _, t := range c.Tasks {
		if a, ok := c.answers[t]; ok {
			told.Answers = append(told.Answers, a)
		}
	}
	return told
}

// Acknowledged counts the tasks that have answered the barrier that was sent last.
func (c *Coordinator) Acknowledged() int { return int(c.acked.Load()) }
