// Package engine is an event-time stream engine: typed streams, watermarks, keyed
// windows and checkpoints, in one process.
package engine
