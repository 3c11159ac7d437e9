package taxistream.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import taxistream.Vectors;
import taxistream.domain.Geo;

/** Documents, byte for byte, index templates, and the verdicts on a bulk answer's items. */
class DocumentsTest {
    @Test
    void documents() throws Exception {
        Vectors.all("documents.jsonl", line -> {
            Document d = make(new Documents(line.get("prefix").asText()), line.get("of"));
            assertEquals(line.get("source").asText(), new String(d.source, StandardCharsets.UTF_8));
            assertEquals(line.get("index").asText(), d.index);
            assertEquals(line.get("id").asText(), d.id);
            assertEquals(line.get("version").asLong(), d.version);
        });
    }

    private static Document make(Documents documents, JsonNode of) throws Exception {
        if (of.has("unwritable")) {
            byte[] source = of.get("unwritable").asText().getBytes(StandardCharsets.UTF_8);
            Document d = new Document(of.get("index").asText(), of.get("id").asText(), 1, source, of.get("timestamp").asLong());
            return documents.unwritable(d, of.get("detail").asText());
        }
        if (of.has("reason")) {
            return documents.reject(of.get("reason").asText(), of.get("detail").asText(), of.get("record").isNull() ? new byte[0] : of.get("record").binaryValue(),
                    of.get("shard").asText(), of.get("sequence").asText(), of.get("sub").asInt(),
                    of.has("event_time") ? of.get("event_time").asLong() : null, of.get("arrival").asLong());
        }
        long cell = Long.parseUnsignedLong(of.get("cell").asText(), 16), start = of.get("start").asLong(), end = of.get("end").asLong(), count = of.get("count").asLong();
        if (!of.has("airport")) {
            return documents.hotspot(cell, start, end, count);
        }
        byte airport = of.get("airport").asText().equals("JFK") ? Geo.JFK : Geo.LGA;
        return documents.airportTrips(cell, airport, start, end, count, of.get("sum").asLong(), of.get("min").asLong(), of.get("max").asLong());
    }

    @Test
    @SuppressWarnings("unchecked")
    void openSearch() throws Exception {
        Vectors.all("opensearch.jsonl", line -> {
            if (line.has("template")) {
                Map<String, String> meta = Vectors.JSON.convertValue(line.get("meta"), Map.class);
                assertEquals(line.get("template").asText(), Templates.template(line.get("prefix").asText(), line.get("alias").asText(), meta));
            } else {
                assertEquals(line.get("verdict").asText(),
                        BulkWriter.judge(line.get("status").asInt(), line.get("type").asText(), line.get("reason").asText()).name());
            }
        });
    }
}
