package taxistream.domain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads one record of the stream: one JSON object as the contract describes it. Of repeated names the last counts,
 * null is absent, other names are passed over. Mirrors internal/trip/decode.go.
 */
public final class Decoder {
    private static final int TYPE = 0, ID = 1, PLACES = 2, AMOUNT = 10, PICKUP = 11, DROPOFF = 12, MARK = 13, FIELDS = 14;

    /** The fields' places in a decoding; of a place the long name stands behind the short one. */
    private static final Map<String, Integer> NAMES = Map.ofEntries(
            Map.entry("type", TYPE), Map.entry("trip_id", ID),
            Map.entry("pickup_lat", 2), Map.entry("pickup_latitude", 3),
            Map.entry("pickup_lon", 4), Map.entry("pickup_longitude", 5),
            Map.entry("dropoff_lat", 6), Map.entry("dropoff_latitude", 7),
            Map.entry("dropoff_lon", 8), Map.entry("dropoff_longitude", 9),
            Map.entry("total_amount", AMOUNT), Map.entry("pickup_datetime", PICKUP),
            Map.entry("dropoff_datetime", DROPOFF), Map.entry("watermark", MARK));

    private static final Pattern POSITIVE = Pattern.compile("[1-9][0-9]*");

    /** As encoding/json: 10,000 levels, and no limit of length. */
    private static final JsonFactory FACTORY = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder()
            .maxNestingDepth(10_000).maxNumberLength(Integer.MAX_VALUE).maxStringLength(Integer.MAX_VALUE)
            .maxNameLength(Integer.MAX_VALUE).build()).build();

    private final JsonToken[] tokens = new JsonToken[FIELDS];
    private final String[] texts = new String[FIELDS];

    /** One of the contract's rules for records is broken. */
    private static final class Malformed extends Exception {
        Malformed(String what) {
            super(what, null, false, false);
        }
    }

    /** Reads e.data into e. What is no event becomes {@link Event#MALFORMED}, with its fault. */
    public void decode(Event e) {
        try {
            parse(body(e.data));
            String type = tokens[TYPE] == null ? "trip" : string(TYPE, "type");
            switch (type) {
                case "trip" -> trip(e);
                case "watermark" -> e.watermark = instant(MARK, "watermark");
                default -> throw new Malformed("the type is neither trip nor watermark");
            }
            e.kind = type.equals("trip") ? Event.TRIP : Event.WATERMARK;
        } catch (Malformed m) {
            e.kind = Event.MALFORMED;
            e.fault = m.getMessage();
        }
    }

    /** The total_amount of the trip that was decoded last, in dollars; null where it has none. */
    public Double amount() {
        return tokens[AMOUNT] == null ? null : Double.valueOf(texts[AMOUNT]);
    }

    private static String body(byte[] data) throws Malformed {
        int from = 0, to = data.length;
        while (from < to && isSpace(data[from])) {
            from++;
        }
        while (from < to && isSpace(data[to - 1])) {
            to--;
        }
        if (from == to || data[from] != '{') {
            throw new Malformed("not a JSON object");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data, from, to - from)).toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("not UTF-8");
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private void parse(String body) throws Malformed {
        java.util.Arrays.fill(tokens, null);
        try (JsonParser p = FACTORY.createParser(body)) {
            p.nextToken();
            while (p.nextToken() != JsonToken.END_OBJECT) {
                Integer field = NAMES.get(p.currentName());
                JsonToken value = p.nextToken();
                if (field != null) {
                    tokens[field] = value == JsonToken.VALUE_NULL ? null : value;
                    texts[field] = value.isScalarValue() ? p.getText() : null;
                }
                p.skipChildren();
            }
            if (p.nextToken() != null) {
                throw new Malformed("more than one JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new Malformed("not one JSON object: " + e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a string in memory there is none
        }
    }

    private void trip(Event e) throws Malformed {
        String id = texts[ID];
        if (tokens[ID] == null) {
            throw new Malformed("trip_id is missing");
        }
        if (tokens[ID] != JsonToken.VALUE_NUMBER_INT || !POSITIVE.matcher(id).matches()) {
            throw new Malformed("trip_id is not a positive integer");
        }
        try {
            e.id = Long.parseLong(id);
        } catch (NumberFormatException tooLong) {
            throw new Malformed("trip_id has more than 64 bits");
        }
        e.pickupLat = place(0, "pickup_lat");
        e.pickupLon = place(1, "pickup_lon");
        e.dropoffLat = place(2, "dropoff_lat");
        e.dropoffLon = place(3, "dropoff_lon");
        if (tokens[AMOUNT] != null) {
            number(AMOUNT, "total_amount");
        }
        e.pickup = instant(PICKUP, "pickup_datetime");
        e.dropoff = instant(DROPOFF, "dropoff_datetime");
    }

    private double place(int n, String name) throws Malformed {
        int field = PLACES + 2 * n;
        return number(tokens[field] != null ? field : field + 1, name);
    }

    private double number(int field, String name) throws Malformed {
        if (tokens[field] == null) {
            throw new Malformed(name + " is missing");
        }
        if (!tokens[field].isNumeric()) {
            throw new Malformed(name + " is not a number");
        }
        double d = Double.parseDouble(texts[field]);
        if (Double.isInfinite(d)) {
            throw new Malformed(name + " is not finite");
        }
        return d;
    }

    private String string(int field, String name) throws Malformed {
        if (tokens[field] == null) {
            throw new Malformed(name + " is missing");
        }
        if (tokens[field] != JsonToken.VALUE_STRING) {
            throw new Malformed(name + " is not a string");
        }
        return texts[field];
    }

    private long instant(int field, String name) throws Malformed {
        try {
            return Times.parse(string(field, name));
        } catch (IllegalArgumentException e) {
            throw new Malformed(name + ": " + e.getMessage());
        }
    }
}
