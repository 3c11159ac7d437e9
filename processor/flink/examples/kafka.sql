-- The documents of both questions as Kafka topics, and a stream of long trips beside them. A Kafka topic is read and written alike;
-- the topics are made by the broker where it may, else by kafka-topics.sh.
CREATE TABLE hotspots (
  id STRING, cell STRING, pickup_count BIGINT, window_start TIMESTAMP_LTZ(3)
) WITH (
  'connector' = 'kafka', 'topic' = 'hotspots', 'properties.bootstrap.servers' = '127.0.0.1:9092',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

-- Compacted by id: a window that fires again, with -allowed-lateness, replaces its row.
CREATE TABLE airports (
  id STRING, cell STRING, airport_code STRING, trip_count BIGINT, avg_trip_duration DOUBLE, window_start TIMESTAMP_LTZ(3),
  PRIMARY KEY (id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = 'airports', 'properties.bootstrap.servers' = '127.0.0.1:9092',
  'key.format' = 'json', 'value.format' = 'json', 'value.json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO hotspots
SELECT id, cell, pickup_count, window_start FROM results WHERE name = 'pickup_count';

INSERT INTO airports
SELECT id, cell, airport_code, trip_count, avg_trip_duration, window_start FROM results WHERE name = 'trip_duration';
