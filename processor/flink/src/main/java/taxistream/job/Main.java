package taxistream.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job on a cluster, which brings its own checkpoint folder, state backend and restarts. On the Managed Service for
 * Apache Flink the flags are the properties of its groups. Mirrors processor/main.go.
 */
public final class Main {
    private static final Path PROPERTIES = Path.of("/etc/flink/application_properties.json");

    /** What the managed service sets itself: it refuses a job that does, too. */
    private static final List<String> ITS_OWN = List.of("parallelism", "checkpoint-interval");

    private Main() {}

    public static void main(String[] args) throws Exception {
        Flags flags = Config.flags();
        try {
            if (Files.exists(PROPERTIES)) {
                properties(flags, new ObjectMapper().readTree(PROPERTIES.toFile()));
            }
            String asked = flags.parse(args);
            if (!asked.isEmpty()) {
                flags.help(System.out, "processor", "counts pickups and measures trips to the airports, on Apache Flink");
                return;
            }
            start(flags);
        } catch (Flags.Usage e) {
            throw new IllegalArgumentException("processor: " + e.getMessage() + "; see -h");
        }
    }

    private static void start(Flags flags) throws Exception {
        try (Prepare prepared = new Prepare(Config.of(flags), "")) {
            environment(flags, prepared.config).execute("taxi-trips");
        }
    }

    /** The job in the cluster's environment, whose own settings stand where none is given here. */
    static StreamExecutionEnvironment environment(Flags flags, Config c) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(Prepare.everywhere());
        env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
        if (flags.given("parallelism")) {
            env.setParallelism(c.parallelism());
        }
        if (flags.given("checkpoint-interval")) {
            env.enableCheckpointing(c.checkpointInterval().toMillis());
        }
        TaxiJob.build(env, c);
        return env;
    }

    /** Takes the properties of all groups but the service's own as flags. */
    static void properties(Flags flags, JsonNode groups) throws Flags.Usage {
        for (JsonNode group : groups) {
            if (group.path("PropertyGroupId").asText().startsWith("kinesis.analytics")) {
                continue;
            }
            for (Iterator<Map.Entry<String, JsonNode>> i = group.path("PropertyMap").fields(); i.hasNext(); ) {
                Map.Entry<String, JsonNode> property = i.next();
                flags.set(property.getKey(), property.getValue().asText());
            }
        }
        for (String flag : ITS_OWN) {
            if (flags.given(flag)) {
                throw new Flags.Usage("property " + flag + ": the managed service sets it itself; leave it out, and set it in the application's configuration");
            }
        }
    }
}
