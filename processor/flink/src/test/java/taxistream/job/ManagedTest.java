package taxistream.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.client.program.MutatedConfigurationException;
import org.apache.flink.client.program.StreamContextEnvironment;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.core.execution.PipelineExecutor;
import org.apache.flink.core.execution.PipelineExecutorFactory;
import org.apache.flink.core.execution.PipelineExecutorServiceLoader;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import taxistream.domain.Event;

/**
 * The job where the cluster lets a program change little, as on the Managed Service for Apache Flink, whose list stands in its
 * guide under "Programmatic Flink configuration properties".
 */
class ManagedTest {
    /** What a job of ours sets, of the service's list. */
    private static final List<String> ALLOWED =
            List.of("execution.runtime-mode", "pipeline.generic-types", "pipeline.max-parallelism", "pipeline.object-reuse", "pipeline.name");

    /** Stands for the cluster: a job that comes so far has been let through. */
    private static final class LetThrough extends RuntimeException {}

    @BeforeEach
    void managed() {
        Configuration cluster = new Configuration().set(DeploymentOptions.TARGET, "embedded")
                .set(DeploymentOptions.PROGRAM_CONFIG_ENABLED, false).set(DeploymentOptions.PROGRAM_CONFIG_WILDCARDS, ALLOWED);
        StreamContextEnvironment.setAsContext(new PipelineExecutorServiceLoader() {
            @Override
            public PipelineExecutorFactory getExecutorFactory(Configuration conf) {
                return new PipelineExecutorFactory() {
                    @Override
                    public String getName() {
                        return "embedded";
                    }

                    @Override
                    public boolean isCompatibleWith(Configuration conf) {
                        return true;
                    }

                    @Override
                    public PipelineExecutor getExecutor(Configuration conf) {
                        throw new LetThrough();
                    }
                };
            }

            @Override
            public Stream<String> getExecutorNames() {
                return Stream.of("embedded");
            }
        }, cluster, getClass().getClassLoader(), true, true);
    }

    @AfterEach
    void over() {
        StreamContextEnvironment.unsetAsContext();
    }

    @Test
    void isLetThrough() throws Exception {
        StreamExecutionEnvironment env = environment();
        assertThrows(LetThrough.class, () -> env.execute("taxi-trips"));
    }

    /** So the test sees a setting that is not allowed. */
    @Test
    void checkpointsAreTheServices() throws Exception {
        StreamExecutionEnvironment env = environment("-checkpoint-interval=1s");
        MutatedConfigurationException e = assertThrows(MutatedConfigurationException.class, () -> env.execute("taxi-trips"));
        assertEquals(true, e.getMessage().contains("execution.checkpointing.interval"), e.getMessage());
    }

    private static StreamExecutionEnvironment environment(String... more) throws Exception {
        Flags f = Config.flags();
        f.parse(new String[] {"-es-endpoint=http://127.0.0.1:9200", "-region=us-east-1"});
        f.parse(more);
        return Main.environment(f, Config.of(f).with((env, c) -> env.fromData(TypeInformation.of(Event.class), new Event()).uid("trips")));
    }
}
