// Package wire is the fast path of the two Kinesis operations that carry records,
// inside the AWS SDK: it writes the bodies of PutRecords and reads the answers of
// GetRecords itself, byte for byte and value for value as the SDK does (tests hold
// both paths against each other). Credentials, signing, retries, endpoints, errors
// and every other operation stay the SDK's; whatever looks unusual is given to it.
//
// What that saves, and when to delete this package, is in docs/adr/0007. The
// variable named by Switch turns it off.
package wire
