// Package search is the embedded results store: the part of OpenSearch's REST
// API that this project and its users' clients need, in the process or on a port.
// docs/results-store.md lists it. Whatever is not listed is answered with status
// 501 and a sentence that names it; nothing is quietly done half.
//
// It promises the outcomes that the pipeline relies on: index templates with
// aliases and mappings, external versions, a verdict on each item of a bulk request
// in the shapes of OpenSearch 2.19, searches and aggregations by field. It does
// not promise its delays: a write is visible at once, refreshed or not.
//
// Documents are on disk, and in memory a row of numbers each; Options.MaxBytes and
// MaxDocuments bound them. Above a bound writes get 429, as from a real server
// whose breaker has tripped, and are counted. With Options.Dir what was acknowledged
// is there in the next process, also after a kill; without it nothing outlives this one.
//
// Its parts import downwards only: fail (errors), disk (records in files), column
// (packed rows), schema (mappings), index (documents), query (searches), and this
// package, which is HTTP, templates and the catalog.
package search
