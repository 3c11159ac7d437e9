package cost

import (
	"math"
	"strings"
	"time"

	"taxistream/infra/config"
)

// What the programs write to their logs, and how often they touch S3.
const (
	processorFigures = 31 // metrics of -emf; rejects once in all and once for each reason
	producerFigures  = 11
	figureLine       = 4500 // bytes a minute of the processor's -emf
	logBytes         = 1500 // bytes a minute of everything else a program logs
	insightsFigures  = 40   // metrics of Container Insights for a cluster, a service and its task
	flowLogBytes     = 150  // of a connection's line; the tasks keep some 40 connections, written every 10 minutes
	flowLogLines     = 40.0 / 600
	imageBytes       = 60 << 20
	keptImages       = 5
)

// priceProcessor: the task around the clock, its address or endpoints, its
// checkpoints every few seconds, its logs and its figures; or Flink in its place.
func priceProcessor(c *config.Config, b *bill) {
	if c.Processor.Edition == config.EditionFlink {
		priceFlink(c, b)
		return
	}
	size, _ := config.TaskSize("processor.size", c.Processor.Size)
	b.fargate(c.CPU, size, month, false, "the processor")
	if c.Network.Mode == config.NetworkPublic {
		b.hourly(PublicAddressHour, 1, "the processor")
	}
	if !c.Search.VPC {
		priceNetwork(c, b)
	}
	priceRoom(c, b)
	priceCheckpoints(c, b)
	b.logs((figureLine+logBytes)/60.0, c.Processor.LogDays, month, "the processor's")
	b.monthly(MetricMonth, processorFigures, "the processor's")
	if c.Processor.Insights {
		b.monthly(MetricMonth, insightsFigures, "Container Insights, about")
	}
	if c.Image == "" {
		b.monthly(ImageMonth, imageBytes*keptImages, "")
	}
}

// priceProducer: the task and its figures in the hours of replay.
func priceProducer(c *config.Config, b *bill) {
	size, _ := config.TaskSize("producer.size", c.Producer.Size)
	b.fargate(c.CPU, size, b.hours, true, "the producer")
	if c.Network.Mode == config.NetworkPublic {
		b.add(PublicAddressHour, b.hours, "the producer", true)
	}
	// A metric costs by the hour in which it is written.
	b.add(MetricMonth, producerFigures*b.hours/month, "the producer's", true)
	b.logs((figureLine+logBytes)/60.0, c.Processor.LogDays, b.hours, "the producer's")
}

// checkpointInterval is that of the processor's further flags or its default, in seconds.
func checkpointInterval(flags string) float64 {
	const name, standard = "checkpoint-interval", 5
	words := strings.Fields(strings.ReplaceAll(flags, "=", " "))
	for i, word := range words {
		if strings.TrimLeft(word, "-") != name || i+1 == len(words) {
			continue
		}
		if d, err := time.ParseDuration(words[i+1]); err == nil && d > 0 {
			return d.Seconds()
		}
	}
	return standard
}

// fargate adds a task's vCPU and memory for some hours a month.
func (b *bill) fargate(architecture string, size config.Size, hours float64, replay bool, note string) {
	cpu, memory := CPUHourX86, MemoryHourX86
	if architecture == "arm64" {
		cpu, memory = CPUHourARM, MemoryHourARM
	}
	b.add(cpu, size.VCPU*hours, note, replay)
	b.add(memory, float64(size.MemoryMiB)/1024*hours, note, replay)
}

// logs adds bytes/s of logs in some hours a month, and what is kept of them.
func (b *bill) logs(rate float64, days int, hours float64, note string) {
	replay := hours != month
	written := rate * hour * hours
	b.add(LogIn, written, note, replay)
	b.add(LogMonth, written*float64(days)/daysMonth, note, replay)
}

// priceSharedNetwork: a domain inside the VPC has the network in a stack of its own.
func priceSharedNetwork(c *config.Config, b *bill) {
	if c.Search.VPC {
		priceNetwork(c, b)
	}
}

// priceNetwork: nothing, or endpoints in each zone and a NAT
// gateway for what has none; what crosses them.
func priceNetwork(c *config.Config, b *bill) {
	if c.Network.FlowLogs {
		b.logs(flowLogBytes*flowLogLines, c.Processor.LogDays, month, "flow logs")
	}
	documents := b.flow.documents * documentBytes
	if c.Network.Mode == config.NetworkPublic {
		if c.Search.VPC {
			return // the domain's addresses are inside
		}
		b.replay(RegionData, documents*2, "documents, by public addresses, charged out and in")
		return
	}
	b.hourly(EndpointHour, endpoints*float64(zonesOf(c)), "")
	b.replay(EndpointData, b.flow.bytes*2, "trips in and out")
	b.hourly(NATHour, 1, "")
	b.hourly(PublicAddressHour, 1, "the NAT gateway's")
	if !c.Search.VPC {
		b.replay(NATData, documents, "documents")
	}
}

// endpoints are the network's in the mode "endpoints"; a test holds them against the template.
const endpoints = 4

// zonesOf is the number of the network's zones.
func zonesOf(c *config.Config) int {
	if c.Search.VPC {
		return 3
	}
	return 2
}

// priceCheckpoints: every file of every checkpoint and the lease before each manifest
// while trips come, for without any there is nothing to save; the lease every few
// seconds, always; what was replaced stays for some days.
func priceCheckpoints(c *config.Config, b *bill) {
	interval := checkpointInterval(c.Processor.Flags)
	b.replay(ObjectPut, (checkpointFiles+1.0)/interval, "checkpoints")
	b.hourly(ObjectPut, hour/leaseSeconds, "the checkpoints' lease")
	kept := math.Max(1, float64(c.Processor.CheckpointDays)) * 24 * hour
	b.add(ObjectMonth, checkpointBytes*kept/interval*b.hours/month, "replaced checkpoints", true)
}
