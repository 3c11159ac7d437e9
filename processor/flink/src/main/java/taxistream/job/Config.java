package taxistream.job;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import taxistream.domain.EventTime;
import taxistream.domain.Rules;
import taxistream.domain.Times;
import taxistream.kinesis.KinesisSource;
import taxistream.kinesis.StreamClient;
import taxistream.search.DocumentSink;
import taxistream.search.OpenSearch;

/**
 * What the command line says, or the property groups of a managed application. Mirrors processor/app/config.go.
 *
 * @param search null where no documents are written
 * @param position TRIM_HORIZON, or a time in ms
 * @param consumer name of the consumer for enhanced fan-out, empty: shards are polled
 * @param kafkaBrokers empty: Kinesis is read
 * @param identity set by {@link Prepare}: what a checkpoint must name
 * @param source set by {@link Prepare}
 */
public record Config(StreamClient stream, OpenSearch search, String indexPrefix, Duration flushInterval, String checkpointDir,
        Duration checkpointInterval, String fromSavepoint, boolean allowFreshStart, int parallelism, long position, String consumer,
        EventTime eventTime, Duration idleTimeout, Rules rules, int hotspotResolution, int airportResolution, int hotspotMin,
        String kafkaBrokers, String topic, Input source) {

    public static Flags flags() {
        Flags f = new Flags();
        f.add("stream", "name", "taxi-trip-events", "name of the Kinesis stream, or its ARN");
        f.add("region", "region", "", "AWS region; by default the AWS configuration's");
        f.add("endpoint", "URL", "", "URL of Kinesis, for a server that is not AWS");
        f.add("kafka-brokers", "hosts", "", "host:port of Kafka brokers, to read a topic instead of a stream");
        f.add("topic", "name", "", "Kafka topic to read");
        f.add("opensearch-endpoint", "URL", "", "URL of OpenSearch, where results go (needed)", "es-endpoint");
        f.add("sign", "service", "", "sign requests to OpenSearch for the AWS service es or aoss; by default by the endpoint's name");
        f.add("index-prefix", "text", "", "text before every index name", "es-index");
        f.add("flush-interval", "time", "200ms", "a document waits at most this time for its batch");
        f.add("checkpoint-dir", "folder", "./checkpoints", "folder of the checkpoints", "checkpoint");
        f.add("checkpoint-interval", "time", "5s", "time between checkpoints");
        f.add("from-savepoint", "folder", "", "folder of a savepoint to start from, instead of the newest checkpoint");
        f.add("allow-fresh-start", "", "false", "checkpoints are there but none is whole: start anew instead of failing");
        f.add("parallelism", "number", String.valueOf(Runtime.getRuntime().availableProcessors()), "number of parallel subtasks", "p");
        f.add("position", "where", "TRIM_HORIZON", "where to start without a checkpoint: TRIM_HORIZON, LATEST or AT_TIMESTAMP=time");
        f.add("consumer", "how", "polling", "how to read: polling, or fan-out (enhanced fan-out)");
        f.add("consumer-name", "name", "processor", "name of the consumer of -consumer fan-out, registered where it is not there");
        f.add("event-time", "source", "producer", "source of event time: producer (watermark records), arrival, bounded=10s or none");
        f.add("noeventtime", "", "false", "the same as -event-time none");
        f.add("idle-timeout", "time", "0s", "time after which a shard without records, while others move, holds no window back; 0: never");
        f.add("max-ahead", "time", "87600h", "time that a trip or a watermark may be ahead of its record's arrival; 0: any");
        f.add("max-duration", "time", "6h", "longest time a trip may take");
        f.add("allowed-lateness", "time", "0s", "time that a window still takes trips after its end");
        f.add("hotspot-window", "time", "10m", "length of the windows of the pickup counts");
        f.add("hotspot-resolution", "resolution", "9", "H3 resolution of the pickup counts");
        f.add("hotspot-min", "count", "2", "least count that is written");
        f.add("airport-window", "time", "1h", "length of the windows of the airport trips");
        f.add("airport-resolution", "resolution", "8", "H3 resolution of the airport trips");
        f.add("log-level", "level", "", "debug, info, warn or error (default info)");
        f.add("log-format", "format", "", "text or json (default text on a terminal, else json)");
        f.add("quiet", "", "false", "log errors only");
        return f;
    }

    public static Config of(Flags f) throws Flags.Usage {
        boolean documents = f.has("opensearch-endpoint");
        if (documents && !f.given("opensearch-endpoint")) {
            throw new Flags.Usage("flag -opensearch-endpoint is needed");
        }
        boolean kafka = !f.text("kafka-brokers").isEmpty();
        if (kafka == f.text("topic").isEmpty() || kafka && f.given("stream")) {
            throw new Flags.Usage("-kafka-brokers and -topic belong together, and stand instead of -stream");
        }
        Rules rules = new Rules(f.duration("max-duration"), f.duration("max-ahead"), f.duration("allowed-lateness"),
                window(f, "hotspot-window"), window(f, "airport-window"));
        String endpoint = f.text("endpoint"), consumer = oneOf(f, "consumer", "polling", "fan-out").equals("polling") ? "" : f.text("consumer-name");
        if (f.text("consumer").equals("fan-out") && !consumer.matches(StreamClient.NAME)) {
            throw f.wrong("consumer-name", "a name has 1 to 128 letters, digits and _ . -");
        }
        if (!List.of("", "debug", "info", "warn", "error").contains(f.text("log-level").toLowerCase(Locale.ROOT))) {
            throw f.wrong("log-level", "choose debug, info, warn or error");
        }
        if (!List.of("", "text", "json").contains(f.text("log-format"))) {
            throw f.wrong("log-format", "choose text or json");
        }
        try {
            StreamClient.check(f.text("stream"), f.text("region"));
            String region = StreamClient.region(f.text("stream"), f.text("region"), kafka ? "none" : endpoint);
            String sign = f.text("sign").isEmpty() ? "" : oneOf(f, "sign", "es", "aoss");
            return new Config(new StreamClient(f.text("stream"), region, endpoint),
                    documents ? OpenSearch.of(f.text("opensearch-endpoint"), sign, region) : null,
                    prefix(f), f.duration("flush-interval"), f.text("checkpoint-dir"), interval(f), f.text("from-savepoint"),
                    f.on("allow-fresh-start"), f.number("parallelism", 1, TaxiJob.MAX_PARALLELISM), position(f),
                    consumer, eventTime(f), f.duration("idle-timeout"), rules, f.number("hotspot-resolution", 0, 15), f.number("airport-resolution", 0, 15),
                    f.number("hotspot-min", 1, Integer.MAX_VALUE), f.text("kafka-brokers"), f.text("topic"),
                    null);
        } catch (IllegalArgumentException e) {
            throw new Flags.Usage(e.getMessage());
        }
    }

    private static String oneOf(Flags f, String name, String... words) throws Flags.Usage {
        for (String w : words) {
            if (w.equals(f.text(name))) {
                return w;
            }
        }
        throw f.wrong(name, "choose " + String.join(" or ", words));
    }

    private static Duration window(Flags f, String name) throws Flags.Usage {
        if (f.duration(name).toMillis() < 1) {
            throw f.wrong(name, "choose 1ms or more");
        }
        return f.duration(name);
    }

    private static Duration interval(Flags f) throws Flags.Usage {
        if (f.duration("checkpoint-interval").toMillis() < 10) {
            throw f.wrong("checkpoint-interval", "choose 10ms or more");
        }
        return f.duration("checkpoint-interval");
    }

    private static String prefix(Flags f) throws Flags.Usage {
        String p = f.text("index-prefix");
        if (!p.toLowerCase(Locale.ROOT).equals(p)) {
            throw f.wrong("index-prefix", "write it in lower case");
        }
        if (!p.matches("([^-_+.\\\\/*?\"<>| ,#:\\t\\n\\r][^\\\\/*?\"<>| ,#:\\t\\n\\r]*)?") || p.getBytes(StandardCharsets.UTF_8).length > 200) {
            throw f.wrong("index-prefix", "begin with a letter or a digit, leave out blanks and each of \\ / * ? \" < > | , # :, in 200 bytes at most");
        }
        return p;
    }

    private static long position(Flags f) throws Flags.Usage {
        String p = f.text("position");
        try {
            return switch (p) {
                case "TRIM_HORIZON" -> KinesisSource.TRIM_HORIZON;
                case "LATEST" -> System.currentTimeMillis();
                default -> {
                    if (!p.startsWith("AT_TIMESTAMP=")) {
                        throw f.wrong("position", "choose TRIM_HORIZON, LATEST or AT_TIMESTAMP=2016-01-05T12:00:00Z");
                    }
                    yield Times.parse(p.substring("AT_TIMESTAMP=".length()));
                }
            };
        } catch (IllegalArgumentException e) {
            throw f.wrong("position", e.getMessage());
        }
    }

    private static EventTime eventTime(Flags f) throws Flags.Usage {
        String how = f.on("noeventtime") ? "none" : f.text("event-time");
        if (how.startsWith("bounded=")) {
            return new EventTime(EventTime.Mode.BOUNDED, f.duration("event-time", how.substring("bounded=".length())).toMillis());
        }
        return switch (how) {
            case "producer" -> new EventTime(EventTime.Mode.PRODUCER, 0);
            case "arrival" -> new EventTime(EventTime.Mode.ARRIVAL, 0);
            case "none" -> new EventTime(EventTime.Mode.NONE, 0);
            default -> throw f.wrong("event-time", "choose producer, arrival, bounded=10s or none");
        };
    }

    /** The rules that an index set belongs to, as its templates hold them. Mirrors meta in processor/app/processor.go. */
    Map<String, String> meta() {
        return meta(eventTime, rules, hotspotResolution, hotspotMin, airportResolution);
    }

    static Map<String, String> meta(EventTime eventTime, Rules rules, int hotspotResolution, int hotspotMin, int airportResolution) {
        String mode = eventTime.mode().name().toLowerCase(Locale.ROOT);
        boolean bounded = eventTime.mode() == EventTime.Mode.BOUNDED;
        return new TreeMap<>(Map.of(
                "event_time", bounded ? mode + "=" + Flags.format(Duration.ofMillis(eventTime.boundMs())) : mode,
                "max_ahead", Flags.format(rules.maxAhead()), "max_duration", Flags.format(rules.maxDuration()),
                "allowed_lateness", Flags.format(rules.allowedLateness()),
                "hotspot_window", Flags.format(rules.hotspotWindow()), "hotspot_resolution", String.valueOf(hotspotResolution),
                "hotspot_min", String.valueOf(hotspotMin),
                "airport_window", Flags.format(rules.airportWindow()), "airport_resolution", String.valueOf(airportResolution)));
    }

    /** The values of rules that an older template does not name. */
    static Map<String, String> defaults() {
        Rules rules = new Rules(Duration.ofHours(6), Duration.ofHours(87600), Duration.ZERO, Duration.ofMinutes(10), Duration.ofHours(1));
        return meta(new EventTime(EventTime.Mode.PRODUCER, 0), rules, 9, 2, 8);
    }

    DocumentSink sink() {
        return new DocumentSink(search, indexPrefix, Math.max(flushInterval.toMillis(), 1));
    }

    public Config with(Input source) {
        return new Config(stream, search, indexPrefix, flushInterval, checkpointDir, checkpointInterval, fromSavepoint, allowFreshStart,
                parallelism, position, consumer, eventTime, idleTimeout, rules, hotspotResolution, airportResolution, hotspotMin, kafkaBrokers,
                topic, source);
    }
}
