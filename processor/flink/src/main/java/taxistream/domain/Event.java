package taxistream.domain;

/**
 * One event as it was read from a shard: a trip, a watermark, or bytes that are neither. The source fills it and
 * stamps its shard's watermark on it. Mirrors internal/trip/trip.go and Record in processor/job/record.go.
 */
public class Event {
    public static final byte MALFORMED = 0, TRIP = 1, WATERMARK = 2;

    /** The arrival of a record that names none. */
    public static final long NO_ARRIVAL = 0;

    public byte kind;
    public long id;
    public double pickupLat, pickupLon, dropoffLat, dropoffLon;
    /** Ms since the epoch. */
    public long pickup, dropoff;
    /** Of a watermark record, ms. */
    public long watermark;
    /** The last watermark of the record's own shard when it was read: it makes "late" a fact of the stream. */
    public long shardWatermark = Times.NO_WATERMARK;
    /** What is wrong with malformed bytes, else empty. */
    public String fault = "";
    public byte[] data;

    /** Where it stood: shard, sequence number, position in its aggregate, and when it arrived there (ms). */
    public String shard;
    public String sequence;
    public int sub;
    public long arrival;
}
