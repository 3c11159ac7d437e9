package taxistream.kinesis;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.Record;
import taxistream.domain.Decoder;
import taxistream.domain.Event;

/**
 * What one answer of the service holds: the events of each record, decoded where they are fetched. Mirrors reader in
 * processor/source/source.go.
 *
 * @param atTip nothing more was there
 * @param end the shard ends behind the records
 * @param failure why reading ended for good, or null
 */
record Batch(String shard, List<Item> items, boolean atTip, boolean end, List<ShardSplit.Shard> children, Throwable failure) {
    /** The events of one record: one, or those of an aggregate, which no checkpoint cuts. */
    record Item(String sequence, List<Event> events) {}

    static Batch failed(String shard, Throwable why) {
        return new Batch(shard, List.of(), false, false, List.of(), why);
    }

    static List<ShardSplit.Shard> children(List<ChildShard> list) {
        return list.stream().map(c -> new ShardSplit.Shard(c.shardId(), c.parentShards())).toList();
    }

    /** Decodes records. For one thread. */
    static final class Reading {
        private final Decoder decoder = new Decoder();
        private final Aggregates aggregates = new Aggregates();

        List<Item> items(String shard, List<Record> records) {
            List<Item> items = new ArrayList<>(records.size());
            for (Record r : records) {
                byte[] data = r.data().asByteArrayUnsafe();
                long arrival = r.approximateArrivalTimestamp() == null ? Event.NO_ARRIVAL : r.approximateArrivalTimestamp().toEpochMilli();
                items.add(new Item(r.sequenceNumber(), events(shard, r.sequenceNumber(), data, arrival)));
            }
            return items;
        }

        private List<Event> events(String shard, String sequence, byte[] data, long arrival) {
            if (!Aggregates.isAggregate(data)) {
                Event e = event(shard, sequence, data, arrival, 0);
                decoder.decode(e);
                return List.of(e);
            }
            List<byte[]> users;
            try {
                users = aggregates.unpack(data);
            } catch (Aggregates.BadAggregate bad) {
                Event e = event(shard, sequence, data, arrival, 0);
                e.fault = bad.getMessage();
                return List.of(e);
            }
            List<Event> events = new ArrayList<>(users.size());
            for (byte[] user : users) {
                Event e = event(shard, sequence, user, arrival, events.size());
                decoder.decode(e);
                if (e.kind == Event.WATERMARK) {
                    e.kind = Event.MALFORMED;
                    e.fault = "a watermark inside an aggregate";
                }
                events.add(e);
            }
            return events;
        }

        private static Event event(String shard, String sequence, byte[] data, long arrival, int sub) {
            Event e = new Event();
            e.shard = shard;
            e.sequence = sequence;
            e.data = data;
            e.arrival = arrival;
            e.sub = sub;
            return e;
        }
    }
}
