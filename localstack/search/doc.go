// Package search is the embedded results store: the part of OpenSearch's REST
// API that this project uses, in the process or on a port, held in memory.
// docs/results-store.md lists it. Whatever is not listed is answered with status
// 501 and a sentence that names it; nothing is quietly done half.
//
// It promises the outcomes that the pipeline relies on: index templates with
// aliases and strict mappings, external versions, a verdict on each item of a
// bulk request in the shapes of OpenSearch 2.19, and searches by field. It does
// not promise its delays: a write is visible at once, refreshed or not.
//
// Memory is bounded by Options.MaxBytes; above it writes get 429, as from a real
// server whose breaker has tripped, and are counted. Nothing outlives the process.
package search
