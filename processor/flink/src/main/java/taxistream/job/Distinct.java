package taxistream.job;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import taxistream.domain.Rules;
import taxistream.search.Documents;

/**
 * Lets the first trip of an id through whose first window closes at an instant. Its key is that instant and a few bits
 * of the id, so that a window's ids need a thousand timers and not one each. Mirrors engine/distinct.go.
 */
final class Distinct extends KeyedProcessFunction<Long, Trip, Trip> {
    private static final long serialVersionUID = 1;
    private static final int BITS = 10;

    private final Documents documents;
    private transient MapState<Long, Boolean> counted;
    private transient Judge.Rejected rejected;

    Distinct(String prefix) {
        this.documents = new Documents(prefix);
    }

    /** Instants of windows are far from the ends of a long, so the shift loses nothing. */
    static long key(Trip t) {
        long mixed = t.id * 0x9E3779B97F4A7C15L;
        return t.closes << BITS | mixed >>> 64 - BITS;
    }

    @Override
    public void open(OpenContext context) {
        counted = getRuntimeContext().getMapState(new MapStateDescriptor<>("counted", Types.LONG, Types.BOOLEAN));
        rejected = new Judge.Rejected(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(Trip t, Context context, Collector<Trip> out) throws Exception {
        if (context.timerService().currentWatermark() >= t.closes) {
            reject(t, context, Rules.LATE, "its window closed while its shard was idle");
        } else if (counted.contains(t.id)) {
            reject(t, context, Rules.DUPLICATE, "a trip of this id in this window is already counted");
        } else {
            counted.put(t.id, true);
            context.timerService().registerEventTimeTimer(t.closes);
            out.collect(t);
        }
    }

    private void reject(Trip t, Context context, String reason, String detail) {
        rejected.count(reason);
        context.output(TaxiJob.REJECTS, documents.reject(reason, detail, t.data, t.shard, t.sequence, t.sub, context.timestamp(), t.arrival));
    }

    @Override
    public void onTimer(long at, OnTimerContext context, Collector<Trip> out) {
        counted.clear();
    }
}
