package taxistream.domain;

import java.io.Serializable;

/**
 * What the time of an event is and where watermarks come from (contract, -event-time). Mirrors
 * processor/job/eventtime.go.
 *
 * @param boundMs of BOUNDED
 */
public record EventTime(Mode mode, long boundMs) implements Serializable {
    /** The modes. */
    public enum Mode { PRODUCER, ARRIVAL, BOUNDED, NONE }

    /** The rules of the mode: where event time is no field of the trip, it cannot be too early. */
    public Rules rules(Rules rules) {
        return mode == Mode.ARRIVAL || mode == Mode.NONE ? rules.withoutAhead() : rules;
    }

    /**
     * The clock of one shard: stamps its watermark on each event, moves by it, and says what its event time is.
     * Mirrors processor/job/watermarks.go.
     */
    public static final class Clock {
        private final EventTime how;
        private final Rules rules;

        /** The shard's last watermark. */
        public long watermark;
        /** Of the last event, ms. */
        public long eventTime;
        /** Watermark records that were too far ahead of their arrival. */
        public long refused;

        public Clock(EventTime how, Rules rules, long watermark) {
            this.how = how;
            this.rules = how.rules(rules);
            this.watermark = watermark;
        }

        /** The event time of an event, ms. */
        public long timeOf(Event e) {
            return switch (how.mode) {
                case ARRIVAL -> e.arrival == Event.NO_ARRIVAL ? Math.max(watermark + 1, 0) : e.arrival;
                case NONE -> Math.max(System.currentTimeMillis(), watermark + 1);
                default -> e.kind == Event.TRIP ? e.dropoff : Math.max(watermark, 0);
            };
        }

        /** Takes an event in. False: it is a watermark record, which goes no further. */
        public boolean take(Event e) {
            e.shardWatermark = watermark;
            eventTime = timeOf(e);
            switch (how.mode) {
                case PRODUCER -> {
                    if (e.kind == Event.WATERMARK && rules.ahead(e.watermark, e.arrival)) {
                        refused++;
                    } else if (e.kind == Event.WATERMARK) {
                        watermark = Math.max(watermark, e.watermark);
                    }
                }
                case ARRIVAL -> watermark = Math.max(watermark, eventTime - 1);
                case BOUNDED -> {
                    if (e.kind == Event.TRIP && rules.judgeAlone(e, eventTime) == null) {
                        watermark = Math.max(watermark, eventTime - how.boundMs - 1);
                    }
                }
                default -> e.shardWatermark = Times.NO_WATERMARK;
            }
            return e.kind != Event.WATERMARK;
        }

        /** Time passes, which moves the clock of NONE alone. */
        public void tick() {
            if (how.mode == Mode.NONE) {
                watermark = Math.max(watermark, System.currentTimeMillis() - 1);
            }
        }
    }
}
