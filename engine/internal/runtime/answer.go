package runtime

// Answer tells that a barrier has passed a task, and that what it kept is in the store,
// or why not.
type Answer struct {
	Barrier *Barrier
	Task    *Task
	Parts   []Stored
	Err     error
}
