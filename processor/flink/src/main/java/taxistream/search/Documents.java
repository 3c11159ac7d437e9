package taxistream.search;

import com.fasterxml.jackson.core.io.schubfach.DoubleToDecimal;
import com.uber.h3core.util.LatLng;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import taxistream.domain.Event;
import taxistream.domain.Geo;
import taxistream.domain.Rules;
import taxistream.domain.Times;

/**
 * Makes the documents of results (contract, "Results"), byte for byte those of the Go processor. For one thread.
 * Mirrors internal/results/document/document.go and internal/results/index.go.
 */
public final class Documents implements Serializable {
    private static final long serialVersionUID = 1;

    public static final String PICKUP_COUNT = "pickup_count", TRIP_DURATION = "trip_duration", TAXI_REJECTS = "taxi_rejects";

    private static final double MINUTE = 60000;

    /** The city has fewer cells than fit; a full table is emptied. */
    private static final int MAX_SHAPES = 1 << 16;

    private final String prefix;
    private transient Map<Long, String> shapes;

    public Documents(String prefix) {
        this.prefix = prefix;
    }

    /** The index of the UTC month that holds the time: {@code <prefix><alias>-yyyy.MM}. */
    public static String monthlyIndex(String prefix, String alias, long ms) {
        return prefix + alias + "-" + Times.month(ms);
    }

    /** The pickup_count document of one cell and window. */
    public Document hotspot(long cell, long start, long end, long count) {
        StringBuilder b = new StringBuilder(1024).append(shape(cell)).append("\"pickup_count\":").append(count);
        String id = start + "-" + (end - start) + "-" + Long.toHexString(cell);
        return finish(b, PICKUP_COUNT, id, count, start, end);
    }

    /** The trip_duration document of one cell, airport and window; durations in ms. */
    public Document airportTrips(long cell, byte airport, long start, long end, long count, long sum, long min, long max) {
        StringBuilder b = new StringBuilder(1024).append(shape(cell))
                .append("\"airport_code\":\"").append(Geo.code(airport)).append("\",\"trip_count\":").append(count)
                .append(",\"sum_trip_duration\":").append(number(sum / MINUTE))
                .append(",\"avg_trip_duration\":").append(number(sum / (MINUTE * count)))
                .append(",\"min_trip_duration\":").append(number(min / MINUTE))
                .append(",\"max_trip_duration\":").append(number(max / MINUTE));
        String id = start + "-" + (end - start) + "-" + Long.toHexString(cell) + "-" + Geo.code(airport);
        return finish(b, TRIP_DURATION, id, count, start, end);
    }

    private Document finish(StringBuilder b, String alias, String id, long version, long start, long end) {
        b.append(",\"window_start\":\"").append(Times.text(start)).append("\",\"window_end\":\"").append(Times.text(end))
                .append("\",\"timestamp\":\"").append(Times.text(end - 1)).append("\"}");
        return new Document(monthlyIndex(prefix, alias, start), id, version, b.toString().getBytes(StandardCharsets.UTF_8), end - 1);
    }

    /** The taxi_rejects document of a record; eventTime null: not known. */
    public Document reject(String reason, String detail, byte[] data, String shard, String sequence, int sub, Long eventTime, long arrival) {
        StringBuilder b = new StringBuilder(data.length * 4 / 3 + 256).append("{\"reason\":\"").append(reason).append("\",\"detail\":");
        string(b, detail).append(",\"record\":\"").append(Base64.getEncoder().encodeToString(data)).append("\",\"shard\":");
        string(string(b, shard).append(",\"sequence_number\":"), sequence);
        if (eventTime != null) {
            b.append(",\"event_time\":\"").append(Times.text(eventTime)).append('"');
        }
        b.append(",\"timestamp\":\"").append(Times.text(arrival)).append("\"}");
        return new Document(monthlyIndex(prefix, TAXI_REJECTS, arrival), shard + "-" + sequence + "-" + sub, 1,
                b.toString().getBytes(StandardCharsets.UTF_8), arrival);
    }

    /** The reject of an event that broke a rule. */
    public Document reject(String reason, Event e, long eventTime) {
        return reject(reason, Rules.detail(reason, e, eventTime), e.data, e.shard, e.sequence, e.sub,
                e.kind == Event.TRIP ? eventTime : null, e.arrival);
    }

    /** The reject that stands for a document which OpenSearch refused for good. */
    public Document unwritable(Document d, String detail) {
        Document r = reject(Rules.UNWRITABLE, detail, d.source, "", "", 0, null, d.timestamp);
        r.id = d.index + "-" + d.id;
        return r;
    }

    /** The part of a document that depends on its cell alone, kept because a boundary costs more than the rest. */
    private String shape(long cell) {
        if (shapes == null || shapes.size() >= MAX_SHAPES) {
            shapes = new HashMap<>();
        }
        return shapes.computeIfAbsent(cell, Documents::makeShape);
    }

    private static String makeShape(long cell) {
        LatLng centre = Geo.h3().cellToLatLng(cell);
        StringBuilder b = new StringBuilder(512).append("{\"cell\":\"").append(Long.toHexString(cell))
                .append("\",\"resolution\":").append(Geo.h3().getResolution(cell))
                .append(",\"location\":{\"lat\":").append(number(centre.lat)).append(",\"lon\":").append(number(centre.lng))
                .append("},\"boundary\":{\"type\":\"Polygon\",\"coordinates\":[[");
        List<LatLng> ring = Geo.h3().cellToBoundary(cell);
        for (LatLng corner : ring) {
            corner(b, corner).append(',');
        }
        return corner(b, ring.get(0)).append("]]},").toString();
    }

    private static StringBuilder corner(StringBuilder b, LatLng at) {
        return b.append('[').append(number(at.lng)).append(',').append(number(at.lat)).append(']');
    }

    /** Writes JSON, and escapes only what cannot stand there, as Go's jsonscan does it. */
    static StringBuilder string(StringBuilder b, String text) {
        b.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                b.append(String.format("\\u%04x", (int) c));
            } else {
                b.append(c == '"' || c == '\\' ? "\\" : "").append(c);
            }
        }
        return b.append('"');
    }

    /**
     * The shortest decimal that reads back as the number, in plain notation, as Go writes it. Java 17's own
     * Double.toString is not always the shortest.
     */
    public static String number(double d) {
        String text = DoubleToDecimal.toString(d);
        if (text.indexOf('E') >= 0) {
            text = new BigDecimal(text).stripTrailingZeros().toPlainString();
        }
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
