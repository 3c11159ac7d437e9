package taxistream.domain;

import java.io.Serializable;
import java.time.Duration;

/**
 * Which trips count (contract, "Which trips count"). The windows are part of the rules: a trip is late when the first
 * of its two windows has closed. Mirrors internal/trip/judge.go.
 *
 * @param maxDuration bound included
 * @param maxAhead of an event time after its record's arrival, bound included; zero: no such rule
 */
public record Rules(Duration maxDuration, Duration maxAhead, Duration allowedLateness, Duration hotspotWindow,
        Duration airportWindow) implements Serializable {
    public static final String MALFORMED = "malformed", OUTSIDE_CITY = "outside_city",
            NEGATIVE_DURATION = "negative_duration", TOO_LONG = "too_long", TOO_EARLY = "too_early", LATE = "late",
            DUPLICATE = "duplicate", UNWRITABLE = "unwritable";

    /** The rules where event time is no field of the trip: it cannot be too early. */
    public Rules withoutAhead() {
        return new Rules(maxDuration, Duration.ZERO, allowedLateness, hotspotWindow, airportWindow);
    }

    /** The end of the first of the two windows of an event to end, ms. */
    public long firstEnd(long eventTime) {
        long at = Math.min(Math.max(eventTime, Times.MIN_WRITABLE), Times.MAX_WRITABLE);
        return Math.min(end(at, hotspotWindow.toMillis()), end(at, airportWindow.toMillis()));
    }

    private static long end(long at, long size) {
        return Math.floorDiv(at, size) * size + size;
    }

    /** The watermark at which a trip of that event time can no longer count. */
    public long closes(long eventTime) {
        return firstEnd(eventTime) - 1 + allowedLateness.toMillis();
    }

    /** Whether an event time or a watermark is later than maxAhead allows for a record of that arrival (ms). */
    public boolean ahead(long at, long arrival) {
        return !maxAhead.isZero() && arrival != Event.NO_ARRIVAL && at > arrival + maxAhead.toMillis();
    }

    /** The first rule that is broken, of all but `duplicate`, or null. */
    public String judge(Event e, long eventTime) {
        String reason = judgeAlone(e, eventTime);
        if (reason == null && e.shardWatermark != Times.NO_WATERMARK && e.shardWatermark >= closes(eventTime)) {
            return LATE;
        }
        return reason;
    }

    /** The rules for which nothing but the record matters: all but `late` and `duplicate`. */
    public String judgeAlone(Event e, long eventTime) {
        if (e.kind != Event.TRIP) {
            return MALFORMED;
        }
        if (!Geo.inCity(e.pickupLat, e.pickupLon) || !Geo.inCity(e.dropoffLat, e.dropoffLon)) {
            return OUTSIDE_CITY;
        }
        if (e.dropoff < e.pickup) {
            return NEGATIVE_DURATION;
        }
        if (Long.compareUnsigned(e.dropoff - e.pickup, maxDuration.toMillis()) > 0) {
            return TOO_LONG;
        }
        return ahead(eventTime, e.arrival) ? TOO_EARLY : null;
    }

    /** What to tell a person of a reason, beside the record itself. */
    public static String detail(String reason, Event e, long eventTime) {
        return switch (reason) {
            case MALFORMED -> e.fault;
            case OUTSIDE_CITY -> (Geo.inCity(e.pickupLat, e.pickupLon) ? "the dropoff" : "the pickup") + " lies outside the city's box";
            case NEGATIVE_DURATION -> "the dropoff is before the pickup";
            case TOO_LONG -> "the trip is longer than the longest that counts";
            case TOO_EARLY -> "event time " + Times.text(eventTime) + " is too far after the record's arrival";
            default -> "its window closed before the shard's watermark " + Times.text(e.shardWatermark);
        };
    }
}
