package taxistream.job;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import taxistream.domain.Event;
import taxistream.kinesis.KinesisSource;

/** Where events come from, each with its shard's watermark stamped on it. Mirrors engine.Source as processor/job is handed it. */
@FunctionalInterface
public interface Input {
    SingleOutputStreamOperator<Event> records(StreamExecutionEnvironment env, Config c);

    /** The shards of a Kinesis stream. */
    static Input kinesis(KinesisSource source) {
        return (env, c) -> env.fromSource(source, WatermarkStrategy.noWatermarks(), "trips", TypeInformation.of(Event.class)).uid("trips");
    }
}
