-- The batch twin of the airport trips: durations by hour, H3 cell and airport, under the ids of the live documents
--
-- One row for each document of trip_duration, by the processor's default rules
-- (windows of an hour, resolution 8); minutes. What compares with what, and what
-- can differ, is as in the hotspots' query.
WITH judged AS (
  SELECT trip_id, pickup_lat, pickup_lon,
    CASE
      WHEN dropoff_lat BETWEEN 40.632 AND 40.654 AND dropoff_lon BETWEEN -73.800 AND -73.761 THEN 'JFK'
      WHEN dropoff_lat BETWEEN 40.766 AND 40.778 AND dropoff_lon BETWEEN -73.881 AND -73.859 THEN 'LGA'
    END AS airport,
    CAST(round(1000 * to_unixtime(from_iso8601_timestamp(pickup_datetime))) AS bigint) AS started,
    CAST(round(1000 * to_unixtime(from_iso8601_timestamp(dropoff_datetime))) AS bigint) AS ended
  FROM events
  WHERE type = 'trip' AND event_date BETWEEN '2016-01-05' AND '2016-01-06'
    AND pickup_lat BETWEEN 40.560 AND 40.878 AND pickup_lon BETWEEN -74.054 AND -73.722
    AND dropoff_lat BETWEEN 40.560 AND 40.878 AND dropoff_lon BETWEEN -74.054 AND -73.722
),
trips AS (
  SELECT ended / 600000 AS slot, min(ended - started) AS ms, min(airport) AS airport, min(pickup_lat) AS lat, min(pickup_lon) AS lon
  FROM judged
  WHERE ended - started BETWEEN 0 AND 21600000
  GROUP BY trip_id, ended / 600000
),
points AS (SELECT slot / 6 AS hour, airport, ms, {vector} FROM trips WHERE airport IS NOT NULL),
places AS (
  SELECT hour, airport, ms,
    {projected}
  FROM points
),
lattice AS (SELECT hour, airport, ms, {place} FROM places),
spots AS (
  SELECT hour, airport, i, j, count(*) AS n, sum(ms) AS total, min(ms) AS least, max(ms) AS most
  FROM lattice GROUP BY hour, airport, i, j
),
{steps}
SELECT
  CAST(3600000 * hour AS varchar) || '-3600000-' || cell || '-' || airport AS _id,
  from_unixtime(3600 * hour) AS window_start,
  airport AS airport_code,
  cell,
  n AS trip_count,
  total / 60e3 AS sum_trip_duration,
  total / (60e3 * n) AS avg_trip_duration,
  least / 60e3 AS min_trip_duration,
  most / 60e3 AS max_trip_duration
FROM cells
ORDER BY window_start, airport_code, trip_count DESC, cell
