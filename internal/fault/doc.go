// Package fault is the one table of what is to be done about the error of a call:
// for Kinesis, S3, OpenSearch and plain downloads alike. It knows no client: it
// asks an error for its HTTP status, its code and its message by the methods that
// the AWS SDK's errors have (HTTPStatusCode, ErrorCode, ErrorMessage), and for
// its cause by the standard library's types (docs/adr/0018).
//
// All functions are safe for many goroutines; a Tries is for one.
package fault
