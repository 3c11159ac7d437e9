// Package disk keeps records in append-only files of one folder, or, without a
// folder, in files of no name that are gone with the process.
//
// A record is its payload's CRC-32C, its length, and the payload. What Flush has
// returned for is there after the process is killed at any moment; after a loss of
// power only what Sync has returned for. A record whose end is missing at the end
// of the newest file was being written when the process ended: opening cuts it off.
// Anything else that does not fit its CRC is damage, and an error that names the
// file and the place.
package disk
