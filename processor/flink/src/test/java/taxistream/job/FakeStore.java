package taxistream.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A bulk API that keeps documents by external_gte, is overloaded now and then, and refuses what has a word in it. */
final class FakeStore implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Sources by "index id". */
    final Map<String, JsonNode> documents = new ConcurrentSkipListMap<>();
    private final Map<String, Long> versions = new ConcurrentSkipListMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer server;
    private final String poison;

    FakeStore(String poison) throws IOException {
        this.poison = poison;
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/_bulk", this::bulk);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void bulk(HttpExchange x) throws IOException {
        String body = new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (requests.incrementAndGet() % 3 == 1) {
            answer(x, 429, "{\"error\":{\"type\":\"rejected_execution_exception\"}}");
            return;
        }
        StringBuilder items = new StringBuilder();
        String[] lines = body.split("\n");
        for (int i = 0; i < lines.length; i += 2) {
            items.append(items.isEmpty() ? "" : ",").append(write(JSON.readTree(lines[i]).path("index"), lines[i + 1]));
        }
        answer(x, 200, "{\"errors\":true,\"items\":[" + items + "]}");
    }

    private synchronized String write(JsonNode action, String source) throws IOException {
        String key = action.path("_index").asText() + " " + action.path("_id").asText();
        if (!poison.isEmpty() && source.contains(poison) && !key.startsWith("taxi_rejects")) {
            return "{\"index\":{\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"bad field\"}}}";
        }
        long version = action.path("version").asLong();
        if (!action.path("version_type").asText().equals("external_gte") || versions.getOrDefault(key, -1L) > version) {
            return "{\"index\":{\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\",\"reason\":\"newer\"}}}";
        }
        versions.put(key, version);
        documents.put(key, JSON.readTree(source));
        return "{\"index\":{\"status\":201}}";
    }

    private static void answer(HttpExchange x, int status, String body) throws IOException {
        byte[] b = body.getBytes(StandardCharsets.UTF_8);
        x.getResponseHeaders().add("Content-Type", "application/json");
        x.sendResponseHeaders(status, b.length);
        x.getResponseBody().write(b);
        x.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
