package taxistream.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taxistream.aws.Credentials;

/**
 * Writes documents by the bulk API with version_type external_gte, and judges the answer item by item: what the
 * server may take later is sent again without end, what it refuses for good becomes a reject of reason unwritable.
 * Mirrors internal/opensearch/writer.go, answer.go and verdict.go.
 */
final class BulkWriter extends AsyncSinkWriter<Document, Document> {
    private static final Logger LOG = LoggerFactory.getLogger(BulkWriter.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The index of a document that stands in the last checkpoint of a drained job, to mark it finished. */
    private static final String DRAINED = "";
    private static final long FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 5000;

    private final OpenSearch server;
    private final Documents documents;
    private final Credentials.Refusals refusals = new Credentials.Refusals();
    private boolean drained;
    private final AtomicInteger failures = new AtomicInteger(); // requests in a row that wrote nothing
    private final Counter repeats = new ThreadSafeSimpleCounter(), unwritable = new ThreadSafeSimpleCounter();

    BulkWriter(OpenSearch server, Documents documents, WriterInitContext context, long flushMs, Collection<BufferedRequestState<Document>> unsent) {
        super((d, c) -> d, context, AsyncSinkWriterConfiguration.builder().setMaxBatchSize(DocumentSink.MAX_BATCH)
                .setMaxBatchSizeInBytes(DocumentSink.MAX_BYTES).setMaxInFlightRequests(DocumentSink.MAX_IN_FLIGHT)
                .setMaxBufferedRequests(DocumentSink.MAX_BUFFERED).setMaxTimeInBufferMS(flushMs)
                .setMaxRecordSizeInBytes(DocumentSink.MAX_BYTES).build(), unsent);
        if (unsent.stream().anyMatch(s -> s.getBufferedRequestEntries().stream().anyMatch(e -> e.getRequestEntry().index.equals(DRAINED)))) {
            throw new IllegalStateException("the checkpoint is the last one of a job that was drained: its windows are closed, and nothing goes on from it;"
                    + " use another -checkpoint-dir");
        }
        this.server = server;
        this.documents = documents;
        context.metricGroup().counter("documentsRepeated", repeats);
        context.metricGroup().counter("documentsUnwritable", unwritable);
    }

    /** At the end of input, which an unbounded stream has when its job is drained. */
    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        super.flush(endOfInput);
        drained |= endOfInput;
    }

    @Override
    public List<BufferedRequestState<Document>> snapshotState(long checkpointId) {
        Document mark = new Document(DRAINED, "", 0, new byte[0], 0);
        return drained ? List.of(new BufferedRequestState<>(List.of(new RequestEntryWrapper<>(mark, getSizeInBytes(mark))))) : super.snapshotState(checkpointId);
    }

    /** What is to be done about an item. */
    enum Verdict { DONE, REPEAT, RETRY, POISON, FATAL }

    /** A status of 400 is a fault of the document, but for those that creating its index can bring about. */
    static Verdict judge(int status, String type, String reason) {
        if (status >= 200 && status < 300) {
            return Verdict.DONE;
        }
        boolean ofIndex = type.equals("resource_already_exists_exception") || type.equals("validation_exception") && reason.contains("shards");
        if (type.equals("cluster_block_exception")) {
            return Verdict.RETRY;
        }
        return switch (status) {
            case 409 -> type.isEmpty() || type.equals("version_conflict_engine_exception") ? Verdict.REPEAT : Verdict.RETRY;
            case 429 -> Verdict.RETRY;
            case 501 -> Verdict.POISON;
            case 401, 403 -> Verdict.FATAL;
            case 404 -> reason.contains("auto_create_index") ? Verdict.FATAL : Verdict.RETRY;
            default -> status >= 500 || ofIndex ? Verdict.RETRY : Verdict.POISON;
        };
    }

