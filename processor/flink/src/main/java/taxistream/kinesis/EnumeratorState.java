package taxistream.kinesis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** What the enumerator keeps in a checkpoint. Mirrors engine/split_state.go. */
final class EnumeratorState {
    /** Stream, index prefix, event-time mode, rules and windows. */
    final String identity;
    boolean discovered;
    /** Shards that readers have or had. */
    final Set<String> assigned = new TreeSet<>();
    /** Shards that wait for a reader, or for their parents' end. */
    final Map<String, ShardSplit> pending = new TreeMap<>();

    EnumeratorState(String identity) {
        this.identity = identity;
    }

    /** Refuses another job's checkpoint. */
    void check(String other) throws IOException {
        if (!identity.equals(other)) {
            throw new IOException("the checkpoint belongs to another job: it is of [" + identity + "], this one of [" + other
                    + "]; use another -checkpoint-dir, or the flags of that job");
        }
    }

    EnumeratorState copy() {
        EnumeratorState s = new EnumeratorState(identity);
        s.discovered = discovered;
        s.assigned.addAll(assigned);
        pending.forEach((id, split) -> s.pending.put(id, split.copy()));
        return s;
    }

    static final class Serializer implements SimpleVersionedSerializer<EnumeratorState> {
        @Override
        public int getVersion() {
            return 2;
        }

        @Override
        public byte[] serialize(EnumeratorState s) throws IOException {
            ByteArrayOutputStream b = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(b);
            out.writeUTF(s.identity);
            out.writeBoolean(s.discovered);
            out.writeInt(s.assigned.size());
            for (String id : s.assigned) {
                out.writeUTF(id);
            }
            out.writeInt(s.pending.size());
            for (ShardSplit split : s.pending.values()) {
                ShardSplit.Serializer.write(out, split);
            }
            return b.toByteArray();
        }

        @Override
        public EnumeratorState deserialize(int version, byte[] b) throws IOException {
            if (version != getVersion()) {
                throw new IOException("an enumerator of version " + version + " is in the checkpoint; this program reads version " + getVersion());
            }
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(b));
            EnumeratorState s = new EnumeratorState(in.readUTF());
            s.discovered = in.readBoolean();
            for (int n = in.readInt(); n > 0; n--) {
                s.assigned.add(in.readUTF());
            }
            for (int n = in.readInt(); n > 0; n--) {
                ShardSplit split = ShardSplit.Serializer.read(in);
                s.pending.put(split.splitId(), split);
            }
            return s;
        }
    }
}
