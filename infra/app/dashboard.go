package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"taxistream/internal/names"
)

// A row is a line of graphs, of the same width each.
type row []awscloudwatch.IWidget

// openDashboard makes the dashboard, from the stream to the results: who looks
// from the top down finds the first part that is not as usual.
func (w *Watch) openDashboard() {
	w.Dashboard = awscloudwatch.NewDashboard(w.Stack, jsii.String("Figures"), &awscloudwatch.DashboardProps{
		DashboardName: accountWide(w.Stack, w.cfg), DefaultInterval: awscdk.Duration_Hours(jsii.Number(3)),
	})
	rows := []row{w.alarmRow()}
	if w.of.stream != nil {
		rows = append(rows, w.streamRow())
	}
	if w.of.service != nil {
		rows = append(rows, w.progressRow(), w.checkpointRow(), w.resultRow(), w.taskRow())
	}
	if w.of.flink != nil {
		rows = append(rows, w.flinkProgressRow(), w.flinkStateRow(), w.flinkUnitsRow())
	}
	if w.of.domain != nil {
		rows = append(rows, w.domainRow())
	}
	if w.of.producer {
		rows = append(rows, w.producerRow())
	}
	if w.of.delivery != nil {
		rows = append(rows, w.archiveRow())
	}
	if w.of.logs != nil {
		rows = append(rows, w.logRow())
	}
	for _, r := range rows {
		widgets := []awscloudwatch.IWidget(r)
		w.Dashboard.AddWidgets(widgets...)
	}
}

// graph shows metrics over time; more, if there are any, on the right axis.
func graph(columns int, title, unit string, left []awscloudwatch.IMetric, right ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	props := &awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Width: jsii.Number(24 / columns), Height: jsii.Number(6), Left: &left,
		LeftYAxis: &awscloudwatch.YAxisProps{Label: jsii.String(unit), ShowUnits: jsii.Bool(false), Min: jsii.Number(0)},
	}
	if len(right) > 0 {
		props.Right = &right
		props.RightYAxis = &awscloudwatch.YAxisProps{ShowUnits: jsii.Bool(true), Min: jsii.Number(0)}
	}
	return awscloudwatch.NewGraphWidget(props)
}

// lines are the metrics of figures.
func lines(figures ...figure) []awscloudwatch.IMetric {
	all := make([]awscloudwatch.IMetric, len(figures))
	for i, f := range figures {
		all[i] = f.metric()
	}
	return all
}

func (w *Watch) alarmRow() row {
	alarms := make([]interfacesawscloudwatch.IAlarmRef, len(w.Alarms))
	for i, a := range w.Alarms {
		alarms[i] = a
	}
	return row{awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Width: jsii.Number(24), Height: jsii.Number(3), Alarms: &alarms,
	})}
}

func (w *Watch) streamRow() row {
	return row{
		graph(3, "Records on the stream", "a minute", lines(
			w.stream("IncomingRecords", sum).labelled("incoming"), w.stream("GetRecords.Records", sum).labelled("read, by all readers"))),
		graph(3, "Bytes on the stream", "a minute", lines(
			w.stream("IncomingBytes", sum).labelled("incoming"), w.stream("GetRecords.Bytes", sum).labelled("read, by all readers"))),
		graph(3, "Throttled", "a minute", lines(
			w.stream("WriteProvisionedThroughputExceeded", sum).labelled("records refused"), w.stream("ReadProvisionedThroughputExceeded", sum).labelled("reads refused"))),
	}
}

func (w *Watch) progressRow() row {
	lag := lines(
		w.processor(names.MetricBehindLatest, maximum).over(1).labelled("processor behind the tip"),
		w.processor(names.MetricArrivalToDocument, average).over(1).labelled("from a document's last record to the document"))
	if w.of.stream != nil {
		age := w.stream("GetRecords.IteratorAgeMilliseconds", maximum)
		lag = append(lag, computed("age/1000", age.minutes, "iterator age, all readers", map[string]figure{"age": age}))
	}
	return row{
		graph(3, "Events read by the processor", "a second", []awscloudwatch.IMetric{w.processor(names.MetricRecordsRead, sum).over(1).labelled("trips and watermarks").aSecond()}),
		graph(3, "Behind the stream", "s", lag),
		graph(3, "Watermark lag", "s", lines(
			w.processor(names.MetricWatermarkStalled, maximum).over(1).labelled("stands still since"),
			w.processor(names.MetricWatermarkSpread, maximum).over(1).labelled("behind the fastest shard, in event time"))),
	}
}

func (w *Watch) checkpointRow() row {
	return row{
		graph(3, "Age of the last whole checkpoint", "s", lines(w.processor(names.MetricCheckpointAge, maximum).over(1).labelled("age"))),
		graph(3, "Checkpoints", "in 5 minutes", lines(
			w.processor(names.MetricCheckpoints, sum).labelled("whole"), w.processor(names.MetricCheckpointsFailed, sum).labelled("failed"))),
		graph(3, "Size and duration of checkpoints", "s", lines(w.processor(names.MetricCheckpointDuration, maximum).labelled("duration")),
			lines(w.processor(names.MetricCheckpointSize, maximum).labelled("size"))...),
	}
}

