-- The two questions, answered into files: a row a line, as JSON, under out/.
-- A file gets its name without a dot before it when the checkpoint is whole that holds its last row.
CREATE TABLE pickup_count (
  cell STRING, pickup_count BIGINT, window_start TIMESTAMP_LTZ(3), window_end TIMESTAMP_LTZ(3)
) WITH (
  'connector' = 'filesystem', 'path' = 'out/pickup_count', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601',
  'sink.rolling-policy.rollover-interval' = '10 s', 'sink.rolling-policy.check-interval' = '1 s'
);

CREATE TABLE trip_duration (
  cell STRING, airport_code STRING, trip_count BIGINT, sum_trip_duration DOUBLE, avg_trip_duration DOUBLE,
  min_trip_duration DOUBLE, max_trip_duration DOUBLE, window_start TIMESTAMP_LTZ(3), window_end TIMESTAMP_LTZ(3)
) WITH (
  'connector' = 'filesystem', 'path' = 'out/trip_duration', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601',
  'sink.rolling-policy.rollover-interval' = '10 s', 'sink.rolling-policy.check-interval' = '1 s'
);

-- Pickups by cell and ten minutes.
INSERT INTO pickup_count
SELECT pickup_cell_9, COUNT(*), CAST(window_start AS TIMESTAMP_LTZ(3)), CAST(window_end AS TIMESTAMP_LTZ(3))
FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(event_time), INTERVAL '10' MINUTES))
GROUP BY window_start, window_end, pickup_cell_9
HAVING COUNT(*) >= 2;

-- How long trips to the airports took, in minutes, by cell of the pickup and hour.
INSERT INTO trip_duration
SELECT pickup_cell_8, airport_code, COUNT(*), SUM(duration_ms) / 60e3, SUM(duration_ms) / (60e3 * COUNT(*)),
  MIN(duration_ms) / 60e3, MAX(duration_ms) / 60e3, CAST(window_start AS TIMESTAMP_LTZ(3)), CAST(window_end AS TIMESTAMP_LTZ(3))
FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(event_time), INTERVAL '1' HOUR))
WHERE airport_code IS NOT NULL
GROUP BY window_start, window_end, pickup_cell_8, airport_code;
