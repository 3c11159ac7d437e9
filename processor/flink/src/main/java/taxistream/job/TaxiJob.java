package taxistream.job;

import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.OutputTag;
import taxistream.domain.Event;
import taxistream.domain.Geo;
import taxistream.domain.Rules;
import taxistream.search.Document;
import taxistream.search.Documents;

/**
 * The dataflow of the processor, on one page: how the records of the stream become documents. Its results are a
 * function of the stream alone: every rule is judged on what the record and its own shard say, windows keep sums that
 * do not depend on order, and documents are named after their content. Mirrors processor/job/job.go.
 */
public final class TaxiJob {
    /** The number of key groups, and so of useful subtasks. */
    public static final int MAX_PARALLELISM = 128;

    /** Where the operators put what does not count. */
    static final OutputTag<Document> REJECTS = new OutputTag<>("rejects", TypeInformation.of(Document.class));

    private TaxiJob() {}

    /** What the dataflow gives: the trips that count, once each, the documents of both questions, and the rejects. */
    public record Dataflow(DataStream<Trip> trips, DataStream<Document> hotspots, DataStream<Document> airports, DataStream<Document> rejects) {}

    /** Adds the job to an empty environment: the dataflow, and the sinks of its documents. */
    public static void build(StreamExecutionEnvironment env, Config c) {
        Dataflow flow = dataflow(env, c);
        sink(flow.hotspots, "pickup-count-sink", c);
        sink(flow.airports, "trip-duration-sink", c);
        sink(flow.rejects, "rejects-sink", c);
    }

    /** Adds the dataflow to an empty environment. Every operator has a uid, by which a savepoint finds it. */
    public static Dataflow dataflow(StreamExecutionEnvironment env, Config c) {
        Rules rules = c.eventTime().rules(c.rules());
        SingleOutputStreamOperator<Event> records = c.source().records(env, c);
        SingleOutputStreamOperator<Trip> judged = named(records.process(new Judge(rules, c.indexPrefix())), "judge");
        SingleOutputStreamOperator<Trip> trips = named(
                judged.keyBy(Distinct::key, Types.LONG).process(new Distinct(c.indexPrefix())), "distinct");

        int resolution = c.hotspotResolution();
        DataStream<Long> pickups = named(trips.map(t -> Geo.cellAt(t.pickupLat, t.pickupLon, resolution)).returns(Types.LONG), "pickup-cell");
        SingleOutputStreamOperator<Document> hotspots = named(pickups.keyBy(cell -> cell, Types.LONG)
                .window(TumblingEventTimeWindows.of(rules.hotspotWindow())).allowedLateness(rules.allowedLateness())
                .aggregate(new Pickups(), new Hotspots(c.indexPrefix(), c.hotspotMin())), "hotspots");

        SingleOutputStreamOperator<Ride> rides = named(trips.flatMap(rides(c.airportResolution())), "airport-cell");
        SingleOutputStreamOperator<Document> airports = named(rides.keyBy(Ride::key, Types.LONG)
                .window(TumblingEventTimeWindows.of(rules.airportWindow())).allowedLateness(rules.allowedLateness())
                .aggregate(new Durations(), new AirportTrips(c.indexPrefix())), "airports");

        return new Dataflow(trips, hotspots, airports, judged.getSideOutput(REJECTS).union(trips.getSideOutput(REJECTS)));
    }

    private static <T> SingleOutputStreamOperator<T> named(SingleOutputStreamOperator<T> operator, String name) {
        return operator.uid(name).name(name);
    }

    private static void sink(DataStream<Document> documents, String name, Config c) {
        DataStreamSink<Document> sink = documents.sinkTo(c.sink());
        sink.uid(name).name(name);
    }

    private static FlatMapFunction<Trip, Ride> rides(int resolution) {
        return new FlatMapFunction<>() {
            @Override
            public void flatMap(Trip t, org.apache.flink.util.Collector<Ride> out) {
                if (t.airport != Geo.NONE) {
                    out.collect(new Ride(Geo.cellAt(t.pickupLat, t.pickupLon, resolution), t.airport, t.durationMs));
                }
            }
        };
    }

    /** Counts pickups. */
    static final class Pickups implements AggregateFunction<Long, Long, Long> {
        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Long cell, Long count) {
            return count + 1;
        }

        @Override
        public Long getResult(Long count) {
            return count;
        }

        @Override
        public Long merge(Long a, Long b) {
            return a + b;
        }
    }

    /** Makes documents of counts; those below the least one are not written. */
    static final class Hotspots extends ProcessWindowFunction<Long, Document, Long, TimeWindow> {
        private final Documents documents;
        private final int least;

        Hotspots(String prefix, int least) {
            this.documents = new Documents(prefix);
            this.least = least;
        }

        @Override
        public void process(Long cell, Context context, Iterable<Long> counts, org.apache.flink.util.Collector<Document> out) {
            long count = counts.iterator().next();
            if (count >= least) {
                out.collect(documents.hotspot(cell, context.window().getStart(), context.window().getEnd(), count));
            }
        }
    }

    /** Summarises durations in whole milliseconds, so that the order of adding changes nothing. */
    static final class Durations implements AggregateFunction<Ride, Durations.Sum, Durations.Sum> {
        /** What a window holds of a cell and an airport. */
        public static class Sum {
            public long cell;
            public byte airport;
            public long count, sumMs, minMs = Long.MAX_VALUE, maxMs = Long.MIN_VALUE;
        }

        @Override
        public Sum createAccumulator() {
            return new Sum();
        }

        @Override
        public Sum add(Ride r, Sum s) {
            s.cell = r.cell;
            s.airport = r.airport;
            s.count++;
            s.sumMs += r.durationMs;
            s.minMs = Math.min(s.minMs, r.durationMs);
            s.maxMs = Math.max(s.maxMs, r.durationMs);
            return s;
        }

        @Override
        public Sum getResult(Sum s) {
            return s;
        }

        @Override
        public Sum merge(Sum a, Sum b) {
            a.count += b.count;
            a.sumMs += b.sumMs;
            a.minMs = Math.min(a.minMs, b.minMs);
            a.maxMs = Math.max(a.maxMs, b.maxMs);
            return a;
        }
    }

    /** Makes documents of summaries. */
    static final class AirportTrips extends ProcessWindowFunction<Durations.Sum, Document, Long, TimeWindow> {
        private final Documents documents;

        AirportTrips(String prefix) {
            this.documents = new Documents(prefix);
        }

        @Override
        public void process(Long key, Context context, Iterable<Durations.Sum> sums, org.apache.flink.util.Collector<Document> out) {
            Durations.Sum s = sums.iterator().next();
            out.collect(documents.airportTrips(s.cell, s.airport, context.window().getStart(), context.window().getEnd(),
                    s.count, s.sumMs, s.minMs, s.maxMs));
        }
    }
}
