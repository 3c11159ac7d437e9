// Package s3 reads and writes objects of Amazon S3: whole objects with
// conditional writes, listings, and downloads that go on where they broke.
//
// A Client is safe for many goroutines. What it returns belongs to the caller.
// Retries of single calls are the SDK's; an error that it gives up on is
// returned. With an endpoint of one's own (LocalStack) buckets are named in the
// path.
package s3
