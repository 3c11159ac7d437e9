package taxistream;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** What the Go tests say that both editions do, a line each. Mirrors processor/vectors/vectors.go. */
public final class Vectors {
    public static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100_000).build()).build());

    /** Looks at one line. */
    public interface Look {
        void at(JsonNode line) throws Exception;
    }

    private Vectors() {}

    /** Looks at every line, and tells of all that fail. */
    public static void all(String file, Look look) throws Exception {
        List<String> lines = Files.readAllLines(Path.of("..", "testdata", "vectors", file));
        assertFalse(lines.isEmpty(), "no vector in " + file);
        assertAll(file, Stream.of(lines.toArray(String[]::new)).map(line -> () -> {
            try {
                look.at(JSON.readTree(line));
            } catch (AssertionError | Exception e) {
                throw new AssertionError(e + "\n" + (line.length() > 1000 ? line.substring(0, 1000) + "…" : line), e);
            }
        }));
    }

    /** Bytes as a line has them: text, or base64. */
    public static byte[] bytes(JsonNode n) {
        return n.has("text") ? n.get("text").asText().getBytes(StandardCharsets.UTF_8) : Base64.getDecoder().decode(n.path("base64").asText());
    }
}
