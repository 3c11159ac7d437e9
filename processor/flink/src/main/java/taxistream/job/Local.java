package taxistream.job;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job in one JVM, with checkpoints in a folder: bin/flink/local. Mirrors processor/app/main.go. */
public final class Local {
    private static final long STOP_SECONDS = 25;

    private Local() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    private static int run(String[] args) {
        Config c;
        try {
            Flags flags = Config.flags();
            String asked = flags.parse(args);
            if (!asked.isEmpty()) {
                answer(flags, asked);
                return 0;
            }
            // Before the first logger is made, which reads it.
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", flags.on("quiet") ? "error" : flags.text("log-level"));
            System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
            System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
            c = Config.of(flags);
        } catch (Flags.Usage e) {
            System.err.println("processor: " + e.getMessage() + "; see -h");
            return 2;
        }
        CheckpointFolder folder = new CheckpointFolder(c.checkpointDir());
        try {
            folder.lock();
            return work(Prepare.sources(c), folder);
        } catch (Exception e) {
            System.err.println("processor: " + reason(e));
            return 1;
        }
    }

    private static void answer(Flags flags, String asked) {
        if (asked.equals("version")) {
            String v = Local.class.getPackage().getImplementationVersion();
            System.out.println("processor on Apache Flink " + org.apache.flink.runtime.util.EnvironmentInformation.getVersion()
                    + ", job version " + (v == null ? "unknown" : v) + ", Java " + Runtime.version());
        } else {
            flags.help(System.out, "processor", "counts pickups and measures trips to the airports, from a stream into OpenSearch, on Apache Flink");
        }
    }

    private static int work(Config c, CheckpointFolder folder) throws Exception {
        Configuration conf = configuration(c);
        String from = c.fromSavepoint().isEmpty() ? folder.newest(c.allowFreshStart()) : c.fromSavepoint();
        if (!from.isEmpty()) {
            conf.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
            conf.set(StateRecoveryOptions.RESTORE_MODE, c.fromSavepoint().isEmpty() ? RecoveryClaimMode.CLAIM : RecoveryClaimMode.NO_CLAIM);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(c.parallelism(), conf);
        env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
        TaxiJob.build(env, c);
        JobClient job = env.executeAsync("taxi-trips");
        Logger log = LoggerFactory.getLogger(Local.class);
        if (!from.isEmpty()) {
            log.info("going on from a checkpoint: {}", from);
        }
        log.info("reading, parallelism {}, checkpoints in {}", c.parallelism(), folder);
        AtomicBoolean told = new AtomicBoolean();
        CountDownLatch over = new CountDownLatch(1);
        sun.misc.SignalHandler stop = signal -> {
            if (told.getAndSet(true)) {
                Runtime.getRuntime().halt(1);
            }
            log.info("stopping: taking a last checkpoint; once more ends at once");
            over.countDown();
        };
        sun.misc.Signal.handle(new sun.misc.Signal("TERM"), stop);
        sun.misc.Signal.handle(new sun.misc.Signal("INT"), stop);
        job.getJobExecutionResult().whenComplete((r, e) -> over.countDown());
        over.await();
        if (told.get()) {
            job.stopWithSavepoint(false, folder.uri(), SavepointFormatType.NATIVE).get(STOP_SECONDS, TimeUnit.SECONDS);
            return 0;
        }
        job.getJobExecutionResult().get();
        throw new IOException("the job ended by itself, though its stream has no end");
    }

    /** The settings of the one JVM; FLINK_PROPERTIES holds more, a "key: value" a line, as for Flink's own images. */
    static Configuration configuration(Config c) throws IOException {
        Configuration conf = Prepare.everywhere();
        conf.set(CoreOptions.DEFAULT_PARALLELISM, c.parallelism());
        conf.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
        conf.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, c.checkpointInterval());
        conf.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, new CheckpointFolder(c.checkpointDir()).uri());
        conf.set(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION, ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        conf.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 2);
        conf.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, 100);
        for (String line : System.getenv().getOrDefault("FLINK_PROPERTIES", "").split("\n")) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                conf.setString(line.substring(0, colon).trim(), line.substring(colon + 2).trim());
            }
        }
        return conf;
    }

    /** The first cause that is no wrapping of Flink's, in one line. */
    static String reason(Throwable e) {
        while ((e instanceof ExecutionException || e.getClass().getName().startsWith("org.apache.flink.")) && e.getCause() != null) {
            e = e.getCause();
        }
        String text = e.getMessage() == null ? e.toString() : e.getMessage();
        return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
