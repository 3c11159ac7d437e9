// Package kinesis is a Kinesis Data Streams in one process: the service's own
// wire protocols (JSON 1.1 and CBOR) on a loopback port, to be used through the
// unmodified AWS SDK.
//
// It promises the service's order, routing, iterators, resharding and error
// codes; docs/kinesis.md lists the operations and every difference. It keeps
// nothing beyond Close, unless it is given a folder (Options.Data), and checks no signature: anyone who reaches the port
// may use it.
//
// Limits: records in memory stay under Options.MemoryLimit and the older ones go to
// temporary files, under Options.DiskLimit. By default no record is trimmed,
// read or unread. Figures of all this are in Stats.
//
// A Server is safe for concurrent use. What its methods return is a copy and
// belongs to the caller.
//
// Lock order: Server.listening, Server.life, store.spilling, Server.mu, stream.mu,
// shard.mu, consumer.mu, then the leaves store.queue, store.files, freeBlocks.mu and faults.mu.
package kinesis
