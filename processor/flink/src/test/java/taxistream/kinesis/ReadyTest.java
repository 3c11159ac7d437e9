package taxistream.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReadyTest {
    private static Batch batch(String shard, String sequence) {
        return new Batch(shard, List.of(new Batch.Item(sequence, List.of())), false, false, List.of(), null);
    }

    private static String take(Ready ready, String held) {
        Batch b = ready.take(x -> x.shard().equals(held));
        return b == null ? null : b.shard() + b.items().get(0).sequence();
    }

    /** Ensure that a shard that is held back while others are read goes on with the batch that it had first. */
    @Test
    void keepsTheOrderOfAShardThatIsHeldBack() {
        Ready ready = new Ready();
        for (Batch b : List.of(batch("a", "1"), batch("b", "1"), batch("a", "2"), batch("b", "2"))) {
            ready.add(b);
        }
        assertEquals("b1", take(ready, "a"));
        assertEquals("b2", take(ready, "a"));
        assertNull(take(ready, "a"));
        ready.add(batch("b", "3"));
        assertEquals("a1", take(ready, ""));
        assertEquals("a2", take(ready, ""));
        assertEquals("b3", take(ready, ""));
    }
}
