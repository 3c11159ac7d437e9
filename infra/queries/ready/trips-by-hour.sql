-- Code generated from infra/queries by make generate. DO NOT EDIT.
-- Trips by hour of their dropoff, with what they cost and how long they took
--
-- Each trip once, however often the stream carried it. event_date is the UTC
-- day of the dropoff: choose the days here, so that no others are read.
WITH trips AS (
  SELECT DISTINCT trip_id, total_amount,
    to_unixtime(from_iso8601_timestamp(pickup_datetime)) AS started,
    to_unixtime(from_iso8601_timestamp(dropoff_datetime)) AS ended
  FROM events
  WHERE type = 'trip' AND event_date BETWEEN '2016-01-05' AND '2016-01-06'
)
SELECT
  from_unixtime(3600 * floor(ended / 3600)) AS hour,
  count(*) AS trips,
  avg(total_amount) AS avg_amount,
  avg(ended - started) / 60 AS avg_minutes
FROM trips
WHERE ended >= started
GROUP BY floor(ended / 3600)
ORDER BY hour
