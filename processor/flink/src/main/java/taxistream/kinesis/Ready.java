package taxistream.kinesis;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Predicate;

/** The batches that wait for the reader. A shard's batches leave in the order in which they came, also where the shard was held back. */
final class Ready {
    private final Deque<Batch> waiting = new ArrayDeque<>();

    void add(Batch b) {
        waiting.add(b);
    }

    /** Takes the first batch that is not held back; null if there is none. Whoever holds one back holds all of its shard. */
    Batch take(Predicate<Batch> held) {
        for (Iterator<Batch> i = waiting.iterator(); i.hasNext(); ) {
            Batch b = i.next();
            if (!held.test(b)) {
                i.remove();
                return b;
            }
        }
        return null;
    }
}
