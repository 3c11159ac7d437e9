package taxistream.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import taxistream.Vectors;

/** The command line, and the rules as templates and checkpoints name them. */
class FlagsTest {
    private static final String[] NEEDED = {"--es-endpoint=http://127.0.0.1:9200", "-region", "us-east-1"};

    @Test
    @SuppressWarnings("unchecked")
    void commandLines() throws Exception {
        Vectors.all("flags.jsonl", line -> {
            String[] args = Vectors.JSON.convertValue(line.get("args"), String[].class);
            Config c;
            try {
                c = config(args);
            } catch (Flags.Usage e) {
                assertEquals(true, line.get("wrong").asBoolean(), e.getMessage());
                return;
            }
            assertEquals(false, line.get("wrong").asBoolean(), "taken, and should not be");
            assertEquals(Vectors.JSON.convertValue(line.get("meta"), Map.class), c.meta());
            assertEquals(line.get("prefix").asText(), c.indexPrefix());
        });
    }

    private static Config config(String... args) throws Flags.Usage {
        Flags f = Config.flags();
        f.parse(NEEDED);
        f.parse(args);
        return Config.of(f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-listen=x", "-also=file:///x", "-takeover", "-max-state-entries=1", "-topic=t"})
    void wrongUsage(String flag) {
        assertThrows(Flags.Usage.class, () -> config(flag));
    }

    @Test
    void propertyGroups() throws Exception {
        Flags f = Config.flags();
        f.parse(NEEDED);
        Main.properties(f, new ObjectMapper().readTree("""
                [{"PropertyGroupId": "kinesis.analytics.flink.run.options", "PropertyMap": {"python": "x"}},
                 {"PropertyGroupId": "processor", "PropertyMap": {"stream": "s", "max-duration": "2h"}}]"""));
        Config c = Config.of(f);
        assertEquals("s", c.stream().stream());
        assertEquals(Duration.ofHours(2), c.rules().maxDuration());
    }

    /** The managed service ends a job that sets what it sets itself, so that is told before. */
    @ParameterizedTest
    @CsvSource({"parallelism,2", "p,2", "checkpoint-interval,1m"})
    void propertiesOfTheServicesOwn(String name, String value) {
        assertThrows(Flags.Usage.class, () -> Main.properties(Config.flags(), new ObjectMapper().createArrayNode()
                .add(new ObjectMapper().createObjectNode().put("PropertyGroupId", "processor")
                        .set("PropertyMap", new ObjectMapper().createObjectNode().put(name, value)))));
    }

    /** The settings are in the managed service's list of those that a job may make. */
    @Test
    void settingsThatTheManagedServiceTakes() {
        assertEquals(Set.of("pipeline.object-reuse", "pipeline.generic-types", "pipeline.max-parallelism"), Prepare.everywhere().keySet());
    }
}
