package runtime

import "time"

// Answer tells that a barrier has passed a task, and that what it kept is in the store,
// or why not.
type Answer struct {
	Barrier *Barrier
	Task    *Task
	Parts   []Stored
	Err     error
	Times   CutTimes
}

// CutTimes are when a barrier went through a task, each at or after the one before.
type CutTimes struct {
	First   time.Time // it came by the first channel
	Aligned time.Time // it had come by all of them
	Cut     time.Time // the task had frozen its state, and went on
	Stored  time.Time // that was written
}
