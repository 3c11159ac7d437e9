package taxistream.nexmark;

/**
 * Event i of the stream, the same as the Go program's, from i and the seed alone. Mirrors engine/examples/nexmark/generator.go,
 * draw by draw.
 */
final class Generator implements java.io.Serializable {
    private static final int PERIOD = 50;
    private static final int PERSONS = 1;
    private static final int AUCTIONS = 3;
    private static final long FIRST = 1000; // the number of the first person and of the first auction
    private static final int OPEN_AUCTIONS = 100;
    private static final int ACTIVE_PERSONS = 1000;
    private static final int HOT_EVERY = 100;
    private static final String[] FIRST_NAMES = {"Ada", "Ben", "Cleo", "Dov", "Eva", "Finn", "Gwen", "Hugo", "Ines", "Joel"};
    private static final String[] LAST_NAMES = {"Abel", "Brook", "Cole", "Drew", "Ellis", "Frost", "Gray", "Hale"};
    private static final String[][] PLACES = {{"Phoenix", "AZ"}, {"Palo Alto", "CA"}, {"San Diego", "CA"}, {"Boise", "ID"}, {"Bend", "OR"},
        {"Portland", "OR"}, {"Seattle", "WA"}, {"Cheyenne", "WY"}};
    private static final String[] CHANNELS = {"apple", "google", "facebook", "baidu", "channel-5", "channel-6"};
    private static final String[] URLS = java.util.Arrays.stream(CHANNELS).map(c -> "https://www.nexmark.example/" + c + "/item.htm?query=1").toArray(String[]::new);

    private final long seed;
    private final long begin;
    private final long rate;
    private transient long dice;

    Generator(long seed, long begin, long rate) {
        this.seed = seed;
        this.begin = begin;
        this.rate = rate;
    }

    private long roll(long n) {
        dice += 0x9e3779b97f4a7c15L;
        long z = dice;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return ((z ^ z >>> 31) >>> 1) % n;
    }

    NexmarkEvent at(long i) {
        dice = seed ^ i * 0xd1342543de82ef95L;
        long now = begin + i * 1000 / rate;
        long turn = i / PERIOD;
        long place = i % PERIOD;
        long newest = FIRST + turn;
        if (place < PERSONS) {
            return person(newest, now);
        }
        if (place < PERSONS + AUCTIONS) {
            return auction(FIRST + turn * AUCTIONS + place - PERSONS, newest, now);
        }
        return bid(FIRST + turn * AUCTIONS + AUCTIONS - 1, newest, now);
    }

    private NexmarkEvent person(long id, long now) {
        NexmarkEvent e = new NexmarkEvent(NexmarkEvent.PERSON, now);
        String first = FIRST_NAMES[(int) roll(FIRST_NAMES.length)];
        String last = LAST_NAMES[(int) roll(LAST_NAMES.length)];
        String[] home = PLACES[(int) roll(PLACES.length)];
        e.id = id;
        e.name = first + " " + last;
        e.email = first + "@" + last + ".example";
        e.creditCard = String.valueOf(1_000_000_000_000_000L + roll(9_000_000_000_000_000L));
        e.city = home[0];
        e.state = home[1];
        return e;
    }

    private NexmarkEvent auction(long id, long newest, long now) {
        NexmarkEvent e = new NexmarkEvent(NexmarkEvent.AUCTION, now);
        e.expires = now + 1 + roll(2 * Math.max(1, (long) OPEN_AUCTIONS * PERIOD * 1000 / AUCTIONS / rate));
        e.id = id;
        e.item = "item " + id % 1000;
        e.description = "as good as new";
        e.price = price();
        e.category = 10 + roll(5);
        e.reserve = e.price + price();
        e.seller = someone(newest, 3);
        return e;
    }

    private NexmarkEvent bid(long newestAuction, long newest, long now) {
        NexmarkEvent e = new NexmarkEvent(NexmarkEvent.BID, now);
        e.price = price();
        e.bidder = someone(newest, 3);
        if (roll(2) == 0) {
            e.id = Math.max(FIRST, newestAuction / HOT_EVERY * HOT_EVERY);
        } else {
            e.id = newestAuction - roll(Math.min(OPEN_AUCTIONS, newestAuction - FIRST + 1));
        }
        int c = (int) roll(CHANNELS.length);
        e.channel = CHANNELS[c];
        e.url = URLS[c];
        return e;
    }

    private long someone(long newest, long hot) {
        if (roll(hot + 1) > 0) {
            return newest / HOT_EVERY * HOT_EVERY;
        }
        return newest - roll(Math.min(ACTIVE_PERSONS, newest - FIRST + 1));
    }

    private long price() {
        long p = 100 + roll(900);
        for (long digits = roll(5); digits > 0; digits--) {
            p = 10 * p + roll(10);
        }
        return p;
    }
}
