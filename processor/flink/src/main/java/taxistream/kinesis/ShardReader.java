package taxistream.kinesis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import taxistream.domain.Event;
import taxistream.domain.EventTime;
import taxistream.domain.Times;

/**
 * Reads the shards of one subtask. Mirrors the source task of engine/source_task.go.
 *
 * <p>Invariants. All fields but inbox and available belong to the task's thread. Outputs are touched in pollNext
 * alone. A shard's watermark is never lower than its output's. While the reader has a shard, also an ended one, its
 * channel is active and no further than that shard, unless the shard is idle by -idle-timeout; without one it is
 * idle, but only after GivenOut.
 */
final class ShardReader implements SourceReader<Event, ShardSplit> {
    /** Records that are emitted between two looks at the mailbox. */
    private static final int CHUNK = 200;
    private static final long TICK_MS = 200;

    private final SourceReaderContext context;
    private final KinesisSource source;
    private final Fetcher fetcher;
    private final Map<String, ShardTask> shards = new LinkedHashMap<>();
    private final Deque<ShardSplit> added = new ArrayDeque<>();
    private final Deque<String> released = new ArrayDeque<>();
    private final Ready ready = new Ready();
    private final Alignment alignment;
    private final Counter refused;
    private boolean givenOut;
    private boolean resting; // as a whole, as its channel was told
    private ShardTask current;
    private int next; // item of the current batch
    private Batch batch;

    /** What other threads bring. */
    private final Queue<Batch> inbox = new ConcurrentLinkedQueue<>();
    private volatile CompletableFuture<Void> available = new CompletableFuture<>();
    private ScheduledExecutorService ticker;

    ShardReader(SourceReaderContext context, KinesisSource source) {
        this.context = context;
        this.source = source;
        this.fetcher = source.fetcher(this::arrived);
        this.alignment = new Alignment(context);
        this.refused = context.metricGroup().counter("watermarksRefused");
    }

