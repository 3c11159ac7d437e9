package taxistream.job;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import taxistream.domain.Event;
import taxistream.domain.Geo;
import taxistream.domain.Rules;
import taxistream.search.Documents;

/** Applies every rule but `duplicate`. Mirrors judge in processor/job/job.go. */
final class Judge extends ProcessFunction<Event, Trip> {
    private static final long serialVersionUID = 1;

    private final Rules rules;
    private final Documents documents;
    private transient Rejected rejected;

    Judge(Rules rules, String prefix) {
        this.rules = rules;
        this.documents = new Documents(prefix);
    }

    /** Counts rejects by reason. Mirrors processor/job/counts.go. */
    static final class Rejected {
        private final MetricGroup group;
        private final Map<String, Counter> counters = new HashMap<>();

        Rejected(MetricGroup group) {
            this.group = group;
        }

        void count(String reason) {
            counters.computeIfAbsent(reason, r -> group.addGroup("reason", r).counter("rejects")).inc();
        }
    }

    @Override
    public void open(OpenContext context) {
        rejected = new Rejected(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(Event e, Context context, Collector<Trip> out) {
        long at = context.timestamp();
        String reason = rules.judge(e, at);
        if (reason != null) {
            rejected.count(reason);
            context.output(TaxiJob.REJECTS, documents.reject(reason, e, at));
            return;
        }
        Trip t = new Trip();
        t.id = e.id;
        t.pickupLat = e.pickupLat;
        t.pickupLon = e.pickupLon;
        t.durationMs = e.dropoff - e.pickup;
        t.closes = rules.closes(at);
        t.airport = Geo.airportAt(e.dropoffLat, e.dropoffLon);
        t.data = e.data;
        t.shard = e.shard;
        t.sequence = e.sequence;
        t.sub = e.sub;
        t.arrival = e.arrival;
        out.collect(t);
    }
}
