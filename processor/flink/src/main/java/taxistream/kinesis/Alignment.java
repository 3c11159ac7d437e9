package taxistream.kinesis;

import java.util.Collection;
import org.apache.flink.api.connector.source.SourceReaderContext;
import taxistream.domain.Times;

/**
 * Holds a shard back while its watermark is far ahead of the least, so that windows do not pile up. Flink's own
 * alignment would count the tombstones of ended shards, behind which a merge may wait for the very shard that is held
 * back; so readers tell their progress over the enumerator. Mirrors MaxDrift in engine/source_head.go.
 */
final class Alignment {
    private static final long DRIFT_MS = 3_600_000;
    private static final long EVERY_NS = 500_000_000;

    private final SourceReaderContext context;
    private Messages.Progress told;
    private long toldAt = System.nanoTime();

    /** The least watermark of all readers' shards that have more to read, and the greatest of all their shards. */
    long least = Long.MAX_VALUE, greatest = Times.NO_WATERMARK;

    Alignment(SourceReaderContext context) {
        this.context = context;
    }

    boolean isAhead(long watermark) {
        return least != Long.MAX_VALUE && watermark > least + DRIFT_MS;
    }

    /** Tells the enumerator of this reader's progress, not too often unless it must be now. */
    void tell(Collection<ShardReader.ShardTask> shards, boolean now) {
        if (!now && System.nanoTime() - toldAt < EVERY_NS) {
            return;
        }
        long mine = Long.MAX_VALUE, most = Times.NO_WATERMARK;
        for (ShardReader.ShardTask s : shards) {
            most = Math.max(most, s.clock.watermark);
            if (!s.split.ended && !s.atTip && s.clock.watermark != Times.NO_WATERMARK) {
                mine = Math.min(mine, s.clock.watermark);
            }
        }
        Messages.Progress progress = new Messages.Progress(mine, most);
        if (!progress.equals(told)) {
            told = progress;
            context.sendSourceEventToCoordinator(progress);
        }
        toldAt = System.nanoTime();
    }
}
