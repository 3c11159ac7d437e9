package taxistream.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is an event and what is malformed, where a JSON library could see it otherwise. */
class DecoderTest {
    private static final String TRIP = "\"trip_id\":7,\"pickup_lat\":40.7,\"pickup_lon\":-73.9,\"dropoff_lat\":40.6,\"dropoff_lon\":-73.8,"
            + "\"pickup_datetime\":\"2013-01-01T05:02:03.000Z\",\"dropoff_datetime\":\"2013-01-01T05:40:00Z\"";

    private static Event decode(String text) {
        Event e = new Event();
        e.data = text.getBytes(StandardCharsets.UTF_8);
        new Decoder().decode(e);
        return e;
    }

    @ParameterizedTest
    @ValueSource(strings = {"{%s}", " {%s}\r\n", "{\"type\":null,%s}", "{%s,\"trip_id\":7}", "{\"trip_id\":null,%s}", "{%s,\"x\":{\"trip_id\":[1]}}",
        "{\"\\u0074ype\":\"trip\",%s}", "{%s,\"total_amount\":1e2}", "{\"pickup_latitude\":1,%s}", "{%s,\"total_amount\":null}"})
    void trips(String text) {
        Event e = decode(text.formatted(TRIP));
        assertEquals(Event.TRIP, e.kind, e.fault);
        assertEquals(7, e.id);
        assertEquals(40.7, e.pickupLat);
        assertEquals(1357018800000L, e.dropoff);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{%s", "{%s}{}", "{%s}x", "{%s,}", "{\"type\":\"taxi\",%s}", "{\"type\":1,%s}", "{%s,\"trip_id\":0}",
        "{%s,\"trip_id\":7.0}", "{%s,\"trip_id\":07}", "{%s,\"trip_id\":9223372036854775808}", "{%s,\"trip_id\":\"7\"}", "{%s,\"trip_id\":null}",
        "{%s,\"pickup_lat\":1e999}", "{%s,\"pickup_lat\":NaN}", "{%s,\"pickup_lat\":.5}", "{%s,\"total_amount\":\"1\"}", "\ufeff{%s}", "{%s,\"a\":\"\n\"}",
        "{%s,\"pickup_datetime\":\"2013-01-01T05:02:03\"}", "{%s,\"pickup_datetime\":\"2013-02-29T05:02:03Z\"}",
        "{%s,\"pickup_datetime\":\"2013-01-01t05:02:03Z\"}", "{%s,\"pickup_datetime\":\"2013-01-01T24:00:00Z\"}", "{\"type\":\"watermark\"}"})
    void malformed(String text) {
        assertEquals(Event.MALFORMED, decode(text.contains("%s") ? text.formatted(TRIP) : text).kind);
    }
}
