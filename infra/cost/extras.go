package cost

import "taxistream/infra/config"

// What the extras are taken to do.
const (
	taxisOfNewYork  = 13_000 // yellow taxis, which make tripsPerDay
	buildMinutes    = 45     // of a run of the pipeline: tests, image, deployment
	pipelineMinutes = 50     // of its actions, the source's included
	trailBytes      = 150    // of an event, compressed
	scalingMetrics  = 4      // two alarms, each on bytes and records
)

// priceTelemetry: taxis stay connected, and each trip is a message, a rule that
// fires, an action, and a record of its own on the stream.
func priceTelemetry(c *config.Config, b *bill) {
	if !c.Telemetry.On {
		return
	}
	messages := float64(c.Assumed.Taxis) * tripsPerDay / taxisOfNewYork * daysMonth
	b.monthly(IoTMessage, messages, "")
	b.monthly(IoTRule, messages, "")
	b.monthly(IoTAction, messages, "")
	b.monthly(IoTConnection, float64(c.Assumed.Taxis)*month*60, "")
	if c.Stream.Shards > 0 {
		b.monthly(PutUnit, messages, "")
	} else {
		b.monthly(OnDemandIn, messages*kilobyte, "")
	}
}

// priceTrail: an event for each call on the objects of the buckets and each
// PutRecords, not for GetRecords; the files for as long as they are kept.
func priceTrail(c *config.Config, b *bill) {
	if !c.Trail.On {
		return
	}
	// A checkpoint's files are put once and deleted once; of the lease only renewals.
	checkpoints := (2*checkpointFiles + 1) / checkpointInterval(c.Processor.Flags)
	const puts = 2 / watermarkInterval // trips and watermarks go in calls of their own
	b.hourly(TrailEvent, hour/leaseSeconds, "the checkpoints' lease")
	b.replay(TrailEvent, checkpoints, "checkpoints")
	b.replay(TrailEvent, puts, "PutRecords")
	b.monthly(KeyMonth, 1, "the trail's")
	kept := float64(c.Trail.KeepDays) * 24
	b.monthly(ObjectMonth, trailBytes*hour/leaseSeconds*kept, "the trail's files")
	b.add(ObjectMonth, trailBytes*(checkpoints+puts)*hour*b.hours*kept/month, "the trail's files", true)
}

// pricePipeline: a run builds once, for all that it takes.
func pricePipeline(c *config.Config, b *bill) {
	if !c.Pipeline.On {
		return
	}
	runs := float64(c.Assumed.Deployments)
	b.monthly(PipelineMinute, runs*pipelineMinutes, "")
	b.monthly(BuildMinute, runs*buildMinutes, "")
	b.monthly(KeyMonth, 1, "the artifacts'")
}

// priceScaling: two alarms; the function runs a few times a day.
func priceScaling(c *config.Config, b *bill) {
	if !c.Scaling.On {
		return
	}
	b.monthly(AlarmMonth, scalingMetrics, "load up, load down")
}

// priceRoom: the load balancer and its addresses; whoever looks at the control room
// uses a hundredth of a capacity unit.
func priceRoom(c *config.Config, b *bill) {
	if !c.Room.On {
		return
	}
	b.hourly(BalancerHour, 1, "")
	b.hourly(BalancerUnit, 0.01, "")
	if !c.Room.Internal {
		b.hourly(PublicAddressHour, float64(zonesOf(c)), "the load balancer's")
	}
}

// priceFanOut: a registered consumer costs by shard and hour, whether or not it
// reads; on demand it costs nothing until it does.
func priceFanOut(c *config.Config, b *bill) {
	if !c.FanOut.On {
		return
	}
	b.hourly(FanOutHour, float64(c.Stream.Shards), "")
}
