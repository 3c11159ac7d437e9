// Package results is the pipeline's documents (contract, "Results"): their types,
// fields, ids, versions, index names, templates and JSON, written once for the job
// that makes them and for all that read them. The batch oracle of the tests keeps
// a spelling of its own.
//
// A Document's bytes are its own; equal results give equal bytes.
package results