    @Override
    public void start() {
        ticker = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "taxistream-tick");
            t.setDaemon(true);
            return t;
        });
        ticker.scheduleAtFixedRate(this::wake, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }

    private void arrived(Batch b) {
        inbox.add(b);
        wake();
    }

    private void wake() {
        available.complete(null);
    }

    @Override
    public void addSplits(List<ShardSplit> splits) {
        added.addAll(splits);
        wake();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        if (event instanceof Messages.GivenOut) {
            givenOut = true;
        } else if (event instanceof Messages.Release release) {
            released.add(release.shard());
        } else if (event instanceof Messages.Progress all) {
            alignment.least = all.least();
            alignment.greatest = all.greatest();
        }
        wake();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Event> output) throws Exception {
        takeOrders(output);
        for (Batch b = inbox.poll(); b != null; b = inbox.poll()) {
            ready.add(b);
        }
        if (batch == null && !open()) {
            CompletableFuture<Void> until = new CompletableFuture<>();
            available = until;
            return inbox.isEmpty() ? InputStatus.NOTHING_AVAILABLE : InputStatus.MORE_AVAILABLE;
        }
        int end = Math.min(next + CHUNK, batch.items().size());
        for (; next < end; next++) {
            current.emit(batch.items().get(next));
        }
        if (next == batch.items().size()) {
            finish();
        }
        return InputStatus.MORE_AVAILABLE;
    }

    /** Begins with the next batch of a shard that is not too far ahead; false if there is none. */
    private boolean open() throws Exception {
        for (Batch b = ready.take(this::held); b != null; b = ready.take(this::held)) {
            if (b.failure() != null) {
                throw new java.io.IOException("shard " + b.shard() + " of stream " + source.stream().stream() + ": " + b.failure().getMessage(), b.failure());
            }
            if (shards.containsKey(b.shard())) {
                batch = b;
                current = shards.get(b.shard());
                next = 0;
                return true;
            }
        }
        alignment.tell(shards.values(), true);
        return false;
    }

    private boolean held(Batch b) {
        ShardTask shard = shards.get(b.shard());
        return b.failure() == null && shard != null && alignment.isAhead(shard.clock.watermark);
    }

    private void finish() {
        ShardTask shard = current;
        shard.atTip = batch.atTip();
        shard.rest();
        shard.fetch.taken();
        if (batch.end()) {
            shard.split.ended = true;
            shard.split.children = batch.children();
            context.sendSourceEventToCoordinator(new Messages.Ended(shard.split.copy()));
        }
        batch = null;
        current = null;
        alignment.tell(shards.values(), false);
    }

    /** Does what came since: new shards first, since they hold the watermark of those that are released. */
    private void takeOrders(ReaderOutput<Event> output) {
        for (ShardSplit split = added.poll(); split != null; split = added.poll()) {
            ShardTask shard = new ShardTask(split.copy(), output);
            shards.put(split.splitId(), shard);
            output.markActive();
            resting = false;
            shard.advance();
            if (split.idle) {
                shard.out.markIdle();
            }
            if (split.ended) {
                context.sendSourceEventToCoordinator(new Messages.Ended(split.copy())); // again: nothing may be lost
            } else {
                shard.fetch = fetcher.start(split);
            }
        }
        for (String id = released.poll(); id != null; id = released.poll()) {
            ShardTask shard = shards.remove(id);
            if (shard != null) {
                shard.out.markIdle(); // an output that goes counts as idle only so
                output.releaseOutputForSplit(id);
            }
        }
        boolean idle = shards.isEmpty() ? givenOut : shards.values().stream().allMatch(s -> s.split.idle);
        if (idle && !resting) {
            output.markIdle();
        } else if (!idle && resting) {
            output.markActive();
        }
        resting = idle;
        for (ShardTask shard : shards.values()) {
            shard.clock.tick();
            shard.advance();
        }
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return batch != null || !inbox.isEmpty() ? CompletableFuture.completedFuture(null) : available;
    }

    @Override
    public List<ShardSplit> snapshotState(long checkpointId) {
        List<ShardSplit> all = new ArrayList<>(added);
        shards.values().forEach(s -> all.add(s.split.copy()));
        return all;
    }

    @Override
    public void notifyNoMoreSplits() {
        // Shards never end to come.
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> pause, Collection<String> resume) {
        // The source aligns its shards itself (see Alignment).
    }

    @Override
    public void close() {
        if (ticker != null) {
            ticker.shutdownNow();
        }
        fetcher.close();
    }

    /** One shard of this reader. */
    final class ShardTask {
        final ShardSplit split;
        final EventTime.Clock clock;
        final org.apache.flink.api.connector.source.SourceOutput<Event> out;
        Fetch fetch;
        boolean atTip;
        private long shown = Times.NO_WATERMARK;
        private int failures; // of the fetch, seen
        private long restsSince, passedBy; // at an empty tip: since when, and the greatest watermark then; 0: it is not

        ShardTask(ShardSplit split, ReaderOutput<Event> output) {
            this.split = split;
            this.clock = new EventTime.Clock(source.eventTime(), source.rules(), split.watermark);
            this.out = output.createOutputForSplit(split.splitId());
        }

        void emit(Batch.Item item) {
            long before = clock.refused;
            for (Event e : item.events()) {
                boolean goesOn = clock.take(e);
                if (goesOn) {
                    out.collect(e, clock.eventTime);
                }
                advance();
            }
            split.sequence = item.sequence();
            refused.inc(clock.refused - before);
        }

        /** Looks at the batch that is done: a shard is idle after the timeout at its tip, while another one moved. */
        void rest() {
            if (source.idleTimeout().isZero()) {
                return;
            }
            long now = System.nanoTime() | 1;
            boolean broken = fetch.failures != failures;
            failures = fetch.failures;
            if (!atTip || broken || !batch.items().isEmpty()) {
                restsSince = 0;
                if (split.idle && !broken) {
                    split.idle = false;
                    out.markActive();
                }
            } else if (restsSince == 0) {
                restsSince = now;
                passedBy = alignment.greatest;
            } else if (!split.idle && now - restsSince >= source.idleTimeout().toNanos() && alignment.greatest > passedBy) {
                split.idle = true;
                out.markIdle();
            }
        }

        void advance() {
            split.watermark = clock.watermark;
            if (clock.watermark > shown) {
                shown = clock.watermark;
                out.emitWatermark(new Watermark(shown));
            }
        }
    }
}
