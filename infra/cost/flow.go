package cost

import (
	"math"

	"taxistream/infra/config"
)

// What the programs were measured to do on a generated New York day; a test
// holds tripBytes against internal/kinesis, the rest is from `localstack demo`.
const (
	tripsPerDay       = 441_000
	tripBytes         = 290      // a trip in an aggregate, with its key
	eventBytes        = 255      // a trip as JSON, its newline included
	zippedBytes       = 38       // of a generated trip among others in an object of the archive
	aggregateBytes    = 48 << 10 // the producer's aggregate
	watermarkInterval = 0.2      // seconds between watermarks, the producer's default
	documentsPerDay   = 46_300   // hotspots, airport trips and rejects
	documentBytes     = 750      // of one in a bulk request, its action line included
	checkpointBytes   = 64 << 10
	checkpointFiles   = 5 // four states and the manifest
	leaseSeconds      = 5 // between two renewals of the lease; one more precedes each manifest
)

const (
	kilobyte  = 1 << 10
	gigabyte  = 1 << 30
	month     = 730.0 // hours
	hour      = 3600.0
	putUnit   = 25 * kilobyte
	onDemand  = 4 // shards that an on-demand stream starts with
	daysMonth = month / 24
)

// A flow is what a replay makes of the stream, a second.
type flow struct {
	trips      float64
	days       float64 // days of New York
	bytes      float64
	records    float64 // Kinesis records: aggregates and watermarks
	units      float64 // PUT payload units
	rounded    float64 // bytes with each record rounded up to 1 KB, as on demand
	rounded5   float64 // bytes with each record rounded up to 5 KB, as Firehose
	documents  float64
	watermarks float64
}

// flowOf computes the flow: every watermark interval each shard gets its part of
// the trips in full aggregates and the rest of one, and a watermark.
func flowOf(c *config.Config) flow {
	shards := float64(shardsOf(c))
	f := flow{trips: tripsPerSecond(c)}
	f.days = f.trips / tripsPerDay
	f.bytes = f.trips * tripBytes
	f.documents = f.days * documentsPerDay
	f.watermarks = shards / watermarkInterval

	part := f.bytes / shards * watermarkInterval
	full, rest := math.Floor(part/aggregateBytes), math.Mod(part, aggregateBytes)
	// Below one trip an interval most intervals send nothing, the others one trip.
	one := math.Min(1, rest/tripBytes)
	rest = math.Max(rest, tripBytes)
	count := func(size float64) float64 {
		return (full*math.Ceil(aggregateBytes/size) + one*math.Ceil(rest/size)) * shards / watermarkInterval
	}
	f.records = (full+one)*shards/watermarkInterval + f.watermarks
	f.units = count(putUnit) + f.watermarks
	f.rounded = (count(kilobyte) + f.watermarks) * kilobyte
	f.rounded5 = (count(5*kilobyte) + f.watermarks) * 5 * kilobyte
	return f
}

// tripsPerSecond is what a replay asks for, and no more than what the producer's
// size and the shards take.
func tripsPerSecond(c *config.Config) float64 {
	size, _ := config.TaskSize("producer.size", c.Producer.Size)
	most := 2 * float64(size.Events)
	if c.Stream.Shards > 0 {
		most = math.Min(most, float64(c.Stream.Shards<<20)/tripBytes)
	}
	if c.Producer.Speedup == 0 {
		return most
	}
	return math.Min(most, tripsPerDay*c.Producer.Speedup/(24*hour))
}

func shardsOf(c *config.Config) int {
	if c.Stream.Shards > 0 {
		return c.Stream.Shards
	}
	return onDemand
}
