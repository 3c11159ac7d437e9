package taxistream.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The index templates of the three aliases, and the check that an index prefix belongs to these rules. Mirrors
 * internal/results/templates.go and fields.go.
 */
public final class Templates {
    private static final int VERSION = 1, PRIORITY = 100;
    private static final List<String> ALIASES = List.of(Documents.PICKUP_COUNT, Documents.TRIP_DURATION, Documents.TAXI_REJECTS);
    private static final List<String> CELL = List.of("cell keyword", "resolution byte", "location geo_point", "boundary object");
    private static final List<String> WINDOW = List.of("window_start date", "window_end date", "timestamp date");

    /** The fields of each alias and their types, in the order of documents. */
    private static final Map<String, List<String>> FIELDS = Map.of(
            Documents.PICKUP_COUNT, concat(CELL, List.of("pickup_count long"), WINDOW),
            Documents.TRIP_DURATION, concat(CELL, List.of("airport_code keyword", "trip_count long", "sum_trip_duration double",
                    "avg_trip_duration double", "min_trip_duration double", "max_trip_duration double"), WINDOW),
            Documents.TAXI_REJECTS, List.of("reason keyword", "detail text", "record binary", "shard keyword",
                    "sequence_number keyword", "event_time date", "timestamp date"));

    private static final ObjectMapper JSON = new ObjectMapper();

    private Templates() {}

    private static List<String> concat(List<String> a, List<String> b, List<String> c) {
        List<String> all = new ArrayList<>(a);
        all.addAll(b);
        all.addAll(c);
        return List.copyOf(all);
    }

    /** The template of one alias, as JSON. */
    public static String template(String prefix, String alias, Map<String, String> meta) throws IOException {
        StringBuilder fields = new StringBuilder();
        for (String field : FIELDS.get(alias)) {
            String[] part = field.split(" ");
            fields.append(fields.isEmpty() ? "" : ",\n").append("\t\t\t\t\"").append(part[0]).append("\": {\"type\": \"").append(part[1])
                    .append(part[1].equals("object") ? "\", \"enabled\": false}" : "\"}");
        }
        String name = prefix + alias, metaJson = JSON.writeValueAsString(new TreeMap<>(meta));
        return """
                {
                	"index_patterns": ["%s-*"],
                	"priority": %d,
                	"version": %d,
                	"_meta": %s,
                	"template": {
                		"settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
                		"aliases": {"%s": {}},
                		"mappings": {
                			"dynamic": "strict",
                			"_meta": %s,
                			"properties": {
                %s
                			}
                		}
                	}
                }
                """.formatted(name, PRIORITY, VERSION, metaJson, name, metaJson, fields);
    }

    /**
     * Finds out at the start what would refuse documents later: no right to write, an index that has an alias's name or
     * fields of other types, another template that comes before ours. Then puts the templates. Mirrors
     * internal/results/check.go.
     */
    public static void prepare(OpenSearch server, String prefix, Map<String, String> meta, Map<String, String> defaults) throws IOException, InterruptedException {
        server.json("POST", "/_bulk", "\n", 400, 404, 405, 406); // what is wrong but the right to write is told where documents are written
        JsonNode templates = server.json("GET", "/_index_template", null, 403, 404).path("index_templates");
        for (String alias : ALIASES) {
            checkIndexes(server, prefix + alias, alias);
            for (JsonNode t : templates) {
                checkOther(server, t, prefix + alias);
            }
        }
        put(server, prefix, meta, defaults);
    }

