package runtime

import (
	"time"

	"taxistream/engine/checkpoint"
)

// Savepoint is a request for a checkpoint that goes to a place of its own. Its barrier is
// one like others; but it is no progress of the job's own: sinks are not told of it, a
// failure of it fails nothing else, and no later checkpoint links its files. What a sink
// prepared at it is also in the checkpoint that follows.
type Savepoint struct {
	to checkpoint.Place
	// Ended gives, once, nil when it is whole, with the fields below in place, or why it is not.
	Ended    chan error
	ID       int64
	Bytes    int64
	Duration time.Duration
}

// Savepoint asks for a savepoint. They are taken one after the other, between checkpoints.
func (c *Coordinator) Savepoint(to checkpoint.Place) *Savepoint {
	s := &Savepoint{to: to, Ended: make(chan error, 1)}
	c.note(func() { c.save = append(c.save, s) })
	return s
}

func (c *Coordinator) beginSavepoint(now time.Time) {
	c.mu.Lock()
	c.saving, c.save = c.save[0], c.save[1:]
	c.mu.Unlock()
	c.send(&Barrier{Portable: true}, c.saving.to, now)
}

// endSavepoint answers who asked.
func (c *Coordinator) endSavepoint(bytes int64, err error) {
	s := c.saving
	s.ID, s.Bytes, s.Duration = c.current.ID, bytes, c.X.Clock.Now().Sub(c.started)
	c.saving = nil
	c.giveUp()
	s.Ended <- err
}

// Adopt takes over what was asked of a coordinator whose attempt has ended in order, and that
// it has not answered.
func (c *Coordinator) Adopt(ended *Coordinator) {
	ended.mu.Lock()
	asking, save := ended.asking, ended.save
	ended.asking, ended.save = nil, nil
	ended.mu.Unlock()
	c.note(func() {
		c.asking, c.save = append(c.asking, asking...), append(c.save, save...)
		c.early = c.early || len(asking) > 0
	})
}
