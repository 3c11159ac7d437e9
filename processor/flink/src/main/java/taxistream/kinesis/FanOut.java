package taxistream.kinesis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** Reads one shard by enhanced fan-out: subscriptions of five minutes, one after the other. Mirrors internal/kinesis/fanout.go. */
final class FanOut extends Fetch {
    /** A subscription says every few seconds at least that nothing came. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final KinesisAsyncClient client;
    private final String consumerArn;

    FanOut(StreamClient stream, KinesisAsyncClient client, String consumerArn, ShardSplit split, Consumer<Batch> out) {
        super(stream, split, out);
        this.client = client;
        this.consumerArn = consumerArn;
    }

    /** What a subscription brought: an event, its error, or its end. */
    private record News(SubscribeToShardEvent event, Throwable error) {}

    @Override
    boolean read() throws Exception {
        BlockingQueue<News> news = new LinkedBlockingQueue<>();
        Subscription[] subscription = new Subscription[1];
        SubscribeToShardResponseHandler handler = SubscribeToShardResponseHandler.builder()
                .onError(e -> { })
                .onEventStream(stream -> stream.subscribe(subscriber(news, subscription))).build();
        var done = client.subscribeToShard(r -> r.consumerARN(consumerArn).shardId(shard).startingPosition(position()), handler);
        done.whenComplete((v, error) -> news.add(new News(null, error)));
        try {
            for (News n = news.poll(SILENCE.toMillis(), TimeUnit.MILLISECONDS); n != null && n.event != null; n = news.poll(SILENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                SubscribeToShardEvent e = n.event;
                boolean end = e.continuationSequenceNumber() == null;
                boolean tip = e.millisBehindLatest() != null && e.millisBehindLatest() == 0;
                give(new Batch(shard, reading.items(shard, e.records()), tip, end, e.hasChildShards() ? Batch.children(e.childShards()) : List.of(), null));
                if (end) {
                    return true;
                }
                subscription[0].request(1);
            }
        } finally {
            done.cancel(true);
        }
        if (done.isCompletedExceptionally() && !done.isCancelled()) {
            done.join();
        }
        return closed;
    }

    private static Subscriber<SubscribeToShardEventStream> subscriber(BlockingQueue<News> news, Subscription[] subscription) {
        return new Subscriber<>() {
            @Override
            public void onSubscribe(Subscription s) {
                subscription[0] = s;
                s.request(1);
            }

            @Override
            public void onNext(SubscribeToShardEventStream e) {
                if (e instanceof SubscribeToShardEvent event) {
                    news.add(new News(event, null));
                } else {
                    subscription[0].request(1);
                }
            }

            @Override
            public void onError(Throwable t) {
                news.add(new News(null, t));
            }

            @Override
            public void onComplete() {
                news.add(new News(null, null));
            }
        };
    }

    private StartingPosition position() {
        if (!sequence.isEmpty()) {
            return StartingPosition.builder().type(ShardIteratorType.AFTER_SEQUENCE_NUMBER).sequenceNumber(sequence).build();
        }
        if (from >= 0) {
            return StartingPosition.builder().type(ShardIteratorType.AT_TIMESTAMP).timestamp(Instant.ofEpochMilli(from)).build();
        }
        return StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build();
    }

    @Override
    boolean isFinal(Exception e) {
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        return !(cause instanceof ResourceInUseException) && !(cause instanceof java.io.IOException) && Polling.isFinalError(cause);
    }
}
