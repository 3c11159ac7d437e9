package live

// Condition is how a pipeline does, in a word or two: the same on the page, on
// the terminal and in /readyz.
type Condition string

// The conditions. Whether a pipeline is still there at all, only those who ask
// it can tell.
const (
	Starting      Condition = "starting"       // no watermark yet
	Replaying     Condition = "replaying"      // event time is not the wall clock's, and it keeps up
	KeepingUp     Condition = "keeping up"     // event time is the wall clock's
	CatchingUp    Condition = "catching up"    // records are read long after they arrived, but less and less
	FallingBehind Condition = "falling behind" // and more and more, or the results cannot be written
	Stale         Condition = "stale"          // the watermark stands, and windows wait for it
	Finished      Condition = "finished"       // all is read, counted and written
	Stopping      Condition = "stopping"       // a last checkpoint is being taken
	Stopped       Condition = "stopped"        // in order
	Failed        Condition = "failed"
)
