package taxistream.kinesis;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Unpacks the KPL's aggregates: four magic bytes, a protobuf AggregatedRecord, the protobuf's MD5. User records are
 * taken whatever their keys hash to: they belong to the shard that they are read from. Mirrors
 * internal/kinesis/aggregate.go.
 */
final class Aggregates {
    private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};
    private static final int RECORDS = 3, DATA = 3, SUM = 16;
    private static final int VARINT = 0, FIXED64 = 1, BYTES = 2, START_GROUP = 3, END_GROUP = 4, FIXED32 = 5;

    /** Groups in groups that Go's protowire bears. */
    private static final int DEEPEST = 10_001;

    private final MessageDigest md5;

    Aggregates() {
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no MD5", e);
        }
    }

    /** A record has the magic bytes but not the checksum or the form: the whole of it is one bad user record. */
    static final class BadAggregate extends Exception {
        BadAggregate(String what) {
            super("bad KPL aggregate: " + what, null, false, false);
        }
    }

    static boolean isAggregate(byte[] data) {
        return data.length >= MAGIC.length && Arrays.equals(data, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** The user records of an aggregate, in order. */
    List<byte[]> unpack(byte[] data) throws BadAggregate {
        int end = data.length - SUM;
        if (end < MAGIC.length) {
            throw new BadAggregate("cut off");
        }
        md5.update(data, MAGIC.length, end - MAGIC.length);
        if (!Arrays.equals(md5.digest(), 0, SUM, data, end, data.length)) {
            throw new BadAggregate("the checksum is wrong");
        }
        List<byte[]> users = new ArrayList<>();
        for (ByteBuffer record : fields(ByteBuffer.wrap(data, MAGIC.length, end - MAGIC.length), RECORDS)) {
            List<ByteBuffer> found = fields(record, DATA);
            if (found.isEmpty()) {
                throw new BadAggregate("a record without data");
            }
            ByteBuffer last = found.get(found.size() - 1); // of a repeated field the last counts
            byte[] user = new byte[last.remaining()];
            last.get(user);
            users.add(user);
        }
        return users;
    }

    /** The length-delimited fields of a number. */
    private static List<ByteBuffer> fields(ByteBuffer b, int number) throws BadAggregate {
        List<ByteBuffer> found = new ArrayList<>();
        while (b.hasRemaining()) {
            long tag = tag(b);
            if (tag == (number << 3 | BYTES)) {
                found.add(bytes(b));
            } else {
                skip(b, tag);
            }
        }
        return found;
    }

    private static long tag(ByteBuffer b) throws BadAggregate {
        long tag = varint(b);
        if (tag >>> 3 == 0 || tag >>> 3 > 0x7fffffff) {
            throw new BadAggregate("a field number that is none");
        }
        return tag;
    }

    private static ByteBuffer bytes(ByteBuffer b) throws BadAggregate {
        long size = varint(b);
        if (size < 0 || size > b.remaining()) {
            throw new BadAggregate("cut off");
        }
        ByteBuffer field = b.slice(b.position(), (int) size);
        b.position(b.position() + (int) size);
        return field;
    }

    /** Passes over a field, with all that a group holds. */
    private static void skip(ByteBuffer b, long tag) throws BadAggregate {
        Deque<Long> groups = new ArrayDeque<>();
        for (long next = tag; ; next = tag(b)) {
            switch ((int) (next & 7)) {
                case VARINT -> varint(b);
                case FIXED64 -> advance(b, 8);
                case FIXED32 -> advance(b, 4);
                case BYTES -> bytes(b);
                case START_GROUP -> groups.push(next >>> 3);
                case END_GROUP -> {
                    if (groups.isEmpty() || groups.pop() != next >>> 3) {
                        throw new BadAggregate("groups that cross");
                    }
                }
                default -> throw new BadAggregate("a field of a type that is none");
            }
            if (groups.isEmpty()) {
                return;
            }
            if (groups.size() > DEEPEST) {
                throw new BadAggregate("groups too deep");
            }
        }
    }

    private static void advance(ByteBuffer b, int n) throws BadAggregate {
        if (b.remaining() < n) {
            throw new BadAggregate("cut off");
        }
        b.position(b.position() + n);
    }

    private static long varint(ByteBuffer b) throws BadAggregate {
        long v = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (!b.hasRemaining()) {
                throw new BadAggregate("cut off");
            }
            byte next = b.get();
            if (shift == 63 && (next & 0xff) > 1) {
                break;
            }
            v |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return v;
            }
        }
        throw new BadAggregate("a number is too long");
    }
}
