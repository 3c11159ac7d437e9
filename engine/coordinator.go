package engine

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"taxistream/engine/checkpoint"
)

// coordinator takes checkpoints: it sends a barrier through every source subtask,
// gathers the states that the tasks answer with, and stores them. One goroutine,
// ended by the final checkpoint or the job's context. One checkpoint at a time.
type coordinator struct {
	run   *run
	last  int64 // id given out
	final bool
	drain bool

	mu      sync.Mutex
	stats   CheckpointStatus
	waiting []chan error // who asked for a checkpoint; each is answered once
}

// errAbandoned: the job's end was asked for while a checkpoint was on its way. It
// is no failure.
var errAbandoned = errors.New("abandoned for the final checkpoint")

// begin sets the last id in use and the checkpoint that the job goes on from.
func (c *coordinator) begin(last, restored int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = last
	c.stats.RestoredID = restored
}

func (c *coordinator) loop() {
	var ticks <-chan time.Time
	if interval := c.run.config.CheckpointInterval; interval > 0 {
		var stop func()
		ticks, stop = c.run.config.Clock.Ticker(interval)
		defer stop()
	}
	for !c.final {
		select {
		case <-c.run.ctx.Done():
			return
		case c.drain = <-c.run.finals:
			c.final = true
		case <-ticks:
			c.take(&barrier{id: c.nextID()})
		case <-c.run.early:
			c.take(&barrier{id: c.nextID()})
		}
	}
	c.run.stopReading()
	if c.take(&barrier{id: c.nextID(), final: true, finished: c.drain}) {
		close(c.run.finalDone)
	}
}

func (c *coordinator) nextID() int64 {
	c.last++
	return c.last
}

// take takes one checkpoint and tells everybody. ok: it is whole.
func (c *coordinator) take(b *barrier) (ok bool) {
	started := c.run.config.Clock.Now()
	asked := c.asked()
	bytes, err := c.checkpoint(b, started)
	defer func() { c.answer(asked, err) }()
	if errors.Is(err, errAbandoned) || c.run.ctx.Err() != nil {
		return false
	}
	duration := c.run.config.Clock.Now().Sub(started)
	c.note(b, bytes, started, duration, err)
	if err == nil {
		c.run.completed.Store(b.id)
		for _, t := range c.run.tasks {
			token(t.notify)
		}
		return true
	}
	switch inRow := c.status().FailedInRow; {
	case b.final:
		c.run.fail(fmt.Errorf("final checkpoint %d: %w", b.id, err))
	case inRow > c.run.config.TolerableFailedCheckpoints:
		c.run.fail(fmt.Errorf("%d checkpoints in a row failed, the last one, %d: %w", inRow, b.id, err))
	}
	return false
}

// checkpoint does the work of take.
func (c *coordinator) checkpoint(b *barrier, started time.Time) (bytes int64, err error) {
	c.send(b)
	operators, err := c.gather(b)
	if err != nil {
		return 0, err
	}
	for _, s := range c.run.job.sources {
		s.settle(b.id)
	}
	if c.run.config.Store == nil {
		return 0, nil
	}
	return c.run.config.Store.Save(c.run.ctx, &checkpoint.Checkpoint{
		ID: b.id, Job: c.run.config.Name, Time: started, Finished: b.finished,
		Fingerprint: c.run.config.Fingerprint, MaxParallelism: c.run.config.MaxParallelism,
		Parallelism: c.run.config.Parallelism, Operators: operators,
	})
}

// send puts the barrier into every source subtask.
func (c *coordinator) send(b *barrier) {
	for _, s := range c.run.job.sources {
		s.command(command{barrier: b})
	}
	if c.run.driver != nil {
		c.run.driver.settle()
	}
}

// gather waits for the answers of all tasks.
func (c *coordinator) gather(b *barrier) (map[string]checkpoint.OperatorState, error) {
	if c.run.driver != nil && len(c.run.acks) < len(c.run.tasks) {
		return nil, fmt.Errorf("%d of %d tasks answered", len(c.run.acks), len(c.run.tasks))
	}
	timeout, stop := c.run.config.Clock.Ticker(c.run.config.CheckpointTimeout)
	defer stop()
	answers := make(map[*task]ack, len(c.run.tasks))
	for len(answers) < len(c.run.tasks) {
		finals := c.run.finals
		if b.final {
			finals = nil
		}
		select {
		case a := <-c.run.acks:
			if a.barrier == b { // an answer to one that was given up is void
				answers[a.task] = a
			}
		case <-timeout:
			return nil, fmt.Errorf("not whole after %v: %d of %d tasks answered", c.run.config.CheckpointTimeout, len(answers), len(c.run.tasks))
		case c.drain = <-finals:
			c.final = true
			return nil, errAbandoned
		case <-c.run.ctx.Done():
			return nil, c.run.ctx.Err()
		}
	}
	return merge(c.run.tasks, answers), nil
}

// merge puts the tasks' answers together by operator, in the order of subtasks.
func merge(tasks []*task, answers map[*task]ack) map[string]checkpoint.OperatorState {
	operators := make(map[string]checkpoint.OperatorState)
	for _, t := range tasks {
		for n, s := range answers[t].states {
			o := operators[n.name]
			o.List = append(o.List, s.List...)
			if o.Groups == nil {
				o.Groups = make(map[int][]byte)
			}
			for g, data := range s.Groups {
				assertf(o.Groups[g] == nil, "key group %d of %s is in two subtasks", g, n.name)
				o.Groups[g] = data
			}
			operators[n.name] = o
		}
	}
	return operators
}

func (c *coordinator) note(b *barrier, bytes int64, started time.Time, duration time.Duration, err error) {
	c.mu.Lock()
	if err == nil {
		c.stats.LastID, c.stats.LastBytes, c.stats.LastDuration, c.stats.LastTime = b.id, bytes, duration, started
		c.stats.Completed++
		c.stats.FailedInRow = 0
	} else {
		c.stats.Failed++
		c.stats.FailedInRow++
		c.stats.LastError = err.Error()
	}
	c.mu.Unlock()
	if err != nil {
		c.run.config.Logger.Warn("checkpoint failed", "checkpoint", b.id, "error", err)
	}
	if hook := c.run.config.Hooks.OnCheckpoint; hook != nil {
		hook(CheckpointEvent{ID: b.id, Duration: duration, Bytes: bytes, Final: b.final, Err: err})
	}
}

func (c *coordinator) status() CheckpointStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}
