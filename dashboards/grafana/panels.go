package grafana

import (
	"fmt"

	"taxistream/internal/names"
)

// Row is panels under a title.
type Row struct {
	Title  string
	Panels []Panel
}

// Grafana's names of units and kinds of panels.
const (
	stat, series = "stat", "timeseries"

	aSecond = "cps"
	seconds = "s"
	bytes   = "bytes"
	share   = "percentunit"
	number  = "short"
	instant = "dateTimeAsIso"
)

// of is a metric's whole name.
func of(metric string) string { return names.MetricPrefix + metric }

// rate is what a counter grows a second, added up over all but the labels.
func rate(metric, labels string) string {
	return fmt.Sprintf("sum by (%s) (rate(%s[$__rate_interval]))", labels, of(metric))
}

// total is rate over everything.
func total(metric string) string { return fmt.Sprintf("sum(rate(%s[$__rate_interval]))", of(metric)) }

func greatest(metric, labels string) string {
	return fmt.Sprintf("max by (%s) (%s)", labels, of(metric))
}

func overall(metric string) string { return fmt.Sprintf("max(%s)", of(metric)) }

// times are the median and the slowest hundredth of a histogram.
func times(metric string) []Line {
	quantile := func(q float64) string {
		return fmt.Sprintf("histogram_quantile(%v, sum by (le) (rate(%s_bucket[$__rate_interval])))", q, of(metric))
	}
	return []Line{{quantile(0.5), "half are faster"}, {quantile(0.99), "99 of 100 are faster"}}
}

// ms turns an instant in seconds into Grafana's.
func ms(expr string) string { return "1000 * " + expr }

