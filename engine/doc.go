// Package engine is an event-time stream engine: typed streams, watermarks, keyed
// windows, side outputs and checkpoints, in one process.
//
// A job is a graph of operators between sources and sinks:
//
//	job := engine.NewJob(engine.Config{Name: "rides", Parallelism: 4, Store: store})
//	in := engine.FromSource(job, "rides", source, engine.BoundedOutOfOrderness[Ride](10*time.Second))
//	byCell := engine.KeyBy(in, func(r *Ride) uint64 { return r.Cell }, engine.Uint64Codec{})
//	counts, late := engine.Aggregate(byCell, "pickups", window.Tumbling(10*time.Minute), engine.Count[uint64, Ride]())
//	engine.SinkTo(counts, "documents", documents)
//	engine.SinkTo(late, "rejects", rejects)
//	err := job.Run(ctx)
//
// The package's example is this job, whole. Programs to run and to begin from are in engine/examples.
//
// # What it promises
//
// Results depend on the elements and their watermarks alone: not on parallelism,
// batch sizes, the order in which splits are read, resharding, or crashes. State
// is exactly once: after a restart, of the process or within it (Config.Restart), it is
// that of the last whole checkpoint, and every element behind that is processed again.
// What a sink makes of repeats is its contract (see Sink): idempotent, or two-phase.
// Within one split, and from a split to its children, the elements of a key keep their
// order. An element behind the watermark of its own split breaks the promise that the
// watermark made: whether it still counts depends on how far the clock has come in the
// operator that it reaches. Either it counts, or it is late and told of.
//
// What a user function does wrong, a panic included, fails the job and not the process,
// with an *OperatorError that names the operator and the element.
//
// The clock of a source is the minimum over all its splits wherever they are read
// (docs/adr/0010). It never goes back and never jumps over a split that is known.
// Some things make results depend on time after all, and are off by default:
// Config.IdleTimeout, generators that read the processing clock, and triggers, windows and
// timers of processing time.
//
// # Limits
//
// One process. Windows are held in memory and bounded by event time: by the keys
// between the watermark and the newest element (SubtaskStatus.StateEntries). States of
// functions by key and of joins are in memory, or on disk (Config.State). Batches,
// channels and reads in flight are bounded by Config. Everything dropped, late or
// regressing is counted in Status.
//
// # Who owns what
//
// A batch belongs to whoever is called with it, for the time of the call. Operators
// and sinks are driven by calls from one goroutine a subtask and start none of their
// own; goroutines belong to the runtime and end with Run. A Snapshot is the caller's.
package engine
