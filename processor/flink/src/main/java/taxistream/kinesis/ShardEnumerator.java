package taxistream.kinesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.util.FlinkRuntimeException;
import taxistream.domain.Times;

/**
 * Gives shards to readers. Mirrors engine/split_table.go.
 *
 * <p>Invariants. A shard is in pending or in assigned, never in both. A child is given out when all its parents are in
 * ended, to the reader that holds the one with the lowest watermark, and starts from that watermark; only when all
 * children of a shard are given out is its tombstone released. So no channel's watermark can be beyond a child that it
 * is still to carry. Readers tell of their tombstones again after a restart, so ended is in no checkpoint.
 */
final class ShardEnumerator implements SplitEnumerator<ShardSplit, EnumeratorState> {
    private record Tombstone(int reader, ShardSplit split) {}

    private final SplitEnumeratorContext<ShardSplit> context;
    private final KinesisSource source;
    private final EnumeratorState state;
    private final Map<String, Tombstone> ended = new TreeMap<>();
    private final Map<Integer, Messages.Progress> progress = new HashMap<>();
    private Messages.Progress told;
    private int turn; // of the reader that gets the next shard without parents

    ShardEnumerator(SplitEnumeratorContext<ShardSplit> context, KinesisSource source, EnumeratorState state) {
        this.context = context;
        this.source = source;
        this.state = state;
    }

    @Override
    public void start() {
        try {
            state.check(source.identity()); // here, since a job that fails while it is restored does not end
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!state.discovered) {
            context.callAsync(() -> source.stream().shards(), this::discovered);
        }
    }

    private void discovered(List<ShardSplit.Shard> shards, Throwable error) {
        if (error != null) {
            throw new FlinkRuntimeException("the shards of stream " + source.stream().stream() + " cannot be listed: " + error.getMessage(), error);
        }
        List<String> there = shards.stream().map(ShardSplit.Shard::id).toList();
        for (ShardSplit.Shard s : shards) {
            ShardSplit split = new ShardSplit(new ShardSplit.Shard(s.id(), s.parents().stream().filter(there::contains).toList()));
            split.from = source.position();
            state.pending.putIfAbsent(s.id(), split);
        }
        state.discovered = true;
        giveOut();
    }

    @Override
    public void addReader(int reader) {
        ended.values().removeIf(t -> t.reader == reader); // it tells of those that it still has
        progress.remove(reader);
        giveOut();
    }

    @Override
    public void addSplitsBack(List<ShardSplit> splits, int reader) {
        for (ShardSplit split : splits) {
            state.assigned.remove(split.splitId());
            state.pending.put(split.splitId(), split);
        }
    }

    @Override
    public void handleSplitRequest(int reader, String host) {
        // Readers do not ask: they are given what there is.
    }

    @Override
    public void handleSourceEvent(int reader, SourceEvent event) {
        if (event instanceof Messages.Progress p) {
            progress.put(reader, p);
            align();
        } else if (event instanceof Messages.Ended e) {
            ended.put(e.split().splitId(), new Tombstone(reader, e.split()));
            if (e.split().children.isEmpty()) { // the service did not say: ask
                context.callAsync(() -> source.stream().shards(), (all, error) -> children(e.split(), all, error));
            } else {
                children(e.split(), e.split().children, null);
            }
        }
    }

    private void children(ShardSplit parent, List<ShardSplit.Shard> candidates, Throwable error) {
        if (error != null) {
            throw new FlinkRuntimeException("the children of shard " + parent.splitId() + " cannot be listed: " + error.getMessage(), error);
        }
        Tombstone t = ended.get(parent.splitId());
        if (t == null) {
            return; // its reader has started anew and tells again
        }
        t.split.children = candidates.stream().filter(c -> c.parents().contains(parent.splitId())).collect(Collectors.toCollection(ArrayList::new));
        for (ShardSplit.Shard child : t.split.children) {
            if (!state.assigned.contains(child.id())) {
                state.pending.putIfAbsent(child.id(), new ShardSplit(child));
            }
        }
        giveOut();
    }

    /** Gives out what can be, and releases what need not be held any more. */
    private void giveOut() {
        if (!state.discovered || context.registeredReaders().size() < context.currentParallelism()) {
            return;
        }
        for (Iterator<ShardSplit> i = state.pending.values().iterator(); i.hasNext(); ) {
            ShardSplit split = i.next();
            List<String> parents = split.shard.parents();
            if (!ended.keySet().containsAll(parents)) {
                continue;
            }
            int reader;
            if (parents.isEmpty()) {
                reader = turn++ % context.currentParallelism();
            } else {
                Tombstone lowest = ended.get(parents.get(0));
                for (String p : parents) {
                    lowest = ended.get(p).split.watermark < lowest.split.watermark ? ended.get(p) : lowest;
                }
                reader = lowest.reader;
                split.watermark = lowest.split.watermark;
            }
            i.remove();
            state.assigned.add(split.splitId());
            context.assignSplit(split, reader);
        }
        release();
        boolean all = state.pending.values().stream().noneMatch(s -> s.shard.parents().isEmpty());
        for (int reader = 0; all && reader < context.currentParallelism(); reader++) {
            context.sendEventToSourceReader(reader, new Messages.GivenOut());
        }
    }

    private void release() {
        ended.values().removeIf(t -> {
            boolean done = !t.split.children.isEmpty() && t.split.children.stream().allMatch(c -> state.assigned.contains(c.id()));
            if (done) {
                context.sendEventToSourceReader(t.reader, new Messages.Release(t.split.splitId()));
            }
            return done;
        });
    }

    private void align() {
        Messages.Progress all = progress.values().stream().reduce(Messages.Progress::with).orElseThrow();
        if (!all.equals(told)) {
            told = all;
            context.registeredReaders().keySet().forEach(reader -> context.sendEventToSourceReader(reader, all));
        }
    }

    @Override
    public EnumeratorState snapshotState(long checkpointId) {
        return state.copy();
    }

    @Override
    public void close() {
        // The context ends what it called.
    }
}
