-- Code generated from infra/queries by make generate. DO NOT EDIT.
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
points AS (SELECT slot, cos(radians(lat)) * cos(radians(lon)) AS x, cos(radians(lat)) * sin(radians(lon)) AS y, sin(radians(lat)) AS z FROM trips),
places AS (
  SELECT slot,
    (8.23601718262921531e+03 * x + 2.86254528250628900e+04 * y + 1.48021086289557315e+04 * z) / (0.1092625278784797e0 * x + -0.4811951572873210e0 * y + 0.8697775121287253e0 * z) AS u,
    (-3.18485560946352489e+04 * x + -9.50958781175639888e+03 * y + -1.26022326324996720e+03 * z) / (0.1092625278784797e0 * x + -0.4811951572873210e0 * y + 0.8697775121287253e0 * z) AS w
  FROM points
),
lattice AS (SELECT slot, CAST(floor((floor(u) + floor(u + w) + 2) / 3) AS bigint) AS i, CAST(floor((floor(u + w) + floor(w) + 2) / 3) AS bigint) AS j FROM places),
spots AS (SELECT slot, i, j, count(*) AS pickup_count FROM lattice GROUP BY slot, i, j HAVING count(*) >= 2),
level9 AS (SELECT slot, pickup_count, i, j, 617732020763885567 AS cell FROM spots),
level8 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(262144 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level9) AS step9),
level7 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(2097152 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level8) AS step8),
level6 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(16777216 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level7) AS step7),
level5 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(134217728 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level6) AS step6),
level4 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(1073741824 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level5) AS step5),
level3 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(8589934592 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level4) AS step4),
level2 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(68719476736 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level3) AS step3),
level1 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(549755813888 AS bigint) * CASE 3*(i - 3*a + b) + j - a - 2*b WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i) / 7e0) AS bigint) AS b FROM level2) AS step2),
level0 AS (SELECT slot, pickup_count, a AS i, b AS j,
  cell + CAST(4398046511104 AS bigint) * CASE 3*(i - 2*a - b) + j - 3*b + a WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell
  FROM (SELECT slot, pickup_count, i, j, cell, CAST(round((3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j) / 7e0) AS bigint) AS b FROM level1) AS step1),
cells AS (SELECT slot, pickup_count, to_base(cell, 16) AS cell FROM level0)
SELECT
  CAST(600000 * slot AS varchar) || '-600000-' || cell AS _id,
  from_unixtime(600 * slot) AS window_start,
  cell,
  pickup_count
FROM cells
ORDER BY window_start, pickup_count DESC, cell
