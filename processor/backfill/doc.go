// Package backfill computes the documents of a past from trips in files, by the very
// dataflow that the processor runs over a stream (package job), without a stream: as
// if every trip came in event-time order on one shard whose watermark is just
// below it, and arrived when the backfill began.
//
// The trips come sorted (data/sort) and are cut into spans, whole multiples of both
// window lengths: no window, and no pair of duplicates, lies in two of them. Each
// span is a job of its own, so that as many run side by side as there are
// CPUs; what comes of them is delivered in their order. What is noted after a span is
// delivered is all that a later start needs.
package backfill