    @Override
    protected void submitRequestEntries(List<Document> batch, ResultHandler<Document> result) {
        write(batch).whenComplete((again, error) -> {
            if (error != null) {
                result.completeExceptionally(new IOException(error.getCause() == null ? error : error.getCause()));
            } else if (again.isEmpty()) {
                failures.set(0);
                result.complete();
            } else {
                int n = again.size() < batch.size() ? 0 : Math.min(failures.getAndIncrement(), 10);
                long pause = Math.min(FIRST_PAUSE_MS << n, LONGEST_PAUSE_MS);
                CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS).execute(() -> result.retryForEntries(again));
            }
        });
    }

    /** Sends a batch; gives what is to be sent again, or in its place. An error is final. */
    private CompletableFuture<List<Document>> write(List<Document> batch) {
        return server.send("POST", "/_bulk?filter_path=errors,items.*.status,items.*.error", body(batch), "application/x-ndjson")
                .handle((answer, error) -> error == null ? judged(batch, answer) : again(batch, error.toString()))
                .thenCompose(f -> f);
    }

    private CompletableFuture<List<Document>> again(List<Document> batch, String why) {
        LOG.warn("{} documents are not written and will be sent again: {}", batch.size(), why);
        return CompletableFuture.completedFuture(batch);
    }

    private CompletableFuture<List<Document>> judged(List<Document> batch, HttpResponse<byte[]> answer) {
        int status = answer.statusCode();
        try {
            if (status / 100 == 2) {
                return CompletableFuture.completedFuture(items(batch, JSON.readTree(answer.body()).path("items")));
            }
            String text = new String(answer.body(), StandardCharsets.UTF_8);
            if (status == 429 || status == 408 || status >= 500 || text.contains("cluster_block_exception")) {
                return again(batch, "status " + status);
            }
            if (refusals.mayPass(text)) {
                return again(batch, "the credentials are refused, and may be renewed");
            }
            if (status != 400 && status != 413) {
                throw new IOException("bulk request to " + server.endpoint() + ": status " + status + "; check the endpoint and the right to write there");
            }
            if (batch.size() > 1) { // one of them is at fault: halve the batch until it is alone
                int half = batch.size() / 2;
                return write(batch.subList(0, half)).thenCombine(write(batch.subList(half, batch.size())), (a, b) -> {
                    List<Document> both = new ArrayList<>(a);
                    both.addAll(b);
                    return both;
                });
            }
            return CompletableFuture.completedFuture(List.of(instead(batch.get(0), text)));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            return again(batch, "the answer is not JSON");
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private List<Document> items(List<Document> batch, JsonNode items) throws IOException {
        if (items.size() != batch.size()) {
            return again(batch, "the answer judges " + items.size() + " of " + batch.size() + " documents").join();
        }
        List<Document> again = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            JsonNode item = items.get(i).elements().next();
            String type = item.path("error").path("type").asText(""), reason = item.path("error").path("reason").asText("");
            Document d = batch.get(i);
            switch (judge(item.path("status").asInt(500), type, reason)) {
                case REPEAT -> repeats.inc();
                case RETRY -> again.add(d);
                case POISON -> again.add(instead(d, type + ": " + reason));
                case FATAL -> throw new IOException("document " + d.id + " of " + d.index + " is refused: " + type + ": " + reason
                        + "; give the right to write these indexes");
                default -> { }
            }
        }
        return again;
    }

    /** The reject that stands for a document that is refused for good. */
    private Document instead(Document d, String why) throws IOException {
        if (d.index.matches(".*" + Documents.TAXI_REJECTS + "-\\d{4}\\.\\d\\d")) {
            throw new IOException("reject " + d.id + " is refused: " + why + "; check the mapping of " + d.index);
        }
        unwritable.inc();
        LOG.error("document {} of {} is refused and kept as a reject: {}", d.id, d.index, why);
        return documents.unwritable(d, why);
    }

    private static byte[] body(List<Document> batch) {
        ByteArrayOutputStream b = new ByteArrayOutputStream(1024 * batch.size());
        for (Document d : batch) {
            StringBuilder action = Documents.string(new StringBuilder("{\"index\":{\"_index\":"), d.index).append(",\"_id\":");
            Documents.string(action, d.id).append(",\"version\":").append(d.version).append(",\"version_type\":\"external_gte\"}}\n");
            b.writeBytes(action.toString().getBytes(StandardCharsets.UTF_8));
            b.writeBytes(d.source);
            b.write('\n');
        }
        return b.toByteArray();
    }

    @Override
    protected long getSizeInBytes(Document d) {
        return d.source.length + 200L;
    }
}
