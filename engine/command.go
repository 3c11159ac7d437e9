package engine

import "sync"

// command tells a source subtask what to put into its stream.
type command struct{ barrier *barrier }

// commandQueue hands commands to a source subtask. It is never full, so that every
// subtask gets every barrier; its length is bounded by the checkpoints that may
// fail in a row, after which the job does.
type commandQueue struct {
	wake chan struct{}
	mu   sync.Mutex
	list []command
}

func newCommandQueue() *commandQueue { return &commandQueue{wake: make(chan struct{}, 1)} }

func (q *commandQueue) put(c command) {
	q.mu.Lock()
	q.list = append(q.list, c)
	q.mu.Unlock()
	token(q.wake)
}

func (q *commandQueue) take() (command, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		return command{}, false
	}
	c := q.list[0]
	q.list = q.list[1:]
	return c, true
}
