package runtime

// The mutants: what each makes wrong.
const (
	Overtake       = "a barrier overtakes records that wait in open batches"
	NoWatermark    = "a watermark is left out of the snapshot"
	GroupTwice     = "a key group is restored twice"
	ForgetPrepared = "a prepared transaction is forgotten"
	LoseBatch      = "a batch is lost at a full channel"
	NoAlignment    = "a channel that brought a barrier is not shut"
	ForgetWaking   = "a sender that found no room is not woken"
	LoseTimer      = "a timer is taken out and not fired"
	LoseMoved      = "what was read of a split behind the barrier at which it moves is lost"
	EarlyMove      = "a split that moves is read before the barrier has passed"
	StaleIdle      = "a source that is idle no more is still taken for idle"
	EarlyChild     = "a split is read before its parents let it go"
	LoseMerged     = "what a merged window held is lost"
	ForgetTrigger  = "a trigger's numbers are not restored"
)
