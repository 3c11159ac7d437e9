package live

import "taxistream/internal/results"

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
	FallingBehind Condition = "falling behind" // something gets later and later: see the causes
	Stale         Condition = "stale"          // the watermark stands, and windows wait for it
	Finished      Condition = "finished"       // all is read, counted and written
	Stopping      Condition = "stopping"       // a last checkpoint is being taken
	Stopped       Condition = "stopped"        // in order
	Failed        Condition = "failed"
)

// Cause is why a pipeline falls behind. Of those that hold, the first is told;
// docs/control-room.md names the runbook of each.
type Cause string

// The causes, in their order.
const (
	CauseNone          Cause = ""
	CauseStore         Cause = "store"            // the results store refuses documents or does not answer
	CauseCheckpoints   Cause = "checkpoints"      // they fail, one after the other
	CauseBusy          Cause = "busy"             // an operator has no time left
	CauseBackpressured Cause = "backpressured"    // an operator waits for room behind it
	CauseThrottled     Cause = "throttled"        // the stream refuses reads for their pace
	CauseStream        Cause = "stream"           // the stream does not answer
	CauseShard         Cause = results.FieldShard // one shard holds the watermark
	CauseProducer      Cause = "producer"         // it is slower than its speed
	CauseReading       Cause = "reading"          // records are read later and later, and nothing above says why
)
