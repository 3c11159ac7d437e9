package names

import "strings"

// Metrics that alarms and dashboards use, without MetricPrefix. The programs
// register them under these names, so that neither side can drift.
const (
	MetricStarts = "num_starts_total" // of both programs

	// The processor's.
	MetricRecordsRead          = "num_shard_records_total"
	MetricRejects              = "num_records_rejected_total" // by LabelReason
	MetricMillisBehind         = "millis_behind_latest"
	MetricWatermarkStalled     = "watermark_stalled_ms"
	MetricWatermarkSpread      = "watermark_spread_ms"
	MetricWatermarksIgnored    = "num_watermarks_ignored_total"
	MetricQueueUsage           = "input_queue_usage_ratio"
	MetricCheckpoints          = "num_completed_checkpoints_total"
	MetricCheckpointsFailed    = "num_failed_checkpoints_total"
	MetricCheckpointAge        = "last_checkpoint_age_ms"
	MetricCheckpointDuration   = "last_checkpoint_duration_ms"
	MetricCheckpointSize       = "last_checkpoint_size_bytes"
	MetricDocuments            = "num_documents_written_total"
	MetricDocumentsRepeated    = "num_documents_repeated_total"
	MetricDocumentsRefused     = "num_documents_refused_total"
	MetricDocumentsQueued      = "bulk_documents_queued"
	MetricDocumentsQueuedLimit = "bulk_documents_queued_limit"
	MetricBulkRequests         = "num_bulk_requests_total"
	MetricBulkRetries          = "num_bulk_retries_total"
	MetricBulkRejections       = "num_bulk_rejections_total"

	// The producer's.
	MetricTripsRead        = "num_trips_read_total"
	MetricTripsSent        = "num_trips_sent_total"
	MetricTripsUnwritable  = "num_trips_unwritable_total"
	MetricTripsOutstanding = "trips_outstanding"
	MetricRecordsSent      = "num_records_sent_total"
	MetricBytesSent        = "num_bytes_sent_total"
	MetricPutRetries       = "num_put_retries_total"
	MetricPutThrottles     = "num_put_throttles_total"
	MetricPutOutages       = "num_put_outages_total"
	MetricWatermarksSent   = "num_watermarks_sent_total"
)

// LabelReason is the label, and in CloudWatch the dimension, that says why.
const LabelReason = "reason"

// DimensionProgram is the dimension of all metrics in CloudWatch: the program's
// name, Producer or Processor.
const DimensionProgram = "program"

// The programs, as values of DimensionProgram.
const (
	Producer  = "producer"
	Processor = "processor"
)

// CloudWatch is a metric's name in CloudWatch: without MetricPrefix, because the
// namespace says whose it is, and without _total, because counters are written
// there as what came since the line before.
func CloudWatch(metric string) string {
	return strings.TrimSuffix(strings.TrimPrefix(metric, MetricPrefix), "_total")
}
