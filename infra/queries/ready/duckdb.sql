-- What DuckDB needs to run the saved queries, which are Athena's, as they stand: the archive as the table events, and the functions of
-- Athena that have another name or meaning there. Say first where the archive is, by default the folder events:
--   SET VARIABLE archive = 's3://BUCKET/events';
SET TimeZone = 'UTC';
SET integer_division = true; -- 7 / 2 is 3, as in Athena
CREATE OR REPLACE TEMP MACRO from_iso8601_timestamp(instant) AS CAST(instant AS TIMESTAMPTZ);
CREATE OR REPLACE TEMP MACRO to_unixtime(instant) AS epoch(instant);
CREATE OR REPLACE TEMP MACRO from_unixtime(seconds) AS to_timestamp(seconds);
CREATE OR REPLACE TEMP MACRO to_base(number, radix) AS lower(to_hex(number)); -- of the queries, radix is 16
CREATE OR REPLACE TEMP VIEW events AS SELECT * FROM read_ndjson(
  coalesce(getvariable('archive'), 'events') || '/event_date=*/*.json.gz', hive_partitioning = true, hive_types = {'event_date': DATE},
  columns = {
    type: 'VARCHAR', trip_id: 'BIGINT', pickup_lat: 'DOUBLE', pickup_lon: 'DOUBLE', dropoff_lat: 'DOUBLE', dropoff_lon: 'DOUBLE',
    total_amount: 'DOUBLE', pickup_datetime: 'VARCHAR', dropoff_datetime: 'VARCHAR', watermark: 'VARCHAR'
  });
