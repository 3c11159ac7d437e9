package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// flinkAlarms are those of the edition flink, from what the managed service reports of an
// application of Flink 2.2 (its guide, "Metrics and dimensions" and "Use CloudWatch
// Alarms"). Of rejects and refused documents it knows nothing: these are in taxi_rejects.
func (w *Watch) flinkAlarms() []alarm {
	c := w.cfg.Watch
	return []alarm{
		{
			// There as long as the application runs; 0 while its job fails and starts again. A deployment takes less than ten minutes.
			name: "flink-down", says: "The Flink job has not been running for ten minutes: it was stopped, or fails at every start.",
			metric: w.flink("runningTime", maximum).metric(),
			rings:  atMost, limit: 0, of: 10, silent: gone,
		},
		{
			name: "flink-restarts", says: "The Flink job has failed and started again in two of the last three times five minutes.",
			metric: computed("RATE(restarts)", 5, "restarts", map[string]figure{"restarts": w.flink("numRestarts", maximum).over(5)}),
			rings:  above, limit: 0, of: 3, bad: 2, silent: idle,
		},
		{
			name: "flink-lag", says: "A reader of the stream (the Flink job, or the archive) is behind its tip, and does not catch up: results come late.",
			metric: w.flinkLag().over(5).metric(),
			rings:  above, limit: float64(c.LagSeconds) * 1000, of: 2, silent: idle,
		},
		{
			name: "flink-watermark", says: "Records are read, but the watermark stands still: no window closes, so no results are written.",
			metric: computed("IF(FILL(records,0) > 0 AND DIFF(mark) == 0, 1, 0)", 5, "stands still while reading", map[string]figure{
				"records": w.flink("numRecordsIn", sum).over(5), "mark": w.flink("currentOutputWatermark", minimum).over(5),
			}),
			rings: above, limit: 0, of: 3, silent: idle,
		},
		{
			name: "flink-checkpoints", says: "Checkpoints have failed in two of the last three times five minutes: a restart would have much to read again.",
			metric: computed("RATE(failed)", 5, "failed checkpoints", map[string]figure{"failed": w.flink("numberOfFailedCheckpoints", maximum).over(5)}),
			rings:  above, limit: 0, of: 3, bad: 2, silent: idle,
		},
		{
			name: "flink-memory", says: "The Flink job uses more than 90 % of its heap.",
			metric: w.flink("heapMemoryUtilization", maximum).over(5).metric(),
			rings:  above, limit: 90, of: 3, silent: idle,
		},
		{
			name: "flink-kpus", says: "The Flink job has scaled itself to as many units as the deployment means to pay for, or more.",
			metric: w.flink("KPUs", maximum).over(5).metric(),
			rings:  atLeast, limit: float64(c.KPUs), of: 1, silent: idle,
		},
	}
}

// flink is a metric of the application, of the level APPLICATION.
func (w *Watch) flink(name, statistic string) figure {
	return figure{
		namespace: "AWS/KinesisAnalytics", name: name, statistic: statistic, minutes: 1,
		dimensions: map[string]*string{"Application": w.of.flink},
	}
}

// flinkLag is in milliseconds: the age of what is read, by all readers together, or, with
// enhanced fan-out, by the job alone.
func (w *Watch) flinkLag() figure {
	if !w.cfg.FanOut.On {
		return w.stream("GetRecords.IteratorAgeMilliseconds", maximum)
	}
	f := w.stream("SubscribeToShardEvent.MillisBehindLatest", maximum)
	f.dimensions["ConsumerName"] = jsii.String(w.cfg.FanOut.Name)
	return f
}

func (w *Watch) flinkProgressRow() row {
	lag := w.flinkLag()
	return row{
		graph(3, "Events that the Flink job's operators read", "a second", []awscloudwatch.IMetric{w.flink("numRecordsIn", sum).labelled("records").aSecond()}),
		graph(3, "Behind the stream", "s", []awscloudwatch.IMetric{computed("age/1000", lag.minutes, "behind the tip", map[string]figure{"age": lag})}),
		graph(3, "Watermark", "event time in ms", lines(
			w.flink("currentInputWatermark", minimum).labelled("in"), w.flink("currentOutputWatermark", minimum).labelled("out"))),
	}
}

func (w *Watch) flinkStateRow() row {
	return row{
		graph(3, "Checkpoints that failed, since the start", "", lines(w.flink("numberOfFailedCheckpoints", maximum).labelled("failed"))),
		graph(3, "Size and duration of checkpoints", "ms", lines(w.flink("lastCheckpointDuration", maximum).labelled("duration")),
			lines(w.flink("lastCheckpointSize", maximum).labelled("size"))...),
		graph(3, "Flink job", "ms", lines(
			w.flink("runningTime", maximum).labelled("runs since"), w.flink("restartingTime", maximum).labelled("starts again since"),
			w.flink("failingTime", maximum).labelled("fails since")), lines(w.flink("numRestarts", maximum).labelled("restarts"))...),
	}
}

func (w *Watch) flinkUnitsRow() row {
	return row{
		graph(3, "Flink's units", "", lines(w.flink("KPUs", maximum).labelled("units of 1 vCPU and 4 GB"))),
		graph(3, "Flink's CPU", "%", lines(w.flink("containerCPUUtilization", maximum).labelled("at 75 for 15 minutes the units double"))),
		graph(3, "Flink's memory", "%", lines(
			w.flink("heapMemoryUtilization", maximum).labelled("heap"), w.flink("containerMemoryUtilization", maximum).labelled("container"))),
	}
}
