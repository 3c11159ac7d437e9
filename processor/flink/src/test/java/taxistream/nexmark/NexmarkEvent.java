package taxistream.nexmark;

/** Somebody registers, puts something up for auction, or bids; which of the fields count, the kind says. Mirrors engine/examples/nexmark/event.go. */
public class NexmarkEvent {
    public static final byte PERSON = 0;
    public static final byte AUCTION = 1;
    public static final byte BID = 2;

    public byte kind;
    public long at; // ms, its event time
    public long id; // the person's or the auction's, also that of the auction that is bid for
    public long price; // cents: of a bid, or an auction's first
    public long reserve;
    public long expires;
    public long seller;
    public long category;
    public long bidder;
    public String name;
    public String email;
    public String creditCard;
    public String city;
    public String state;
    public String item;
    public String description;
    public String channel;
    public String url;

    public NexmarkEvent() {}

    NexmarkEvent(byte kind, long at) {
        this.kind = kind;
        this.at = at;
    }
}