// Rows are the dashboard, from the stream to the results, then the producer and the programs.
func Rows() []Row {
	const operator, subtask, shard, reason, instance = "operator", "operator, subtask", names.LabelShard, names.LabelReason, "instance"
	return []Row{
		{"At a glance", []Panel{
			{Title: "Records read", Unit: aSecond, Kind: stat, Lines: []Line{{total(names.MetricRecordsRead), ""}}},
			{Title: "Behind the stream", Says: "The shard that is read latest.", Unit: seconds, Kind: stat, Lines: []Line{{overall(names.MetricBehindLatest), ""}}},
			{Title: "Watermark stands", Says: "Wall-clock time since event time last went on.", Unit: seconds, Kind: stat, Lines: []Line{{overall(names.MetricWatermarkStalled), ""}}},
			{Title: "Last checkpoint", Says: "Its age.", Unit: seconds, Kind: stat, Lines: []Line{{overall(names.MetricCheckpointAge), ""}}},
			{Title: "Documents written", Unit: aSecond, Kind: stat, Lines: []Line{{total(names.MetricDocuments), ""}}},
			{Title: "Rejected in five minutes", Unit: number, Kind: stat, Lines: []Line{{fmt.Sprintf("sum(increase(%s[5m]))", of(names.MetricRejects)), ""}}},
		}},
		{"The stream", []Panel{
			{Title: "Records read by shard", Unit: aSecond, Kind: series, Lines: []Line{{rate(names.MetricRecordsRead, shard), "{{shard}}"}}},
			{Title: "Behind the stream by shard", Unit: seconds, Kind: series, Lines: []Line{{greatest(names.MetricBehindLatest, shard), "{{shard}}"}}},
			{Title: "Watermark by shard", Unit: instant, Kind: series, Lines: []Line{{ms(greatest(names.MetricShardWatermark, shard)), "{{shard}}"}}},
			{Title: "Time of a read", Unit: seconds, Kind: series, Lines: times(names.MetricGetTime)},
			{Title: "Shards apart", Says: "Event time between the lowest and the highest watermark of a shard.", Unit: seconds, Kind: series, Lines: []Line{{overall(names.MetricWatermarkSpread), "spread"}}},
			{Title: "Watermarks turned away", Says: "Refused: too far ahead of their arrival. Ignored: lower than the shard's last.", Unit: aSecond, Kind: series, Lines: []Line{
				{total(names.MetricWatermarksRefused), "refused"}, {total(names.MetricWatermarksIgnored), "ignored"},
			}},
		}},
		{"The job", []Panel{
			{Title: "Busy", Says: "The busiest subtask of each operator.", Unit: share, Kind: series, Most: 1, Lines: []Line{{greatest(names.MetricBusy, operator), "{{operator}}"}}},
			{Title: "Backpressured", Says: "Waiting for room in what is behind.", Unit: share, Kind: series, Most: 1, Lines: []Line{{greatest(names.MetricBackpressured, operator), "{{operator}}"}}},
			{Title: "Idle", Says: "The least idle subtask of each operator.", Unit: share, Kind: series, Most: 1, Lines: []Line{{fmt.Sprintf("min by (%s) (%s)", operator, of(names.MetricIdle)), "{{operator}}"}}},
			{Title: "Elements in", Unit: aSecond, Kind: series, Lines: []Line{{rate(names.MetricRecordsIn, operator), "{{operator}}"}}},
			{Title: "Watermark by operator", Says: "The lowest of its subtasks.", Unit: instant, Kind: series, Lines: []Line{{ms(fmt.Sprintf("min by (%s) (%s)", operator, of(names.MetricOutputWatermark))), "{{operator}}"}}},
			{Title: "Input queues", Says: "The fullest of each operator.", Unit: share, Kind: series, Most: 1, Lines: []Line{{greatest(names.MetricQueueUsage, operator), "{{operator}}"}}},
			{Title: "Keyed state", Says: "Entries, and the limit at which the job fails.", Unit: number, Kind: series, Lines: []Line{
				{greatest(names.MetricStateEntries, subtask), "{{operator}} {{subtask}}"}, {overall(names.MetricStateEntriesLimit), "limit"},
			}},
			{Title: "Windows fired", Unit: aSecond, Kind: series, Lines: []Line{{rate(names.MetricWindowsFired, operator), "{{operator}}"}}},
			{Title: "Late at a window", Unit: aSecond, Kind: series, Lines: []Line{{rate(names.MetricLate, operator), "{{operator}}"}}},
		}},
		{"Checkpoints", []Panel{
			{Title: "Time of a checkpoint", Unit: seconds, Kind: series, Lines: times(names.MetricCheckpointTime)},
			{Title: "Size of the last", Unit: bytes, Kind: series, Lines: []Line{{overall(names.MetricCheckpointSize), "size"}}},
			{Title: "Completed and failed", Unit: aSecond, Kind: series, Lines: []Line{{total(names.MetricCheckpoints), "completed"}, {total(names.MetricCheckpointsFailed), "failed"}}},
		}},
		{"The results", []Panel{
			{Title: "Documents", Says: "Repeated: the store had this version. Refused: for good.", Unit: aSecond, Kind: series, Lines: []Line{
				{total(names.MetricDocuments), "written"}, {total(names.MetricDocumentsRepeated), "repeated"}, {total(names.MetricDocumentsRefused), "refused"},
			}},
			{Title: "From arrival to document", Unit: seconds, Kind: series, Lines: times(names.MetricArrivalToDocument)},
			{Title: "Rejected records", Unit: aSecond, Kind: series, Lines: []Line{{rate(names.MetricRejects, reason), "{{reason}}"}}},
			{Title: "Time of a bulk request", Unit: seconds, Kind: series, Lines: times(names.MetricBulkTime)},
			{Title: "Sent again", Says: "Documents, by what was wrong.", Unit: aSecond, Kind: series, Lines: []Line{{rate(names.MetricBulkRetries, reason), "{{reason}}"}}},
			{Title: "Documents that wait", Unit: number, Kind: series, Lines: []Line{{overall(names.MetricDocumentsQueued), "wait"}, {overall(names.MetricDocumentsQueuedLimit), "limit"}}},
		}},
		{"The producer", []Panel{
			{Title: "Trips", Unit: aSecond, Kind: series, Lines: []Line{{total(names.MetricTripsRead), "read"}, {total(names.MetricTripsSent), "acknowledged"}}},
			{Title: "Trips in flight", Unit: number, Kind: series, Lines: []Line{{overall(names.MetricTripsOutstanding), "in flight"}}},
			{Title: "Time of a put", Unit: seconds, Kind: series, Lines: times(names.MetricPutTime)},
			{Title: "Sent again", Says: "Throttled: by a shard's throughput. Outages: calls that did not reach the stream.", Unit: aSecond, Kind: series, Lines: []Line{
				{total(names.MetricPutRetries), "records"}, {total(names.MetricPutThrottles), "throttled"}, {total(names.MetricPutOutages), "outages"},
			}},
			{Title: "Bytes sent", Unit: "Bps", Kind: series, Lines: []Line{{total(names.MetricBytesSent), "bytes"}}},
			{Title: "Watermarks sent", Unit: aSecond, Kind: series, Lines: []Line{{total(names.MetricWatermarksSent), "records"}}},
		}},
		{"The programs", []Panel{
			{Title: "CPU", Says: "Cores in use.", Unit: number, Kind: series, Lines: []Line{{"sum by (job, instance) (rate(process_cpu_seconds_total[$__rate_interval]))", "{{job}}"}}},
			{Title: "Memory", Unit: bytes, Kind: series, Lines: []Line{{"max by (job, instance) (process_resident_memory_bytes)", "{{job}}"}}},
			{Title: "Time since the start", Unit: seconds, Kind: series, Lines: []Line{{"time() - max by (job, " + instance + ") (process_start_time_seconds)", "{{job}}"}}},
		}},
	}
}
