package app

import (
	"taxistream/engine"
	"taxistream/processor/job"
	"taxistream/producer/watermark"
)

// caughtUp reports whether the processor has read everything that the producer
// wrote. The producer's last watermark is the last record of every open shard,
// so a processor that has it from all of them has read all. Without watermarks
// it is at the tip of every shard and has read as many records as were sent.
func (d *demoRun) caughtUp() bool {
	last := d.producer.Stats()
	status := d.processor.Status()
	read := d.processor.Read()
	reading, tip := 0, true
	for _, s := range status.Splits {
		switch s.State {
		case engine.SplitWaiting:
			return false
		case engine.SplitReading:
			reading++
			tip = tip && s.AtTip
		}
	}
	if d.processorConfig.EventTime.Mode == job.Producer && last.Watermark != watermark.None {
		return reading > 0 && status.Watermark >= last.Watermark
	}
	return reading > 0 && tip && read >= last.Put.Trips
}
