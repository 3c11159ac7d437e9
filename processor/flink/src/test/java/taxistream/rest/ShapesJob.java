package taxistream.rest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** A job of three vertices, whose second checkpoint fails, and which fails itself once after that. */
final class ShapesJob {
  private ShapesJob() {}

  static JobGraph graph(Path checkpoints) {
    Configuration c = new Configuration();
    c.setString("execution.checkpointing.dir", checkpoints.toUri().toString());
    c.setString("restart-strategy.type", "fixed-delay");
    c.setString("restart-strategy.fixed-delay.attempts", "3");
    c.setString("restart-strategy.fixed-delay.delay", "100 ms");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(c);
    env.setParallelism(2);
    env.enableCheckpointing(300, CheckpointingMode.EXACTLY_ONCE);
    env.getCheckpointConfig().setTolerableCheckpointFailureNumber(10);
    env.getConfig().setAutoWatermarkInterval(Duration.ofMillis(100).toMillis());
    env.fromSource(new NumberSequenceSource(0, Long.MAX_VALUE - 1),
            WatermarkStrategy.<Long>forMonotonousTimestamps().withTimestampAssigner((n, t) -> n), "numbers")
        .keyBy(n -> n % 100).map(new Work()).name("work").rebalance().sinkTo(new DiscardingSink<>()).name("away");
    return env.getStreamGraph().getJobGraph();
  }

  static final class Work extends RichMapFunction<Long, Long> implements CheckpointedFunction {
    private static final AtomicBoolean refused = new AtomicBoolean(), failed = new AtomicBoolean();
    private static volatile boolean after;

    @Override
    public Long map(Long n) throws Exception {
      Thread.sleep(1);
      if (after && failed.compareAndSet(false, true)) throw new IllegalStateException("odd: " + n);
      return n;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext c) {
      if (c.getCheckpointId() == 2 && refused.compareAndSet(false, true)) throw new IllegalStateException("refused");
      after = c.getCheckpointId() > 3;
    }

    @Override
    public void initializeState(FunctionInitializationContext c) {}
  }
}
