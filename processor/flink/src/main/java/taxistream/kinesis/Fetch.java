package taxistream.kinesis;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import taxistream.aws.Credentials;

/**
 * Reads one shard in a thread of its own and hands batches over. At most {@link #AHEAD} of them wait for the reader,
 * which bounds memory and holds a shard back that is ahead of the others.
 */
abstract class Fetch implements Runnable {
    private static final int AHEAD = 2;
    private static final long LONGEST_PAUSE_MS = 5000;

    final StreamClient stream;
    final String shard;
    private final Consumer<Batch> out;
    private final Credentials.Refusals refusals = new Credentials.Refusals();
    private final Semaphore room = new Semaphore(AHEAD);
    final Batch.Reading reading = new Batch.Reading();
    volatile Thread thread;
    volatile boolean closed;
    volatile boolean ended; // the thread is done
    volatile int failures; // of reads

    /** Where to go on: the last record read, empty where there is none; then from, ms, or -1 for the shard's beginning. */
    String sequence;
    final long from;

    Fetch(StreamClient stream, ShardSplit split, Consumer<Batch> out) {
        this.stream = stream;
        this.shard = split.shard.id();
        this.sequence = split.sequence;
        this.from = split.from;
        this.out = out;
    }

    /** Reads until the shard's end, which the last batch says; temporary trouble is an exception. */
    abstract boolean read() throws Exception;

    /** Whether an error cannot pass by itself. */
    abstract boolean isFinal(Exception e);

    @Override
    public void run() {
        thread = Thread.currentThread();
        try {
            work();
        } finally {
            ended = true;
        }
    }

    private void work() {
        long pause = 100;
        while (!closed) {
            String before = sequence;
            try {
                if (read()) {
                    return;
                }
                pause = 100;
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                if (closed) {
                    return;
                }
                if (isFinal(e) && !refusals.mayPass(e.toString())) {
                    out.accept(Batch.failed(shard, e));
                    return;
                }
                failures++;
                KinesisSource.LOG.warn("shard {} cannot be read and is tried again: {}", shard, e.toString());
                pause = before.equals(sequence) ? Math.min(2 * pause, LONGEST_PAUSE_MS) : 100;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Hands a batch over, when the reader has room for it. */
    void give(Batch b) throws InterruptedException {
        room.acquire();
        if (!b.items().isEmpty()) {
            sequence = b.items().get(b.items().size() - 1).sequence();
        }
        out.accept(b);
    }

    /** The reader is done with a batch. */
    void taken() {
        room.release();
    }

    void close() {
        closed = true;
        Thread t = thread;
        if (t != null) {
            t.interrupt();
        }
    }
}
