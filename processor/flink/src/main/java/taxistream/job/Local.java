package taxistream.job;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.slf4j.LoggerFactory;

/** The job in one JVM, with checkpoints in a folder: bin/flink/local. Mirrors processor/app/main.go. */
public final class Local {
    private static final long STOP_SECONDS = 20;

    private final Program program;
    private final AtomicBoolean told = new AtomicBoolean(); // to stop
    private final CountDownLatch over = new CountDownLatch(1); // told, or the job has ended

    private Local(Program program) {
        this.program = program;
    }

    /** What is run: its name, what it does in a line, what a checkpoint of it must name beside its stream, and its start. */
    public record Program(String name, String synopsis, String identity, Start start) {}

    /** Adds a dataflow to an empty environment and starts it. */
    @FunctionalInterface
    public interface Start {
        JobClient start(StreamExecutionEnvironment env, Config c) throws Exception;
    }

    public static void main(String[] args) {
        String synopsis = "counts pickups and measures trips to the airports, from a stream into OpenSearch, on Apache Flink";
        run(new Program("processor", synopsis, "", (env, c) -> {
            TaxiJob.build(env, c);
            return env.executeAsync("taxi-trips");
        }), Config.flags(), args);
    }

    /** Runs a program to its end, and ends the process with its status. */
    public static void run(Program program, Flags flags, String[] args) {
        int status = new Local(program).run(flags, args);
        CompletableFuture.delayedExecutor(5, TimeUnit.SECONDS).execute(() -> Runtime.getRuntime().halt(status)); // whatever a hook still waits for
        System.exit(status);
    }

    private int run(Flags flags, String[] args) {
        listen(Thread.currentThread());
        Config c;
        try {
            String asked = flags.parse(args);
            if (!asked.isEmpty()) {
                answer(flags, asked);
                return 0;
            }
            logging(flags);
            c = Config.of(flags);
        } catch (Flags.Usage e) {
            System.err.println(program.name + ": " + e.getMessage() + "; see -h");
            return 2;
        }
        CheckpointFolder folder = new CheckpointFolder(c.checkpointDir());
        try {
            folder.lock();
            try (Prepare prepared = new Prepare(c, program.identity)) {
                work(prepared, folder);
            }
            return 0;
        } catch (Exception e) {
            if (told.get() && interrupted(e)) {
                return 0; // told to stop before there was a job
            }
            System.err.println(program.name + ": " + reason(e));
            return 1;
        }
    }

    /** Before the first logger is made: what taxistream-log4j2.properties asks for. */
    private static void logging(Flags f) throws Flags.Usage {
        String level = f.text("log-level").toLowerCase(Locale.ROOT), format = f.text("log-format");
        String shown = f.on("quiet") ? "error" : level.isEmpty() ? "info" : level;
        System.setProperty("log4j2.configurationFile", "taxistream-log4j2.properties");
        System.setProperty("taxistream.log.level", shown);
        System.setProperty("taxistream.log.others", Map.of("debug", "info", "info", "warn").getOrDefault(shown, shown));
        System.setProperty("taxistream.log.format", !format.isEmpty() ? format : Boolean.getBoolean("taxistream.terminal") ? "text" : "json");
    }

    private static boolean interrupted(Throwable e) {
        return e instanceof InterruptedException || e instanceof software.amazon.awssdk.core.exception.AbortedException;
    }

    private void answer(Flags flags, String asked) {
        if (asked.equals("version")) {
            String v = Local.class.getPackage().getImplementationVersion();
            System.out.println(program.name + " on Apache Flink " + org.apache.flink.runtime.util.EnvironmentInformation.getVersion()
                    + ", job version " + (v == null ? "unknown" : v) + ", Java " + Runtime.version());
        } else {
            flags.help(System.out, program.name, program.synopsis);
        }
        System.out.flush();
    }

    /** The first signal is an orderly stop, the second one the end. */
    private void listen(Thread main) {
        sun.misc.SignalHandler stop = signal -> {
            if (told.getAndSet(true)) {
                Runtime.getRuntime().halt(1);
            }
            over.countDown();
            main.interrupt(); // while it prepares; later nothing waits but for over
        };
        sun.misc.Signal.handle(new sun.misc.Signal("TERM"), stop);
        sun.misc.Signal.handle(new sun.misc.Signal("INT"), stop);
    }

    private void work(Prepare prepared, CheckpointFolder folder) throws Exception {
        Config c = prepared.config;
        Configuration conf = configuration(c);
        String from = c.fromSavepoint().isEmpty() ? folder.newest(c.allowFreshStart()) : c.fromSavepoint();
        if (!from.isEmpty()) {
            CheckpointFolder.check(from, prepared.identity);
            conf.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
            conf.set(StateRecoveryOptions.RESTORE_MODE, c.fromSavepoint().isEmpty() ? RecoveryClaimMode.CLAIM : RecoveryClaimMode.NO_CLAIM);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(c.parallelism(), conf);
        env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
        JobClient job = program.start.start(env, c);
        var log = LoggerFactory.getLogger(Local.class);
        if (!from.isEmpty()) {
            log.info("going on from a checkpoint: {}", from);
        }
        log.info("reading, parallelism {}, checkpoints in {}", c.parallelism(), folder);
        job.getJobExecutionResult().whenComplete((r, e) -> over.countDown());
        try {
            over.await();
        } catch (InterruptedException e) {
            // Told to stop.
        }
        if (!told.get()) {
            job.getJobExecutionResult().get();
            log.info("the job was stopped over Flink's REST");
            return;
        }
        Thread.interrupted();
        log.info("stopping: taking a last checkpoint; once more ends at once");
        try {
            job.stopWithSavepoint(false, folder.uri(), SavepointFormatType.NATIVE).get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no last checkpoint in " + folder + " within " + STOP_SECONDS + " s: " + (c.search() == null ? "a sink" : "OpenSearch at " + c.search().endpoint())
                    + " or the folder does not answer; nothing is lost: start again, and the job goes on from the checkpoint before");
        }
    }

    /** The settings of the one JVM; FLINK_PROPERTIES holds more, a "key: value" a line, as for Flink's own images. */
    static Configuration configuration(Config c) {
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
        while ((e instanceof ExecutionException || e instanceof CompletionException || e.getClass().getName().startsWith("org.apache.flink.")) && e.getCause() != null) {
            e = e.getCause();
        }
        String text = e.getMessage() == null ? e.toString() : e.getMessage();
        return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
