// Package store keeps the engine's checkpoints as objects in S3, below one prefix
// of a bucket, for one processor at a time.
//
// A checkpoint is whole or it is not there: its state objects are put first, and
// the manifest, which names each one's length and checksum, last. A checkpoint
// that does not check is reported and the one before it is used. The objects of a
// checkpoint lie in a folder named after its id and the epoch of its writer, a
// number that grows with every change of hands: a writer that lost its place
// without knowing never touches what its successor wrote, and whatever it may
// still add counts as older.
//
// The place is held by a lease, the object "lease" below the prefix, changed by
// conditional writes only:
//
//   - The holder renews it every third of Options.Lease (5 s of 15 s), and before
//     each manifest.
//   - A second processor watches it. If it is renewed, the holder lives:
//     *LockedError names it, after at most a third of the lease. If it stays the
//     same for a whole lease, by the watcher's own clock, the holder is dead, and
//     the watcher takes over. No two machines' clocks are compared.
//   - Closing the store frees it at once. After a crash the next start waits for
//     the rest of the lease.
//   - A holder that was cut off from S3 keeps the lease if nobody took it
//     meanwhile. Else Options.OnLost is called and every Save is an error.
//
// The lease keeps two processors from working at once; results do not rest on it,
// since documents are idempotent.
//
// A store owns its goroutine until Close. Checkpoints that it returns are the
// caller's.
package store
