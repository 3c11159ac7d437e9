package taxistream.job;

/** What a counted trip to an airport adds: its duration, at its cell and airport. Mirrors processor/job/record.go. */
public class Ride {
    public long cell;
    public byte airport;
    public long durationMs;

    public Ride() {}

    Ride(long cell, byte airport, long durationMs) {
        this.cell = cell;
        this.airport = airport;
        this.durationMs = durationMs;
    }

    /** The key of the windows: of a cell H3 leaves bits 56 to 58 free. */
    long key() {
        return cell | (long) airport << 56;
    }
}