func (w *Watch) resultRow() row {
	rejects := make([]figure, 0, len(names.Reasons()))
	for _, reason := range names.Reasons() {
		rejects = append(rejects, w.processor(names.MetricRejects, sum).because(reason))
	}
	return row{
		graph(3, "Documents written", "a second", []awscloudwatch.IMetric{
			w.processor(names.MetricDocuments, sum).over(1).labelled("new or newer").aSecond(),
			w.processor(names.MetricDocumentsRepeated, sum).over(1).labelled("there already").aSecond(),
		}),
		graph(3, "Bulk requests", "in 5 minutes", lines(
			w.processor(names.MetricBulkRequests, sum).labelled("requests"), w.processor(names.MetricBulkRejections, sum).labelled("documents refused, full"),
			w.processor(names.MetricBulkRetries, sum).labelled("documents sent again"), w.processor(names.MetricDocumentsRefused, sum).labelled("documents refused for good"),
			w.processor(names.MetricDocumentsQueued, maximum).labelled("documents waiting"))),
		graph(3, "Rejects by reason", "in 5 minutes", lines(rejects...)),
	}
}

func (w *Watch) taskRow() row {
	return row{
		graph(3, "Processor's task", "%", lines(
			w.service("CPUUtilization", average).labelled("CPU"), w.service("MemoryUtilization", maximum).labelled("memory"))),
		graph(3, "Fullest input queue", "0 to 1", lines(w.processor(names.MetricQueueUsage, maximum).over(1).labelled("usage"))),
		graph(3, "Starts and wrong watermarks", "in 5 minutes", lines(
			w.processor(names.MetricStarts, sum).labelled("starts"), w.processor(names.MetricWatermarksIgnored, sum).labelled("watermarks ignored"),
			w.processor(names.MetricWatermarksRefused, sum).labelled("watermarks refused"))),
	}
}

func (w *Watch) domainRow() row {
	return row{
		graph(4, "Domain's status", "1: so", lines(
			w.search("ClusterStatus.green", minimum).labelled("green"), w.search("ClusterStatus.yellow", maximum).labelled("yellow"),
			w.search("ClusterStatus.red", maximum).labelled("red"), w.search("ClusterIndexWritesBlocked", maximum).labelled("writes blocked"))),
		graph(4, "Domain's CPU and heap", "%", lines(
			w.search("CPUUtilization", maximum).labelled("CPU"), w.search("JVMMemoryPressure", maximum).labelled("heap"))),
		graph(4, "Domain's free storage", "MB, of the fullest node", lines(w.search("FreeStorageSpace", minimum).labelled("free"))),
		graph(4, "Domain's latency", "ms", lines(
			w.search("IndexingLatency", average).labelled("indexing"), w.search("SearchLatency", average).labelled("search"))),
	}
}

func (w *Watch) producerRow() row {
	return row{
		graph(3, "Producer", "a second", []awscloudwatch.IMetric{
			w.producer(names.MetricTripsRead, sum).over(1).labelled("trips read").aSecond(), w.producer(names.MetricTripsSent, sum).over(1).labelled("trips sent").aSecond(),
			w.producer(names.MetricRecordsSent, sum).over(1).labelled("records sent").aSecond(), w.producer(names.MetricWatermarksSent, sum).over(1).labelled("watermarks").aSecond(),
		}, w.producer(names.MetricBytesSent, sum).over(1).labelled("bytes sent").aSecond()),
		graph(3, "Producer's trips in flight", "trips", lines(w.producer(names.MetricTripsOutstanding, maximum).over(1).labelled("not acknowledged"))),
		graph(3, "Producer's starts and troubles", "in 5 minutes", lines(
			w.producer(names.MetricStarts, sum).labelled("starts"),
			w.producer(names.MetricPutRetries, sum).labelled("records sent again"), w.producer(names.MetricPutThrottles, sum).labelled("of these throttled"),
			w.producer(names.MetricPutOutages, sum).labelled("calls without an answer"), w.producer(names.MetricTripsUnwritable, sum).labelled("trips dropped"))),
	}
}

func (w *Watch) archiveRow() row {
	return row{
		graph(2, "Archive: age of the oldest event not yet on S3", "s", lines(w.firehose("DeliveryToS3.DataFreshness", maximum).labelled("age"))),
		graph(2, "Archive: records", "in 5 minutes", lines(
			w.firehose("DataReadFromKinesisStream.Records", sum).labelled("read"), w.firehose("DeliveryToS3.Records", sum).labelled("written"))),
	}
}

// logRow shows the last lines that tell of trouble; the figures' own lines have no level.
// The managed service has names of its own for the parts of a line.
func (w *Watch) logRow() row {
	query := []string{"fields @timestamp, level, msg, error, @message", "filter level in ['WARN', 'ERROR'] or @message like /^processor: /"}
	if w.of.flink != nil {
		query = []string{"fields @timestamp, messageType, message, throwableInformation.0", "filter messageType in ['WARN', 'ERROR']"}
	}
	return row{awscloudwatch.NewLogQueryWidget(&awscloudwatch.LogQueryWidgetProps{
		Title: jsii.String("Processor's warnings and errors"), Width: jsii.Number(24), Height: jsii.Number(6),
		LogGroupNames: &[]*string{w.of.logs},
		QueryLines:    jsii.Strings(append(query, "sort @timestamp desc", "limit 50")...),
	})}
}
