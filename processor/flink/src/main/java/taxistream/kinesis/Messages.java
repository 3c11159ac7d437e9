package taxistream.kinesis;

import org.apache.flink.api.connector.source.SourceEvent;

/** What the enumerator and the readers tell each other. Mirrors the split table of engine/splits.go. */
final class Messages {
    private Messages() {}

    /** A reader: this shard is read to its end; its tombstone holds its watermark. */
    record Ended(ShardSplit split) implements SourceEvent {}

    /** The enumerator: the children of this shard are given out, its tombstone may go. */
    record Release(String shard) implements SourceEvent {}

    /** The enumerator: all shards that are there are given out; a reader without any is idle. */
    record GivenOut() implements SourceEvent {}

    /** A reader: the least watermark of its shards that have more to read, ms; Long.MAX_VALUE: there are none. */
    record Progress(long watermark) implements SourceEvent {}

    /** The enumerator: the least of all readers' Progress. */
    record Align(long watermark) implements SourceEvent {}
}
