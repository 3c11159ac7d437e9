-- Code generated from infra/queries by make generate. DO NOT EDIT.
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
points AS (SELECT slot / 6 AS hour, airport, ms, cos(radians(lat)) * cos(radians(lon)) AS x, cos(radians(lat)) * sin(radians(lon)) AS y, sin(radians(lat)) AS z FROM trips WHERE airport IS NOT NULL),
places AS (
  SELECT hour, airport, ms,
    (6.90294149427052434e+03 * x + 9.53721335169745362e+03 * y + 4.40920578873734758e+03 * z) / (0.1092625278784797e0 * x + -0.4811951572873210e0 * y + 0.8697775121287253e0 * z) AS u,
    (-1.24728073001823614e+04 * x + 1.38127699705282794e+01 * y + 1.57449126274368928e+03 * z) / (0.1092625278784797e0 * x + -0.4811951572873210e0 * y + 0.8697775121287253e0 * z) AS w
  FROM points
),
lattice AS (SELECT hour, airport, ms, CAST(floor((floor(u) + floor(u + w) + 2) / 3) AS bigint) AS i, CAST(floor((floor(u + w) + floor(w) + 2) / 3) AS bigint) AS j FROM places),
spots AS (
  SELECT hour, airport, i, j, count(*) AS n, sum(ms) AS total, min(ms) AS least, max(ms) AS most
  FROM lattice GROUP BY hour, airport, i, j
),
level8 AS (SELECT hour, airport, n, total, least, most, i, j, 613228421138350079 AS cell FROM spots),
level7 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(2097152 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level8) AS step8),
level6 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(16777216 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level7) AS step7),
level5 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(134217728 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level6) AS step6),
level4 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(1073741824 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level5) AS step5),
level3 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(8589934592 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level4) AS step4),
level2 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(68719476736 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level3) AS step3),
level1 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(549755813888 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level2) AS step2),
level0 AS (SELECT hour, airport, n, total, least, most, a AS i, b AS j,
  cell + CAST(4398046511104 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT hour, airport, n, total, least, most, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level1) AS step1),
cells AS (SELECT hour, airport, n, total, least, most, to_base(cell, 16) AS cell FROM level0)
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
