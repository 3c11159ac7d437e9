-- The batch twin of the hotspots: pickups by ten minutes and H3 cell, under the ids of the live documents
--
-- One row for each document of pickup_count, by the processor's default rules
-- (windows of 10 minutes, resolution 9, 2 pickups or more). Compare by _id:
-- pickup_count is the same in both, and neither has an id that the other lacks,
-- for days that the stream carried whole while Firehose and processor ran. What
-- can differ: a trip that came too late or too early counts here and not there
-- (taxi_rejects lists it, reason late or too_early); of a trip sent twice with different places, the first
-- counts there and any here; a pickup within 1e-10 of a cell's width of a border.
--
-- event_date is the UTC day of the dropoff. Windows do not cross it.
WITH judged AS (
  SELECT trip_id, pickup_lat, pickup_lon,
    CAST(round(1000 * to_unixtime(from_iso8601_timestamp(pickup_datetime))) AS bigint) AS started,
    CAST(round(1000 * to_unixtime(from_iso8601_timestamp(dropoff_datetime))) AS bigint) AS ended
  FROM events
  WHERE type = 'trip' AND event_date BETWEEN '2016-01-05' AND '2016-01-06'
    AND pickup_lat BETWEEN 40.560 AND 40.878 AND pickup_lon BETWEEN -74.054 AND -73.722
    AND dropoff_lat BETWEEN 40.560 AND 40.878 AND dropoff_lon BETWEEN -74.054 AND -73.722
),
trips AS (
  SELECT ended / 600000 AS slot, min(pickup_lat) AS lat, min(pickup_lon) AS lon
  FROM judged
  WHERE ended - started BETWEEN 0 AND 21600000
  GROUP BY trip_id, ended / 600000
),
points AS (SELECT slot, {vector} FROM trips),
places AS (
  SELECT slot,
    {projected}
  FROM points
),
lattice AS (SELECT slot, {place} FROM places),
spots AS (SELECT slot, i, j, count(*) AS pickup_count FROM lattice GROUP BY slot, i, j HAVING count(*) >= 2),
{steps}
SELECT
  CAST(600000 * slot AS varchar) || '-600000-' || cell AS _id,
  from_unixtime(600 * slot) AS window_start,
  cell,
  pickup_count
FROM cells
ORDER BY window_start, pickup_count DESC, cell
