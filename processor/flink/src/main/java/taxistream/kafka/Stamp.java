package taxistream.kafka;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import taxistream.domain.Event;
import taxistream.domain.EventTime;
import taxistream.domain.Rules;
import taxistream.domain.Times;

/**
 * Stamps each event with the last watermark of its partition, which is state, and lets watermark records go no
 * further. It also sees to it that a checkpoint is this job's. Mirrors processor/job/watermarks.go.
 */
final class Stamp extends KeyedProcessFunction<String, Event, Event> implements CheckpointedFunction {
    private static final long serialVersionUID = 1;

    private final EventTime how;
    private final Rules rules;
    private final String identity;
    private transient ValueState<Long> watermark;
    private transient ListState<String> written;

    Stamp(EventTime how, Rules rules, String identity) {
        this.how = how;
        this.rules = rules;
        this.identity = identity;
    }

    @Override
    public void open(OpenContext context) {
        watermark = getRuntimeContext().getState(new ValueStateDescriptor<>("watermark", Types.LONG));
    }

    @Override
    public void processElement(Event e, Context context, Collector<Event> out) throws Exception {
        Long last = watermark.value();
        EventTime.Clock clock = new EventTime.Clock(how, rules, last == null ? Times.NO_WATERMARK : last);
        if (clock.take(e)) {
            out.collect(e);
        }
        if (last == null || clock.watermark > last) {
            watermark.update(clock.watermark);
        }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        written = context.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("identity", Types.STRING));
        for (String other : written.get()) {
            if (!other.equals(identity)) {
                throw new IllegalStateException("the checkpoint belongs to another job: it is of [" + other + "], this one of [" + identity
                        + "]; use another -checkpoint-dir, or the flags of that job");
            }
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        written.update(java.util.List.of(identity));
    }
}
