// Package opensearch writes the pipeline's documents into OpenSearch and reads
// them back, over opensearch-go, with SigV4 where it is wanted (docs/adr/0008).
//
// A document that [Writer.Add] took is either in the index, or an equal or newer
// one is, or it was handed to OnPoison, when [Writer.Flush] returns nil. There is
// no other way out: what the server may take later is tried again for as long as
// the caller's context lives, and everything tried again is counted by reason.
//
// Memory is bounded by the limits in [WriterOptions]; a caller that is faster
// than the server waits in Add. A Document's Source belongs to the caller again
// as soon as Add returns. What reads return (Hit, Source) belongs to the caller.
package opensearch