    private static void checkIndexes(OpenSearch server, String name, String alias) throws IOException, InterruptedException {
        JsonNode there = server.json("GET", "/" + name + "," + name + "-*/_mapping?ignore_unavailable=true&allow_no_indices=true", null, 403, 404);
        for (Map.Entry<String, JsonNode> index : there.properties()) {
            if (index.getKey().equals(name)) {
                throw new IOException(name + " at " + server.endpoint() + " is an index, and is to be the alias of " + name
                        + "-<month>: move its documents and delete it, or choose another -index-prefix");
            }
            for (String field : index.getKey().matches("\\Q" + name + "\\E-\\d{4}\\.\\d\\d") ? FIELDS.get(alias) : List.<String>of()) {
                String[] part = field.split(" ");
                JsonNode mapped = index.getValue().path("mappings").path("properties").path(part[0]);
                String type = mapped.path("type").asText("object"); // OpenSearch does not say it
                if (!mapped.isMissingNode() && !type.equals(part[1])) {
                    throw new IOException("index " + index.getKey() + " at " + server.endpoint() + " has the field " + part[0] + " as " + type + ", not as "
                            + part[1] + ": it was not made by this template: delete it, or choose another -index-prefix");
                }
            }
        }
    }

    private static void checkOther(OpenSearch server, JsonNode template, String name) throws IOException {
        JsonNode body = template.path("index_template");
        if (body.path("priority").asInt() <= PRIORITY || template.path("name").asText().equals(name)) {
            return;
        }
        for (JsonNode pattern : body.path("index_patterns")) {
            if ((name + "-2016.01").matches(("\\Q" + pattern.asText() + "\\E").replace("*", "\\E.*\\Q"))) {
                throw new IOException("index template " + template.path("name").asText() + " at " + server.endpoint() + " (" + pattern.asText() + ", priority "
                        + body.path("priority") + ") comes before " + name + " (priority " + PRIORITY + "): give it a lower priority, or choose another -index-prefix");
            }
        }
    }

    /**
     * Puts the templates under prefix, unless they are there. Where they hold other rules nothing is changed.
     *
     * @param defaults the values of rules that an older template does not name
     * @throws IOException if the prefix belongs to other rules, or the server refuses
     */
    private static void put(OpenSearch server, String prefix, Map<String, String> meta, Map<String, String> defaults)
            throws IOException, InterruptedException {
        List<String> absent = new ArrayList<>(), without = new ArrayList<>();
        for (String alias : ALIASES) {
            JsonNode there = server.json("GET", "/_index_template/" + prefix + alias, null, 404);
            JsonNode body = there.path("index_templates").path(0).path("index_template");
            JsonNode theirs = body.path("_meta");
            if (body.isMissingNode()) {
                absent.add(alias);
            } else if (theirs.isEmpty()) {
                without.add(alias); // put by who only prepared the server
            } else {
                check(prefix + alias, meta, theirs, defaults);
            }
        }
        for (String alias : absent) {
            server.json("PUT", "/_index_template/" + prefix + alias + "?create=true", template(prefix, alias, meta), 400);
        }
        for (String alias : without) {
            server.json("PUT", "/_index_template/" + prefix + alias, template(prefix, alias, meta));
        }
        if (!absent.isEmpty()) {
            put(server, prefix, meta, defaults); // of two that start at once the second finds the first's rules
        }
    }

    private static void check(String name, Map<String, String> ours, JsonNode there, Map<String, String> defaults) throws IOException {
        Map<String, String> theirs = new TreeMap<>();
        there.fieldNames().forEachRemaining(n -> theirs.put(n, there.path(n).asText()));
        defaults.forEach(theirs::putIfAbsent);
        TreeSet<String> names = new TreeSet<>(ours.keySet());
        names.addAll(theirs.keySet());
        List<String> differences = new ArrayList<>();
        for (String n : names) {
            String here = ours.getOrDefault(n, "absent"), other = theirs.getOrDefault(n, "absent");
            if (!here.equals(other)) {
                differences.add(n + " is " + other + " there and " + here + " here");
            }
        }
        if (!differences.isEmpty()) {
            throw new IOException("index template " + name + ": the index prefix belongs to other rules (" + String.join(", ", differences)
                    + "); choose another -index-prefix");
        }
    }
}
