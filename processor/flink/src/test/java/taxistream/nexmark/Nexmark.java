package taxistream.nexmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.CoGroupFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Nexmark's queries 0, 5 and 8 on Flink in one JVM, over the events of engine/examples/nexmark, with one subtask and no checkpoints, as
 * they run there. Prints the query, results and CPU time of the process in nanoseconds, what the JVM takes to start included; with
 * a third argument also each result. In the tests' folder, so that it is not in the job's jar.
 */
public final class Nexmark {
    private static final Duration SIZE = Duration.ofSeconds(10);
    private static final Duration SLIDE = Duration.ofSeconds(2);

    private Nexmark() {}

    public static void main(String[] args) throws Exception {
        int query = Integer.parseInt(args[0]);
        long events = Long.parseLong(args[1]);
        boolean print = args.length > 2;
        Configuration conf = new Configuration().set(PipelineOptions.OBJECT_REUSE, true).set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, conf);
        Generator generator = new Generator(1, 1_772_442_000_000L, 10_000); // 2026-03-02 09:00, as in Go
        DataStream<NexmarkEvent> in = env.fromSource(new NumberSequenceSource(0, events - 1), WatermarkStrategy.noWatermarks(), "events")
                .map(generator::at).returns(NexmarkEvent.class)
                .assignTimestampsAndWatermarks(WatermarkStrategy.<NexmarkEvent>forMonotonousTimestamps().withTimestampAssigner((e, t) -> e.at));
        DataStream<?> results = switch (query) {
            case 0 -> in;
            case 5 -> hotItems(in);
            case 8 -> newSellers(in);
            default -> throw new IOException("no query " + query + ": 0, 5 or 8");
        };
        count(results, print);
        long n = env.execute("nexmark").getAccumulatorResult("results");
        long cpu = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        System.out.println("nexmark " + query + " " + n + " " + cpu);
    }

    private static <T> void count(DataStream<T> results, boolean print) {
        results.flatMap(new Counted<T>(print)).returns(Types.LONG).sinkTo(new org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink<>());
    }

    /** Counts results, as an accumulator of the job. */
    private static final class Counted<T> extends RichFlatMapFunction<T, Long> {
        private final boolean print;
        private final LongCounter n = new LongCounter();

        Counted(boolean print) {
            this.print = print;
        }

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().addAccumulator("results", n);
        }

        @Override
        public void flatMap(T result, Collector<Long> out) {
            n.add(1);
            if (print) {
                System.out.println(result);
            }
        }
    }

    /** Query 5: the auctions that most bids were for, of all, in ten seconds, every two. */
    static DataStream<?> hotItems(DataStream<NexmarkEvent> in) {
        DataStream<Tuple3<Long, Long, Long>> counts = in.filter(e -> e.kind == NexmarkEvent.BID)
                .map(e -> e.id).returns(Types.LONG)
                .keyBy(id -> id, Types.LONG).window(SlidingEventTimeWindows.of(SIZE, SLIDE))
                .aggregate(new Count(), new Counts());
        return counts.keyBy(c -> c.f2, Types.LONG).window(TumblingEventTimeWindows.of(SLIDE)).process(new Top());
    }

    private static final class Count implements AggregateFunction<Long, Long, Long> {
        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Long id, Long n) {
            return n + 1;
        }

        @Override
        public Long getResult(Long n) {
            return n;
        }

        @Override
        public Long merge(Long a, Long b) {
            return a + b;
        }
    }

    /** Auction, count, start of the window. */
    private static final class Counts extends ProcessWindowFunction<Long, Tuple3<Long, Long, Long>, Long, TimeWindow> {
        @Override
        public void process(Long id, Context context, Iterable<Long> n, Collector<Tuple3<Long, Long, Long>> out) {
            out.collect(Tuple3.of(id, n.iterator().next(), context.window().getStart()));
        }
    }

    /** The counts of one window meet under its start; the greatest stay, all of them where several are equal. */
    private static final class Top extends ProcessWindowFunction<Tuple3<Long, Long, Long>, String, Long, TimeWindow> {
        @Override
        public void process(Long start, Context context, Iterable<Tuple3<Long, Long, Long>> counts, Collector<String> out) {
            long most = 0;
            for (Tuple3<Long, Long, Long> c : counts) {
                most = Math.max(most, c.f1);
            }
            for (Tuple3<Long, Long, Long> c : counts) {
                if (c.f1 == most) {
                    out.collect("{" + c.f0 + " " + c.f1 + " " + start + " " + (start + SIZE.toMillis()) + "}");
                }
            }
        }
    }

    /** Query 8: people who registered and sold something in the same ten seconds, once each: a join of two windows, as in Go. */
    static DataStream<?> newSellers(DataStream<NexmarkEvent> in) {
        TupleTypeInfo<Tuple2<Long, Long>> idAndTime = new TupleTypeInfo<>(Types.LONG, Types.LONG);
        DataStream<Tuple2<Long, Long>> people = in.filter(e -> e.kind == NexmarkEvent.PERSON).map(e -> Tuple2.of(e.id, e.at)).returns(idAndTime);
        DataStream<Tuple2<Long, Long>> sellers = in.filter(e -> e.kind == NexmarkEvent.AUCTION).map(e -> Tuple2.of(e.seller, e.at)).returns(idAndTime);
        return people.coGroup(sellers).where(p -> p.f0, Types.LONG).equalTo(a -> a.f0, Types.LONG).window(TumblingEventTimeWindows.of(SIZE)).apply(new Sellers());
    }

    private static final class Sellers implements CoGroupFunction<Tuple2<Long, Long>, Tuple2<Long, Long>, String> {
        @Override
        public void coGroup(Iterable<Tuple2<Long, Long>> people, Iterable<Tuple2<Long, Long>> auctions, Collector<String> out) {
            if (people.iterator().hasNext() && auctions.iterator().hasNext()) {
                Tuple2<Long, Long> person = people.iterator().next();
                long start = person.f1 - person.f1 % SIZE.toMillis();
                out.collect("{" + person.f0 + " " + start + " " + (start + SIZE.toMillis()) + "}");
            }
        }
    }
}
