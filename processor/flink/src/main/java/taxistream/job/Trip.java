package taxistream.job;

/**
 * A trip that no rule has turned away so far. It carries what the windows need and what a reject would need. Mirrors
 * processor/job/record.go.
 */
public class Trip {
    public long id;
    public double pickupLat, pickupLon;
    public long durationMs;
    /** The watermark at which the trip can no longer count. */
    public long closes;
    public byte airport;
    public byte[] data;
    public String shard;
    public String sequence;
    public int sub;
    public long arrival;
}
