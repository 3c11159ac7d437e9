// Package runtime is the engine's deterministic core: actors that work by steps, the
// bounded channels between them, barriers, and the coordinator of checkpoints. It
// knows no operator and no element.
//
// Everything that happens in a job happens in the step of some actor: a task that
// handles one message, a reader that reads once, the coordinator that notes one
// answer. A step never waits for another actor: it says that it is idle or blocked,
// and whoever changes that wakes it. So the order of steps is the only freedom that
// a schedule has. Execution.Run gives each actor a goroutine; engine/enginetest
// takes the same steps one by one, in an order drawn from a seed.
//
// What blocks inside a step is the outside alone: a source's read, a sink's write, a
// store. The step's context ends that.
package runtime
