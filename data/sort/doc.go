// Package sort gives a replay its trips: from any number of sources, in order of
// event time, with ids, in bounded memory.
//
// The order is total: event time first, then all other values, so it does not
// depend on the order of rows, files or sources. Trips whose source has no id
// get one from their values and their number among equal rows, over all sources
// together. Input that is sorted already (prepared files, generated days) streams
// through; anything else is sorted in memory up to Options.Memory and on disk
// beyond it.
//
// A Stream is for one goroutine. It removes its temporary files at Close; they
// have no names, so they go with the process too.
package sort
