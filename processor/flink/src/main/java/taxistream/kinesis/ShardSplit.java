package taxistream.kinesis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import taxistream.domain.Times;

/**
 * A shard, how far it is read, and the last watermark that it showed. An ended one is kept by its reader as a
 * tombstone that holds its watermark, until the children that start from it are given out. Mirrors engine.Split and
 * the offsets of processor/source/source.go.
 */
public final class ShardSplit implements SourceSplit, Serializable {
    private static final long serialVersionUID = 1;

    /** A shard and its parents: none, one (a split) or two (a merge). */
    public record Shard(String id, List<String> parents) implements Serializable {}

    final Shard shard;
    /** The last record that was read, empty: none. An aggregate is one record and never cut by a checkpoint. */
    String sequence = "";
    /** Where to begin while nothing was read: ms, or -1 for the shard's own beginning. */
    long from = -1;
    long watermark = Times.NO_WATERMARK;
    /** It held no window back: nothing came for the idle timeout. */
    boolean idle;
    boolean ended;
    /** Of an ended shard, as far as the service said. */
    List<Shard> children = List.of();

    ShardSplit(Shard shard) {
        this.shard = shard;
    }

    ShardSplit copy() {
        ShardSplit s = new ShardSplit(shard);
        s.sequence = sequence;
        s.from = from;
        s.watermark = watermark;
        s.idle = idle;
        s.ended = ended;
        s.children = children;
        return s;
    }

    @Override
    public String splitId() {
        return shard.id();
    }

    /** The form of a split in a checkpoint. */
    static final class Serializer implements SimpleVersionedSerializer<ShardSplit> {
        @Override
        public int getVersion() {
            return 2;
        }

        @Override
        public byte[] serialize(ShardSplit s) throws IOException {
            ByteArrayOutputStream b = new ByteArrayOutputStream(128);
            write(new DataOutputStream(b), s);
            return b.toByteArray();
        }

        @Override
        public ShardSplit deserialize(int version, byte[] b) throws IOException {
            if (version != getVersion()) {
                throw new IOException("a split of version " + version + " is in the checkpoint; this program reads version " + getVersion());
            }
            return read(new DataInputStream(new ByteArrayInputStream(b)));
        }

        static void write(DataOutputStream out, ShardSplit s) throws IOException {
            writeShard(out, s.shard);
            out.writeUTF(s.sequence);
            out.writeLong(s.from);
            out.writeLong(s.watermark);
            out.writeBoolean(s.idle);
            out.writeBoolean(s.ended);
            out.writeInt(s.children.size());
            for (Shard child : s.children) {
                writeShard(out, child);
            }
        }

        static ShardSplit read(DataInputStream in) throws IOException {
            ShardSplit s = new ShardSplit(readShard(in));
            s.sequence = in.readUTF();
            s.from = in.readLong();
            s.watermark = in.readLong();
            s.idle = in.readBoolean();
            s.ended = in.readBoolean();
            List<Shard> children = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                children.add(readShard(in));
            }
            s.children = children;
            return s;
        }

        private static void writeShard(DataOutputStream out, Shard shard) throws IOException {
            out.writeUTF(shard.id());
            out.writeInt(shard.parents().size());
            for (String parent : shard.parents()) {
                out.writeUTF(parent);
            }
        }

        private static Shard readShard(DataInputStream in) throws IOException {
            String id = in.readUTF();
            List<String> parents = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                parents.add(in.readUTF());
            }
            return new Shard(id, parents);
        }
    }
}
