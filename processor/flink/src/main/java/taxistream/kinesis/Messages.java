package taxistream.kinesis;

import org.apache.flink.api.connector.source.SourceEvent;

/** What readers and the enumerator tell each other. Mirrors what subtasks share in engine/assign.go. */
final class Messages {
    private Messages() {}

    /** To the enumerator: a shard is read to its end; its reader holds its watermark until Release. */
    record Ended(ShardSplit split) implements SourceEvent {}

    /** To a reader: all children of an ended shard are given out. */
    record Release(String shard) implements SourceEvent {}

    /** To a reader: every shard without a parent to wait for is given out. */
    record GivenOut() implements SourceEvent {}

    /**
     * To the enumerator, of a reader's shards, and back, of all.
     *
     * @param least watermark of those that have more to read
     * @param greatest watermark
     */
    record Progress(long least, long greatest) implements SourceEvent {
        Progress with(Progress other) {
            return new Progress(Math.min(least, other.least), Math.max(greatest, other.greatest));
        }
    }
}
