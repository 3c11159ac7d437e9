package taxistream.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** Duplicates within their window, and few timers. */
class DistinctTest {
    private static Trip trip(long id, long closes) {
        Trip t = new Trip();
        t.id = id;
        t.closes = closes;
        t.data = new byte[0];
        t.shard = "s";
        t.sequence = "1";
        return t;
    }

    @Test
    void firstOfAnIdInAWindow() throws Exception {
        try (var h = new KeyedOneInputStreamOperatorTestHarness<>(new KeyedProcessOperator<>(new Distinct("")), Distinct::key, Types.LONG)) {
            h.open();
            for (long id = 1; id <= 20_000; id++) {
                h.processElement(trip(id, 599_999), 1000);
            }
            h.processElement(trip(1, 599_999), 2000); // again
            h.processElement(trip(1, 1_199_999), 700_000); // the same id in another window
            assertEquals(20_001, h.extractOutputValues().size());
            assertEquals(1, h.getSideOutput(TaxiJob.REJECTS).size());
            assertEquals(1025, h.numEventTimeTimers(), "timers are a window's and some bits', not a trip's");
            h.processWatermark(599_999);
            assertEquals(1, h.numKeyedStateEntries(), "the window's ids are forgotten");
            h.processElement(trip(5, 599_999), 1000); // its shard was idle while the others went on
            assertEquals(List.of("duplicate", "late"), h.getSideOutput(TaxiJob.REJECTS).stream()
                    .map(r -> new String(r.getValue().source).replaceAll(".*\"reason\":\"(\\w+)\".*", "$1")).toList());
        }
    }
}
