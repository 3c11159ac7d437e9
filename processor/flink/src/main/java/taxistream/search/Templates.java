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
    private static final int VERSION = 1;
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
                	"priority": 100,
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
                """.formatted(name, VERSION, metaJson, name, metaJson, fields);
    }

    /**
     * Puts the templates under prefix, unless they are there. Where they hold other rules nothing is changed.
     *
     * @param defaults the values of rules that an older template does not name
     * @throws IOException if the prefix belongs to other rules, or the server refuses
     */
    public static void put(OpenSearch server, String prefix, Map<String, String> meta, Map<String, String> defaults)
            throws IOException, InterruptedException {
        List<String> aliases = List.of(Documents.PICKUP_COUNT, Documents.TRIP_DURATION, Documents.TAXI_REJECTS);
        List<String> absent = new ArrayList<>(), without = new ArrayList<>();
        for (String alias : aliases) {
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
            server.json("PUT", "/_index_template/" + prefix + alias, template(prefix, alias, meta), 0);
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
