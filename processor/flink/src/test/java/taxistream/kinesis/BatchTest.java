package taxistream.kinesis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.Record;
import taxistream.Vectors;
import taxistream.domain.Event;

/** What each record of the stream is read as, alone or in an aggregate. */
class BatchTest {
    private final Batch.Reading reading = new Batch.Reading();

    @Test
    void events() throws Exception {
        Vectors.all("events.jsonl", line -> {
            byte[] data = Vectors.bytes(line.get("record"));
            Record r = Record.builder().data(SdkBytes.fromByteArray(data)).sequenceNumber("7").build();
            List<Event> events = reading.items("shard", List.of(r)).get(0).events();
            JsonNode want = line.get("events");
            assertEquals(want.size(), events.size(), "events");
            for (int i = 0; i < events.size(); i++) {
                check(want.get(i), events.get(i), data);
            }
        });
    }

    private static void check(JsonNode want, Event e, byte[] record) {
        assertEquals(want.get("kind").asText(), new String[] {"malformed", "trip", "watermark"}[e.kind], e.fault);
        assertEquals(want.path("sub").asInt(), e.sub);
        assertArrayEquals(want.has("data") ? Vectors.bytes(want.get("data")) : record, e.data);
        assertEquals(e.kind == Event.MALFORMED, !e.fault.isEmpty());
        if (e.kind == Event.WATERMARK) {
            assertEquals(want.path("watermark").asLong(), e.watermark);
        } else if (e.kind == Event.TRIP) {
            assertEquals(want.get("id").asLong(), e.id);
            JsonNode places = want.get("places");
            double[] read = {e.pickupLat, e.pickupLon, e.dropoffLat, e.dropoffLon};
            for (int i = 0; i < read.length; i++) {
                assertEquals(places.get(i).asDouble(), read[i] + 0.0); // -0 is 0 in a line
            }
            assertEquals(want.path("pickup").asLong(), e.pickup);
            assertEquals(want.path("dropoff").asLong(), e.dropoff);
        }
    }
}
