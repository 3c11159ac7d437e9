package taxistream.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import taxistream.job.Config;
import taxistream.job.Flags;
import taxistream.kafka.Broker;
import taxistream.kafka.KafkaInput;

/** Statements over the trips of a Kafka topic: faults are told with their place, and the example of Kafka runs on a real broker. */
class StatementsTest {
    private static final String PRINT = "CREATE TABLE t (a STRING, n BIGINT) WITH ('connector' = 'print');\n";

    private static Config config(String brokers) throws Exception {
        Flags flags = Config.flags();
        flags.remove("opensearch-endpoint");
        flags.parse(new String[] {"-kafka-brokers", brokers, "-topic", "taxi"});
        return Config.of(flags).with(new KafkaInput(1, "test"));
    }

    private static JobClient start(String text, Config c) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        return new Statements("f.sql", Script.split(text)).start(env, c);
    }

    private static void told(String text, String where, String... parts) {
        String told = assertThrows(Exception.class, () -> start(text, config("127.0.0.1:1"))).getMessage();
        assertTrue(told.startsWith(where), told);
        for (String part : parts) {
            assertTrue(told.contains(part), told);
        }
        assertTrue(!told.contains("\n") && told.length() < 500, told);
    }

    @Test
    void faults() {
        told(PRINT + "INSERT INTO t\n  SELECT tripid, 1 FROM trips;", "f.sql, line 3, column 10 (INSERT INTO t SELECT tripid", "Column 'tripid' not found", "docs/sql.md");
        told(PRINT + "INSERT INTO t SELECT id, 1 FROM tripz;", "f.sql, line 2, column 33 ", "Object 'tripz' not found", "trips, results, rejects");
        told(PRINT + "INSERT INTO t SELECT FROM trips;", "f.sql, line 2, column 22 ", "Incorrect syntax near the keyword 'FROM'", "write it as Flink SQL has it");
        told(PRINT + "INSERT INTO t SELECT airport_code FROM trips;", "f.sql, line 2 ", "name as many columns");
        told(PRINT.replace("print", "jdbc") + "INSERT INTO t SELECT 'a', 1;", "f.sql, line 2 ", "'jdbc'", "CLASSPATH");
        told(PRINT + "SELECT * FROM trips;\nINSERT INTO t SELECT 'a', 1;", "f.sql, line 2 ", "INSERT them INTO a table");
        told(PRINT + "SET 'parallelism.default' = '3';\nINSERT INTO t SELECT 'a', 1;", "f.sql, line 2 ", "flags");
        told(PRINT + "BEGIN STATEMENT SET;\nINSERT INTO t SELECT 'a', 1;", "f.sql, line 2 ", "leave it out");
        told(PRINT, "nothing would run");
    }

    @Test
    @Timeout(value = 400, unit = TimeUnit.SECONDS)
    void kafka(@TempDir Path dir) throws Exception {
        try (Broker broker = new Broker(dir)) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address, "default.api.timeout.ms", "90000"))) {
                admin.createTopics(List.of("taxi", "hotspots", "airports").stream().map(t -> new NewTopic(t, 1, (short) 1)).toList()).all().get();
            }
            Properties p = new Properties();
            p.put("bootstrap.servers", broker.address);
            p.put("enable.idempotence", "false");
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (String event : List.of(trip(1), trip(2), trip(2), "{\"type\":\"watermark\",\"watermark\":\"2016-01-05T13:59:59.999Z\"}")) {
                    producer.send(new ProducerRecord<>("taxi", event.getBytes(StandardCharsets.UTF_8))).get();
                }
            }
            String statements = Files.readString(Path.of("examples", "kafka.sql")).replace("127.0.0.1:9092", broker.address);
            JobClient job = start(statements, config(broker.address));
            assertEquals(Set.of(
                    "{\"id\":\"1451995200000-600000-892a100d29bffff\",\"cell\":\"892a100d29bffff\",\"pickup_count\":2,\"window_start\":\"2016-01-05T12:00:00Z\"}",
                    "{\"id\":\"1451995200000-3600000-882a100d29fffff-JFK\",\"cell\":\"882a100d29fffff\",\"airport_code\":\"JFK\",\"trip_count\":2,"
                            + "\"avg_trip_duration\":5.0,\"window_start\":\"2016-01-05T12:00:00Z\"}"), read(broker.address, job));
            job.cancel().get();
        }
    }

    private static String trip(long id) {
        return "{\"trip_id\":" + id + ",\"pickup_lat\":40.75,\"pickup_lon\":-73.98,\"dropoff_lat\":40.65,\"dropoff_lon\":-73.78,"
                + "\"pickup_datetime\":\"2016-01-05T12:00:00Z\",\"dropoff_datetime\":\"2016-01-05T12:05:00Z\"}";
    }

    /** The first row of each topic. */
    private static Set<String> read(String address, JobClient job) throws Exception {
        Properties p = new Properties();
        p.put("bootstrap.servers", address);
        Set<String> rows = new HashSet<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> topics = List.of(new TopicPartition("hotspots", 0), new TopicPartition("airports", 0));
            consumer.assign(topics);
            consumer.seekToBeginning(topics);
            while (rows.size() < 2) {
                if (job.getJobExecutionResult().isDone()) {
                    job.getJobExecutionResult().get(); // says why it ended
                }
                consumer.poll(Duration.ofMillis(100)).forEach(r -> rows.add(new String(r.value(), StandardCharsets.UTF_8)));
            }
        }
        return rows;
    }
}
