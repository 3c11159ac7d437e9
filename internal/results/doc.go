// Package results is what is known of the pipeline's documents (contract, "Results"):
// their fields, ids, index names, templates and checks, reading them back, the export;
// written once for all that use them. Package document below it makes the documents.
// The batch oracle of the tests keeps a spelling of its own.
package results
