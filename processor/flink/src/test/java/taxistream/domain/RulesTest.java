package taxistream.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import taxistream.Vectors;

/** Which trips count, in each mode of event time, and where they are. */
class RulesTest {
    @Test
    void rules() throws Exception {
        Vectors.all("rules.jsonl", line -> {
            String mode = line.get("event_time").asText();
            Duration bound = mode.equals("bounded=10s") ? Duration.ofSeconds(10) : Duration.ZERO;
            EventTime how = new EventTime(EventTime.Mode.valueOf(mode.replaceAll("=.*", "").toUpperCase()), bound.toMillis());
            JsonNode r = line.get("rules");
            Rules rules = new Rules(ms(r, 0), ms(r, 1), ms(r, 2), ms(r, 3), ms(r, 4));
            EventTime.Clock clock = new EventTime.Clock(how, rules, Times.NO_WATERMARK);
            for (JsonNode want : line.get("records")) {
                check(want, clock, how, how.rules(rules));
            }
        });
    }

    private static Duration ms(JsonNode lengths, int i) {
        return Duration.ofMillis(lengths.get(i).asLong());
    }

    private static void check(JsonNode want, EventTime.Clock clock, EventTime how, Rules rules) {
        Event e = new Event();
        String kind = want.get("kind").asText();
        e.kind = kind.equals("trip") ? Event.TRIP : kind.equals("watermark") ? Event.WATERMARK : Event.MALFORMED;
        JsonNode places = want.path("places");
        e.pickupLat = places.path(0).asDouble();
        e.pickupLon = places.path(1).asDouble();
        e.dropoffLat = places.path(2).asDouble();
        e.dropoffLon = places.path(3).asDouble();
        e.pickup = want.path("pickup").asLong();
        e.dropoff = want.path("dropoff").asLong();
        e.watermark = want.path("mark").asLong();
        e.arrival = want.path("arrival").asLong();
        boolean goesOn = clock.take(e);
        assertEquals(e.kind != Event.WATERMARK, goesOn);
        assertEquals(want.get("shard_watermark").asLong(), e.shardWatermark, want.toString());
        assertEquals(want.get("watermark").asLong(), clock.watermark, want.toString());
        if (!goesOn) {
            return;
        }
        String reason = rules.judge(e, clock.eventTime);
        assertEquals(want.get("reason").asText(), reason == null ? "" : reason, want.toString());
        if (e.kind == Event.TRIP && how.mode() != EventTime.Mode.NONE) { // which has the machine's clock
            assertEquals(want.path("event_time").asLong(), clock.eventTime, want.toString());
            if (reason == null) {
                assertEquals(want.path("closes").asLong(), rules.closes(clock.eventTime), want.toString());
            }
        }
    }

    @Test
    void places() throws Exception {
        Vectors.all("places.jsonl", line -> {
            double lat = line.get("lat").asDouble(), lon = line.get("lon").asDouble();
            assertEquals(line.get("cell").asText(), Long.toHexString(Geo.cellAt(lat, lon, line.get("resolution").asInt())));
            assertEquals(line.get("in_city").asBoolean(), Geo.inCity(lat, lon));
            assertEquals(line.get("airport").asText(), Geo.code(Geo.airportAt(lat, lon)));
        });
    }
}
