package taxistream.job;

import java.io.IOException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import taxistream.kafka.KafkaInput;
import taxistream.kinesis.KinesisSource;
import taxistream.kinesis.StreamClient;
import taxistream.search.Templates;

/**
 * What is done around a job: before it starts, the stream, the rights and the templates are looked at and a consumer
 * is registered, which goes at its end. Mirrors processor/app/rely.go and fanout.go.
 */
final class Prepare implements AutoCloseable {
    /** The configuration, with its source. */
    final Config config;
    /** What a checkpoint must name to be gone on from. */
    final String identity;

    private StreamClient.Consumer consumer = new StreamClient.Consumer("", false);

    /** @param more what a checkpoint must name beside stream and rules, or empty */
    Prepare(Config c, String more) throws IOException, InterruptedException {
        if (!c.kafkaBrokers().isEmpty()) {
            int partitions = KafkaInput.partitions(c.kafkaBrokers(), c.topic());
            templates(c);
            identity = identity("topic " + c.topic(), c) + more;
            config = c.with(new KafkaInput(partitions, identity));
            return;
        }
        StreamDescriptionSummary s = c.stream().describe();
        c.stream().checkRead();
        templates(c);
        if (!c.consumer().isEmpty()) {
            consumer = c.stream().consumer(s.streamARN(), c.consumer());
        }
        identity = identity(s.streamARN() + " created " + s.streamCreationTimestamp(), c) + more;
        config = c.with(Input.kinesis(new KinesisSource(c.stream(), consumer.arn(), c.position(), c.eventTime(), c.rules(), c.idleTimeout(), identity)));
    }

    private static void templates(Config c) throws IOException, InterruptedException {
        if (c.search() != null) {
            Templates.prepare(c.search(), c.indexPrefix(), c.meta(), Config.defaults());
        }
    }

    private static String identity(String what, Config c) {
        StringBuilder b = new StringBuilder(what).append(", index prefix \"").append(c.indexPrefix()).append('"');
        c.meta().forEach((rule, value) -> b.append(", ").append(rule).append(' ').append(value));
        return b.toString();
    }

    /** Removes a consumer that was registered here: it costs for as long as it is there. */
    @Override
    public void close() {
        if (consumer.isNew()) {
            try {
                config.stream().deregister(consumer.arn());
            } catch (RuntimeException e) {
                LoggerFactory.getLogger(Prepare.class).warn("consumer {} is not removed: {}; `aws kinesis deregister-stream-consumer --consumer-arn` does",
                        consumer.arn(), e.getMessage());
            }
        }
    }

    /**
     * What every deployment has: no generic types in state, objects that are reused. Checkpoints are exactly-once, Flink's
     * default. The managed service refuses a job that sets anything outside its list (its guide, "Programmatic Flink
     * configuration properties").
     */
    static Configuration everywhere() {
        return new Configuration().set(PipelineOptions.OBJECT_REUSE, true).set(PipelineOptions.GENERIC_TYPES, false)
                .set(PipelineOptions.MAX_PARALLELISM, TaxiJob.MAX_PARALLELISM);
    }
}
