package taxistream.search;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.AsyncSinkBase;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Hands documents to bulk writers. It is idempotent: documents have names and versions, so writing one again changes
 * nothing. What is not written at a checkpoint is in it. Mirrors processor/sink/sink.go.
 */
public final class DocumentSink extends AsyncSinkBase<Document, Document> {
    private static final long serialVersionUID = 1;

    static final int MAX_BATCH = 1000, MAX_IN_FLIGHT = 2, MAX_BUFFERED = 5000;

    /** A record of the stream may have 10 MiB, in base64 a third more. */
    static final long MAX_BYTES = 16 << 20;

    private final OpenSearch server;
    private final String prefix;

    public DocumentSink(OpenSearch server, String prefix, long flushIntervalMs) {
        super((d, context) -> d, MAX_BATCH, MAX_IN_FLIGHT, MAX_BUFFERED, MAX_BYTES, flushIntervalMs, MAX_BYTES);
        this.server = server;
        this.prefix = prefix;
    }

    @Override
    public StatefulSinkWriter<Document, BufferedRequestState<Document>> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<Document, BufferedRequestState<Document>> restoreWriter(
            WriterInitContext context, Collection<BufferedRequestState<Document>> unsent) {
        return new BulkWriter(server, new Documents(prefix), context, getMaxTimeInBufferMS(), unsent);
    }

    @Override
    public SimpleVersionedSerializer<BufferedRequestState<Document>> getWriterStateSerializer() {
        return new Unsent();
    }

    /** The form of unsent documents in a checkpoint. */
    private static final class Unsent extends AsyncSinkWriterStateSerializer<Document> {
        @Override
        protected void serializeRequestToStream(Document d, DataOutputStream out) throws IOException {
            out.writeUTF(d.index);
            out.writeUTF(d.id);
            out.writeLong(d.version);
            out.writeLong(d.timestamp);
            out.writeInt(d.source.length);
            out.write(d.source);
        }

        @Override
        protected Document deserializeRequestFromStream(long size, DataInputStream in) throws IOException {
            String index = in.readUTF(), id = in.readUTF();
            long version = in.readLong(), timestamp = in.readLong();
            return new Document(index, id, version, in.readNBytes(in.readInt()), timestamp);
        }

        @Override
        public int getVersion() {
            return 1;
        }
    }
}
