// Package trips reads taxi trips from files of every published form, one Reader
// for all of them. The form is found by looking at the content, never at the
// name: compression first, then Parquet, JSON, the Flink training rides, or CSV
// by its header. docs/formats.md lists all that is read, and what is refused.
//
// A row that cannot be a trip (an unreadable time or number) is counted by
// reason in Stats and passed over; whatever else a row says, a trip at sea, one
// that ends before it begins, is read as it is, for the processor to judge. A
// file in which every row is bad is an error. Times without an offset are New
// York wall clock.
//
// A Reader holds one line (1 MiB at most) or one page of each Parquet column in
// memory. It is for one goroutine.
package trips
