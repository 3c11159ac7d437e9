package taxistream.kinesis;

import java.time.Instant;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** Polls one shard with GetRecords. Mirrors internal/kinesis/reader.go. */
final class Polling extends Fetch {
    /** The service allows 5 calls a second and shard; at an idle tip the pause grows to five times that. */
    private static final long TIP_PAUSE_MS = 200, IDLE_FACTOR = 5;
    private static final int LIMIT = 2000;

    private final KinesisClient client;

    Polling(StreamClient stream, KinesisClient client, ShardSplit split, Consumer<Batch> out) {
        super(stream, split, out);
        this.client = client;
    }

    @Override
    boolean read() throws InterruptedException {
        String iterator = client.getShardIterator(position()).shardIterator();
        long idle = TIP_PAUSE_MS;
        while (!closed) {
            String at = iterator;
            GetRecordsResponse answer = client.getRecords(r -> r.shardIterator(at).limit(LIMIT).streamARN(stream.arn()));
            boolean tip = answer.millisBehindLatest() != null && answer.millisBehindLatest() == 0;
            iterator = answer.nextShardIterator();
            give(new Batch(shard, reading.items(shard, answer.records()), tip, iterator == null,
                    iterator == null && answer.hasChildShards() ? Batch.children(answer.childShards()) : java.util.List.of(), null));
            if (iterator == null) {
                return true;
            }
            if (tip) {
                idle = answer.records().isEmpty() ? Math.min(2 * idle, IDLE_FACTOR * TIP_PAUSE_MS) : TIP_PAUSE_MS;
                Thread.sleep(idle);
            }
        }
        return true;
    }

    private GetShardIteratorRequest position() {
        GetShardIteratorRequest.Builder b = GetShardIteratorRequest.builder().streamARN(stream.arn()).streamName(stream.name()).shardId(shard);
        if (!sequence.isEmpty()) {
            b.shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER).startingSequenceNumber(sequence);
        } else if (from >= 0) {
            b.shardIteratorType(ShardIteratorType.AT_TIMESTAMP).timestamp(Instant.ofEpochMilli(from));
        } else {
            b.shardIteratorType(ShardIteratorType.TRIM_HORIZON);
        }
        return b.build();
    }

    @Override
    boolean isFinal(Exception e) {
        return isFinalError(e);
    }

    /** A refusal that no later call changes. */
    static boolean isFinalError(Throwable e) {
        if (e instanceof ExpiredIteratorException || e instanceof SdkClientException) {
            return false;
        }
        return !(e instanceof KinesisException k) || k.statusCode() / 100 == 4 && !k.isThrottlingException()
                && !k.isClockSkewException() && !"ExpiredIteratorException".equals(k.awsErrorDetails() == null ? "" : k.awsErrorDetails().errorCode())
                && !"LimitExceededException".equals(k.awsErrorDetails() == null ? "" : k.awsErrorDetails().errorCode())
                && !"ProvisionedThroughputExceededException".equals(k.awsErrorDetails() == null ? "" : k.awsErrorDetails().errorCode());
    }
}
