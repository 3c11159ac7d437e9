package taxistream.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line, and lengths of time as index templates hold them. */
class FlagsTest {
    private static final String[] NEEDED = {"--es-endpoint=http://127.0.0.1:9200", "-region", "us-east-1"};

    @ParameterizedTest
    @CsvSource({"1h,1h", "90m,1h30m", "600000,10m", "0,0s", "87600h,87600h", "1h0m5s,1h0m5s", "1.5s,1.5s", "200ms,200ms", "61s,1m1s", "250us,250µs"})
    void durations(String given, String written) throws Exception {
        Flags f = Config.flags();
        f.parse(new String[] {"-max-duration", given});
        assertEquals(written, Flags.format(f.duration("max-duration")));
    }

    @ParameterizedTest
    @CsvSource({"-unknown", "-listen=x", "extra", "-parallelism=0", "-hotspot-window=0", "-position=then", "-event-time=bounded=x", "-consumer=push",
        "-max-ahead=-1", "-topic=t", "-index-prefix=A"})
    void wrongUsage(String flag) {
        assertThrows(Flags.Usage.class, () -> {
            Flags f = Config.flags();
            f.parse(NEEDED);
            f.parse(new String[] {flag});
            Config.of(f);
        });
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
