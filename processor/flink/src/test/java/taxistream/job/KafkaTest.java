package taxistream.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taxistream.kafka.Broker;
import taxistream.kafka.KafkaInput;

/** The whole job on a real Kafka broker, into a store that is overloaded now and then and refuses one document. */
class KafkaTest {
    private static final String TOPIC = "taxi";

    @Test
    @Timeout(value = 150, unit = TimeUnit.SECONDS)
    void documentsOfATopic(@TempDir Path dir) throws Exception {
        try (Broker broker = new Broker(dir); FakeStore store = new FakeStore("\"airport_code\":\"LGA\"")) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address, "default.api.timeout.ms", "90000"))) {
                admin.createTopics(List.of(new NewTopic(TOPIC, 3, (short) 1))).all().get();
            }
            write(broker.address);
            Flags flags = Config.flags();
            flags.parse(new String[] {"-kafka-brokers", broker.address, "-topic", TOPIC, "-opensearch-endpoint", store.url(),
                "-checkpoint-dir", dir.resolve("checkpoints").toString(), "-p", "4"});
            Config c = Config.of(flags);
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(4, Local.configuration(c));
            TaxiJob.build(env, c.with(new KafkaInput(KafkaInput.partitions(broker.address, TOPIC), "test")));
            JobClient job = env.executeAsync();
            while (store.documents.size() < 8) {
                if (job.getJobExecutionResult().isDone()) {
                    job.getJobExecutionResult().get(); // says why it ended
                }
                Thread.sleep(50);
            }
            String drained = job.stopWithSavepoint(true, dir.resolve("drained").toUri().toString(), SavepointFormatType.NATIVE).get();
            Map<String, Integer> counts = new TreeMap<>();
            store.documents.forEach((key, source) -> counts.merge(
                    key.replaceAll(" .*", "") + " " + source.path("reason").asText(source.path("pickup_count").asText(source.path("trip_count").asText())), 1, Integer::sum));
            assertEquals(Map.of("pickup_count-2016.01 3", 1, "pickup_count-2016.01 2", 1, "trip_duration-2016.01 3", 1,
                    "taxi_rejects-" + month() + " late", 1, "taxi_rejects-" + month() + " duplicate", 1, "taxi_rejects-" + month() + " malformed", 1,
                    "taxi_rejects-" + month() + " outside_city", 1, "taxi_rejects-2016.01 unwritable", 1), counts);
            refused(c, drained);
        }
    }

    /** From the checkpoint of a drained job nothing goes on: the next one ends and says why. */
    private static void refused(Config c, String checkpoint) throws Exception {
        Configuration conf = Local.configuration(c);
        conf.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(4, conf);
        TaxiJob.build(env, c.with(new KafkaInput(3, "test")));
        ExecutionException e = assertThrows(ExecutionException.class, () -> env.executeAsync().getJobExecutionResult().get());
        assertTrue(Local.reason(e).contains("drained"), Local.reason(e));
    }

    private static String month() {
        return taxistream.domain.Times.month(System.currentTimeMillis());
    }

    private static void write(String address) throws Exception {
        Properties p = new Properties();
        p.put("bootstrap.servers", address);
        p.put("enable.idempotence", "false");
        p.put("delivery.timeout.ms", "30000");
        p.put("request.timeout.ms", "10000");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int partition = 0; partition < 3; partition++) {
                put(producer, partition, trip(1 + partition, "12:05", 40.65, -73.78)); // three in one cell, all to JFK
            }
            put(producer, 0, trip(1, "12:05", 40.65, -73.78)); // again
            put(producer, 0, "{\"trip_id\":0}");
            put(producer, 1, mark("12:09:59.999"));
            put(producer, 1, trip(7, "12:09", 40.65, -73.78)); // late in its own partition alone
            put(producer, 0, trip(8, "12:09", 41, -73.78));
            put(producer, 0, trip(9, "12:15", 40.7, -73.9));
            put(producer, 2, trip(10, "12:15", 40.77, -73.87)); // LGA, which the store refuses
            for (int partition = 0; partition < 3; partition++) {
                put(producer, partition, mark("13:59:59.999"));
            }
        }
    }

    private static void put(KafkaProducer<byte[], byte[]> producer, int partition, String event) throws Exception {
        producer.send(new ProducerRecord<>(TOPIC, partition, null, event.getBytes(StandardCharsets.UTF_8))).get();
    }

    private static String mark(String at) {
        return "{\"type\":\"watermark\",\"watermark\":\"2016-01-05T" + at + "Z\"}\n";
    }

    private static String trip(long id, String at, double lat, double lon) {
        return "{\"trip_id\":" + id + ",\"pickup_lat\":40.75,\"pickup_lon\":-73.98,\"dropoff_lat\":" + lat + ",\"dropoff_lon\":" + lon
                + ",\"pickup_datetime\":\"2016-01-05T12:00:00Z\",\"dropoff_datetime\":\"2016-01-05T" + at + ":00Z\"}\n";
    }
}
