package cost

import "taxistream/infra/config"

// priceStream: shards by the hour and PUT units, or data in and out on demand;
// retention beyond the first day; the key and its requests.
func priceStream(c *config.Config, b *bill) {
	if c.Stream.Shards == 0 {
		priceOnDemand(c, b)
	} else {
		priceShards(c, b)
	}
	b.monthly(KeyMonth, 1, "the stream's")
	// Kinesis fetches a data key about every five minutes: once a shard for writing, once for each reader.
	b.hourly(KeyRequest, float64(shardsOf(c)*(1+consumers(c)))*12, "Kinesis, every 5 minutes")
}

func priceShards(c *config.Config, b *bill) {
	shards := float64(c.Stream.Shards)
	b.hourly(ShardHour, shards, "")
	b.replay(PutUnit, b.flow.units, "")
	if c.Stream.RetentionHours > 24 {
		b.hourly(ExtendedShardHour, shards, "")
	}
	if beyond := c.Stream.RetentionHours - 7*24; beyond > 0 {
		b.replay(LongRetention, b.flow.bytes*float64(beyond)/month, "")
	}
}

func priceOnDemand(c *config.Config, b *bill) {
	b.hourly(OnDemandStreamHour, 1, "")
	b.replay(OnDemandIn, b.flow.rounded, "")
	b.replay(OnDemandOut, b.flow.rounded*float64(consumers(c)), "")
	if beyond := min(c.Stream.RetentionHours, 7*24) - 24; beyond > 0 {
		b.replay(OnDemandExtended, b.flow.rounded*float64(beyond)/month, "")
	}
	if beyond := c.Stream.RetentionHours - 7*24; beyond > 0 {
		b.replay(LongRetention, b.flow.rounded*float64(beyond)/month, "")
	}
}

// consumers is how many read the whole stream: the processor and the archive.
func consumers(c *config.Config) int {
	if c.Archive.On {
		return 2
	}
	return 1
}
