package taxistream.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.types.Row;
import taxistream.domain.Decoder;
import taxistream.domain.Event;
import taxistream.domain.Geo;
import taxistream.domain.Times;
import taxistream.job.TaxiJob;
import taxistream.job.Trip;
import taxistream.search.Document;

/** The tables of the dataflow: trips, results and rejects. Times are instants; event_time carries the stream's watermark. */
final class Tables {
    private static final String TIME = "TIMESTAMP_LTZ(3)";

    private Tables() {}

    static void register(StreamTableEnvironment env, TaxiJob.Dataflow flow) {
        env.createTemporarySystemFunction("h3_cell", Cell.class);
        DataStream<Row> trips = flow.trips().map(new TripRow()).returns(Types.ROW_NAMED(
                new String[] {"trip_id", "pickup_lat", "pickup_lon", "dropoff_lat", "dropoff_lon", "total_amount", "pickup_datetime",
                    "dropoff_datetime", "duration_ms", "airport_code"},
                Types.LONG, Types.DOUBLE, Types.DOUBLE, Types.DOUBLE, Types.DOUBLE, Types.DOUBLE, Types.INSTANT, Types.INSTANT, Types.LONG, Types.STRING));
        env.createTemporaryView("trips", trips, timed(Schema.newBuilder()
                .column("trip_id", "BIGINT").column("pickup_lat", "DOUBLE").column("pickup_lon", "DOUBLE")
                .column("dropoff_lat", "DOUBLE").column("dropoff_lon", "DOUBLE").column("total_amount", "DOUBLE")
                .column("pickup_datetime", TIME).column("dropoff_datetime", TIME).column("duration_ms", "BIGINT").column("airport_code", "STRING")
                .columnByExpression("pickup_cell_8", "h3_cell(pickup_lat, pickup_lon, 8)")
                .columnByExpression("pickup_cell_9", "h3_cell(pickup_lat, pickup_lon, 9)")
                .columnByExpression("dropoff_cell_8", "h3_cell(dropoff_lat, dropoff_lon, 8)")
                .columnByExpression("dropoff_cell_9", "h3_cell(dropoff_lat, dropoff_lon, 9)")));
        DataStream<Row> results = flow.hotspots().union(flow.airports()).map(new ResultRow()).returns(Types.ROW_NAMED(
                new String[] {"name", "id", "cell", "airport_code", "pickup_count", "trip_count", "sum_trip_duration", "avg_trip_duration",
                    "min_trip_duration", "max_trip_duration", "window_start", "window_end"},
                Types.STRING, Types.STRING, Types.STRING, Types.STRING, Types.LONG, Types.LONG, Types.DOUBLE, Types.DOUBLE, Types.DOUBLE, Types.DOUBLE,
                Types.INSTANT, Types.INSTANT));
        env.createTemporaryView("results", results, timed(Schema.newBuilder()
                .column("name", "STRING").column("id", "STRING").column("cell", "STRING").column("airport_code", "STRING")
                .column("pickup_count", "BIGINT").column("trip_count", "BIGINT").column("sum_trip_duration", "DOUBLE")
                .column("avg_trip_duration", "DOUBLE").column("min_trip_duration", "DOUBLE").column("max_trip_duration", "DOUBLE")
                .column("window_start", TIME).column("window_end", TIME)));
        DataStream<Row> rejects = flow.rejects().map(new RejectRow()).returns(Types.ROW_NAMED(
                new String[] {"id", "reason", "detail", "record", "arrival"},
                Types.STRING, Types.STRING, Types.STRING, TypeInformation.of(byte[].class), Types.INSTANT));
        env.createTemporaryView("rejects", rejects, Schema.newBuilder().column("id", "STRING").column("reason", "STRING")
                .column("detail", "STRING").column("record", "BYTES").column("arrival", TIME).build());
    }

    private static Schema timed(Schema.Builder columns) {
        return columns.columnByMetadata("event_time", DataTypes.TIMESTAMP_LTZ(3), "rowtime").watermark("event_time", "SOURCE_WATERMARK()").build();
    }

    /** The H3 cell of a place at a resolution, as documents write it; NULL for what is no place. */
    public static final class Cell extends ScalarFunction {
        public String eval(Double lat, Double lon, Integer resolution) {
            if (lat == null || lon == null || resolution == null) {
                return null;
            }
            if (resolution < 0 || resolution > 15) {
                throw new IllegalArgumentException("h3_cell: resolution " + resolution + " is none of H3's; choose 0 to 15");
            }
            return Long.toHexString(Geo.cellAt(lat, lon, resolution));
        }
    }

    /** The fields of a trip, most of them read again from its record, which the dataflow carries for its rejects. */
    private static final class TripRow extends RichMapFunction<Trip, Row> {
        private transient Decoder decoder;

        @Override
        public Row map(Trip t) {
            if (decoder == null) {
                decoder = new Decoder();
            }
            Event e = new Event();
            e.data = t.data;
            decoder.decode(e);
            return Row.of(t.id, t.pickupLat, t.pickupLon, e.dropoffLat, e.dropoffLon, decoder.amount(), Instant.ofEpochMilli(e.pickup),
                    Instant.ofEpochMilli(e.dropoff), t.durationMs, t.airport == Geo.NONE ? null : Geo.code(t.airport));
        }
    }

    /** A document of either question; fields that the other one has are null. */
    private static final class ResultRow extends RichMapFunction<Document, Row> {
        private static final ObjectMapper JSON = new ObjectMapper();

        @Override
        public Row map(Document d) throws IOException {
            JsonNode n = JSON.readTree(d.source);
            String name = d.index.substring(0, d.index.lastIndexOf('-'));
            return Row.of(name, d.id, n.path("cell").asText(), n.path("airport_code").asText(null), count(n, "pickup_count"), count(n, "trip_count"),
                    minutes(n, "sum"), minutes(n, "avg"), minutes(n, "min"), minutes(n, "max"), time(n, "window_start"), time(n, "window_end"));
        }

        private static Long count(JsonNode n, String name) {
            return n.has(name) ? n.get(name).asLong() : null;
        }

        private static Double minutes(JsonNode n, String name) {
            return n.has(name + "_trip_duration") ? n.get(name + "_trip_duration").asDouble() : null;
        }
    }

    /** A record that does not count, and why. */
    private static final class RejectRow extends RichMapFunction<Document, Row> {
        @Override
        public Row map(Document d) throws IOException {
            JsonNode n = ResultRow.JSON.readTree(d.source);
            return Row.of(d.id, n.path("reason").asText(), n.path("detail").asText(), n.path("record").binaryValue(), time(n, "timestamp"));
        }
    }

    private static Instant time(JsonNode n, String name) {
        return Instant.ofEpochMilli(Times.parse(n.path(name).asText()));
    }
}
