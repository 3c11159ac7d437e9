package taxistream.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import taxistream.domain.Decoder;
import taxistream.domain.Event;
import taxistream.domain.EventTime;
import taxistream.domain.Rules;
import taxistream.domain.Times;
import taxistream.job.Config;
import taxistream.job.Input;
import taxistream.kinesis.KinesisSource;

/**
 * The partitions of a Kafka topic, each with watermark records of its own, by the published connector. The partitions
 * are those that are there at the start. It has no counterpart in Go; docs/adr/0043 says why it can be so short.
 *
 * @param partitions bounds the readers: one without a partition would hold every window back
 * @param identity what a checkpoint must name
 */
public record KafkaInput(int partitions, String identity) implements Input {
    /** Looks at the topic. */
    public static int partitions(String brokers, String topic) throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new IOException("topic " + topic + " does not exist: create it with kafka-topics.sh --create --topic " + topic
                        + " --bootstrap-server " + brokers);
            }
            throw new IOException("Kafka at " + brokers + ": " + e.getCause().getMessage() + "; check -kafka-brokers");
        }
    }

    @Override
    public SingleOutputStreamOperator<Event> records(StreamExecutionEnvironment env, Config c) {
        EventTime how = c.eventTime();
        Rules rules = c.rules();
        OffsetsInitializer from = c.position() == KinesisSource.TRIM_HORIZON ? OffsetsInitializer.earliest() : OffsetsInitializer.timestamp(c.position());
        KafkaSource<Event> source = KafkaSource.<Event>builder().setBootstrapServers(c.kafkaBrokers()).setTopics(c.topic())
                .setStartingOffsets(from).setDeserializer(new Events())
                .setProperty("partition.discovery.interval.ms", "-1").setProperty("commit.offsets.on.checkpoint", "false").build();
        WatermarkStrategy<Event> marks = WatermarkStrategy.<Event>forGenerator(context -> new Marks(how, rules))
                .withIdleness(c.idleTimeout().isZero() ? Duration.ofDays(36_500) : c.idleTimeout())
                .withTimestampAssigner((e, arrival) -> new EventTime.Clock(how, rules, Times.NO_WATERMARK).timeOf(e));
        return env.fromSource(source, marks, "trips", TypeInformation.of(Event.class)).uid("trips")
                .setParallelism(Math.min(env.getParallelism(), partitions))
                .keyBy(e -> e.shard, Types.STRING).process(new Stamp(how, rules, identity)).uid("stamp").name("stamp");
    }

    /** Decodes a record where it is read. Kafka has no aggregates. */
    private static final class Events implements KafkaRecordDeserializationSchema<Event> {
        private static final long serialVersionUID = 1;
        private transient Decoder decoder;

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> r, Collector<Event> out) {
            if (decoder == null) {
                decoder = new Decoder();
            }
            Event e = new Event();
            e.shard = r.topic() + "-" + r.partition();
            e.sequence = Long.toString(r.offset());
            e.data = r.value() == null ? new byte[0] : r.value();
            e.arrival = Math.max(r.timestamp(), Event.NO_ARRIVAL);
            decoder.decode(e);
            out.collect(e);
        }

        @Override
        public TypeInformation<Event> getProducedType() {
            return TypeInformation.of(Event.class);
        }
    }

    /** The watermarks of one partition. */
    private static final class Marks implements WatermarkGenerator<Event> {
        private final EventTime.Clock clock;

        Marks(EventTime how, Rules rules) {
            clock = new EventTime.Clock(how, rules, Times.NO_WATERMARK);
        }

        @Override
        public void onEvent(Event e, long eventTime, WatermarkOutput out) {
            long before = clock.watermark;
            clock.take(e);
            if (clock.watermark > before) {
                out.emitWatermark(new Watermark(clock.watermark));
            }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput out) {
            clock.tick();
            if (clock.watermark > Times.NO_WATERMARK) {
                out.emitWatermark(new Watermark(clock.watermark));
            }
        }
    }
}
