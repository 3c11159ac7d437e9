package cost

import "taxistream/infra/config"

// Metrics that the alarms look at; a test in infra/app holds them against the template.
const (
	alarmMetrics        = 27
	flinkAlarmMetrics   = 17 // in place of those, with the edition flink
	archiveAlarmMetrics = 1
)

// priceWatch: the dashboard, an alarm for each promise, and the topic's key.
func priceWatch(c *config.Config, b *bill) {
	if !c.Watch.On {
		return
	}
	b.monthly(DashboardMonth, 1, "")
	alarms := alarmMetrics
	if c.Processor.Edition == config.EditionFlink {
		alarms = flinkAlarmMetrics
	}
	if c.Archive.On {
		alarms += archiveAlarmMetrics
	}
	b.monthly(AlarmMonth, float64(alarms), "")
	b.monthly(KeyMonth, 1, "the alarms' topic")
}
