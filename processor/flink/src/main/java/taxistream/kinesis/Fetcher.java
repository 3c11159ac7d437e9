package taxistream.kinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Starts the threads that read shards, over one client. Mirrors engine/fetch.go. */
final class Fetcher {
    private final StreamClient stream;
    private final String consumerArn; // empty: shards are polled
    private final Consumer<Batch> out;
    private final KinesisClient client;
    private final KinesisAsyncClient async;
    private final ExecutorService threads = Executors.newCachedThreadPool(r -> {
        Thread t = new Thread(r, "taxistream-fetch");
        t.setDaemon(true);
        return t;
    });
    private final List<Fetch> running = new ArrayList<>();

    Fetcher(StreamClient stream, String consumerArn, Consumer<Batch> out) {
        this.stream = stream;
        this.consumerArn = consumerArn;
        this.out = out;
        this.client = consumerArn.isEmpty() ? stream.open() : null;
        this.async = consumerArn.isEmpty() ? null : stream.openAsync();
    }

    Fetch start(ShardSplit split) {
        Fetch f = async == null ? new Polling(stream, client, split, out) : new FanOut(stream, async, consumerArn, split, out);
        running.removeIf(old -> old.ended);
        running.add(f);
        threads.execute(f);
        return f;
    }

    void close() {
        running.forEach(Fetch::close);
        threads.shutdownNow();
        if (client != null) {
            client.close();
        }
        if (async != null) {
            async.close();
        }
    }
}
