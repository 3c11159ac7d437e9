package taxistream.job;

import java.io.IOException;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import taxistream.kafka.KafkaInput;
import taxistream.kinesis.KinesisSource;
import taxistream.search.Templates;

/** What is done before the job starts: stream, consumer and templates are looked at. Mirrors processor/app/rely.go. */
final class Prepare {
    private Prepare() {}

    /** Gives the configuration its source. */
    static Config sources(Config c) throws IOException, InterruptedException {
        Templates.put(c.search(), c.indexPrefix(), c.meta(), Config.defaults());
        if (!c.kafkaBrokers().isEmpty()) {
            return c.with(new KafkaInput(KafkaInput.partitions(c.kafkaBrokers(), c.topic()), identity("topic " + c.topic(), c)));
        }
        StreamDescriptionSummary s = c.stream().describe();
        String arn = c.consumer().isEmpty() ? "" : c.stream().consumer(s.streamARN(), c.consumer());
        String identity = identity(s.streamARN() + " created " + s.streamCreationTimestamp(), c);
        return c.with(Input.kinesis(new KinesisSource(c.stream(), arn, c.position(), c.eventTime(), c.rules(), identity)));
    }

    static String identity(String what, Config c) {
        StringBuilder b = new StringBuilder(what).append(", index prefix \"").append(c.indexPrefix()).append('"');
        for (Map.Entry<String, String> rule : c.meta().entrySet()) {
            b.append(", ").append(rule.getKey()).append(' ').append(rule.getValue());
        }
        return b.toString();
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
