package taxistream.kinesis;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taxistream.domain.Event;
import taxistream.domain.EventTime;
import taxistream.domain.Rules;

/**
 * The stream as Flink wants it (FLIP-27): shards are splits, parents are read before their children, and each shard's
 * watermark is its own. Mirrors processor/source/source.go; docs/adr/0043 says why it is not the published connector.
 *
 * @param consumerArn of the consumer to read as, by enhanced fan-out; empty: shards are polled
 * @param position TRIM_HORIZON, or where shards that are there at the first start begin, ms
 * @param idleTimeout after which a shard without records holds no window back; zero: never
 * @param identity what a checkpoint must name to be gone on from
 */
public record KinesisSource(StreamClient stream, String consumerArn, long position, EventTime eventTime, Rules rules, Duration idleTimeout,
        String identity)
        implements Source<Event, ShardSplit, EnumeratorState> {
    static final Logger LOG = LoggerFactory.getLogger(KinesisSource.class);

    /** A position: from the beginning of what the stream keeps. */
    public static final long TRIM_HORIZON = -1;

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Event, ShardSplit> createReader(SourceReaderContext context) {
        return new ShardReader(context, this);
    }

    /** Refuses what the enumerator of another job wrote into a checkpoint; state is as Flink's SourceCoordinator writes it. */
    public static void check(byte[] state, String identity) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
        in.readInt(); // the coordinator's version
        int version = in.readInt();
        byte[] enumerator = in.readNBytes(in.readInt());
        new EnumeratorState.Serializer().deserialize(version, enumerator).check(identity);
    }

    Fetcher fetcher(Consumer<Batch> out) {
        return new Fetcher(stream, consumerArn, out);
    }

    @Override
    public SplitEnumerator<ShardSplit, EnumeratorState> createEnumerator(SplitEnumeratorContext<ShardSplit> context) {
        return new ShardEnumerator(context, this, new EnumeratorState(identity));
    }

    @Override
    public SplitEnumerator<ShardSplit, EnumeratorState> restoreEnumerator(SplitEnumeratorContext<ShardSplit> context, EnumeratorState state) {
        return new ShardEnumerator(context, this, state);
    }

    @Override
    public SimpleVersionedSerializer<ShardSplit> getSplitSerializer() {
        return new ShardSplit.Serializer();
    }

    @Override
    public SimpleVersionedSerializer<EnumeratorState> getEnumeratorCheckpointSerializer() {
        return new EnumeratorState.Serializer();
    }
}
