package cost

import "taxistream/infra/config"

const (
	unitBytes      = 50 << 30 // running storage of a KPU
	snapshotsBytes = 2 << 30  // of all snapshots and checkpoints of the application, about
	flinkLogBytes  = 3000     // bytes a minute of a job's log
)

// priceFlink: the units that the job begins with, around the clock, and the one that holds
// it together; their storage, the snapshots, the log; the network's endpoints, which the
// producer needs as well. The service's own metrics cost nothing. What the job scales itself
// to is not foreseen.
func priceFlink(c *config.Config, b *bill) {
	units := float64(c.Processor.KPUs)
	b.hourly(UnitHour, units, "the job")
	b.hourly(UnitHour, 1, "the application's own")
	b.monthly(UnitMonth, units*unitBytes, "")
	b.monthly(BackupMonth, snapshotsBytes, "snapshots, about")
	if !c.Search.VPC {
		priceNetwork(c, b)
	}
	b.logs(flinkLogBytes/60.0, c.Processor.LogDays, month, "the job's")
	if c.Processor.Insights {
		b.monthly(MetricMonth, insightsFigures, "Container Insights, about")
	}
	if c.Image == "" {
		b.monthly(ImageMonth, imageBytes*keptImages, "the producer's")
	}
}
