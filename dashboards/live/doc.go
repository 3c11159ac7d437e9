// Package live is the control room: one page that shows what the pipeline
// knows, and the small JSON API and event stream that feed it.
//
// What it shows is what the results store has confirmed. [Server.Written] takes
// in each document that the sink has written, and [Server.Run] reads the last
// day from the store at the start, so that a reload, a second viewer and a
// restart show the same picture. A document's version decides which of two
// equal ids is newer, so the two may come in any order.
//
// A viewer is told only what changed since it was last told, and that is
// computed when it can take it: nothing queues up for a slow one, which simply
// skips states. Written holds a lock for some hundred nanoseconds a document and
// waits for no viewer.
//
// Memory is bounded by [Options.Keep], MaxCells, MaxPairs and MaxViewers; what
// does not fit is counted in [Stats]. The server keeps no document's bytes.
package live
