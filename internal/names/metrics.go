package names

import "strings"

// The metrics of both programs, without MetricPrefix. Programs, alarms,
// dashboards and docs take them from here, so that no side can drift.
//
// A name is snake case in base units: it ends in _seconds or _bytes, a moment in
// _timestamp_seconds, a counter in _total, and nothing else does. A new one goes
// into Metrics, too.
const (
	MetricStarts = "starts_total" // of both programs
	MetricBuild  = "build_info"   // 1, by version, commit and Go's version; of both programs

	// The processor's, of its input and its operators.
	MetricRecordsRead       = "shard_records_total"
	MetricRejects           = "records_rejected_total" // by LabelReason
	MetricLate              = "late_records_dropped_total"
	MetricBehindLatest      = "behind_latest_seconds"
	MetricGetTime           = "get_request_seconds" // histogram
	MetricShardWatermark    = "shard_watermark_timestamp_seconds"
	MetricWatermarkStalled  = "watermark_stalled_seconds"
	MetricWatermarkSpread   = "watermark_spread_seconds"
	MetricWatermarksIgnored = "watermarks_ignored_total"
	MetricWatermarksRefused = "watermarks_refused_total"
	MetricStreamRecreated   = "stream_recreated"
	MetricRecordsIn         = "records_in_total"
	MetricRecordsOut        = "records_out_total"
	MetricRecordsDropped    = "records_dropped_total"
	MetricWindowsFired      = "windows_fired_total"
	MetricOutputWatermark   = "output_watermark_timestamp_seconds"
	MetricStateEntries      = "state_entries"
	MetricStateEntriesLimit = "state_entries_limit"
	MetricQueueUsage        = "input_queue_usage_ratio"
	MetricBusy              = "busy_ratio"
	MetricBackpressured     = "backpressured_ratio"
	MetricIdle              = "idle_ratio"

	// The processor's, of its checkpoints.
	MetricCheckpoints        = "checkpoints_completed_total"
	MetricCheckpointsFailed  = "checkpoints_failed_total"
	MetricCheckpointID       = "last_checkpoint_id"
	MetricCheckpointAge      = "last_checkpoint_age_seconds"
	MetricCheckpointDuration = "last_checkpoint_duration_seconds"
	MetricCheckpointSize     = "last_checkpoint_size_bytes"
	MetricCheckpointTime     = "checkpoint_seconds" // histogram

	// The processor's, of its documents.
	MetricDocuments            = "documents_written_total"
	MetricDocumentsRepeated    = "documents_repeated_total"
	MetricDocumentsRefused     = "documents_refused_total"
	MetricDocumentsQueued      = "bulk_documents_queued"
	MetricDocumentsQueuedLimit = "bulk_documents_queued_limit"
	MetricBulkRequests         = "bulk_requests_total"
	MetricBulkBytes            = "bulk_bytes_total"
	MetricBulkRetries          = "bulk_retries_total" // by LabelReason
	MetricBulkRejections       = "bulk_rejections_total"
	MetricBulkTime             = "bulk_request_seconds" // histogram
	MetricBulkSize             = "bulk_request_bytes"   // histogram
	MetricBulkDocumentsLimit   = "bulk_request_documents_limit"
	MetricArrivalToDocument    = "arrival_to_document_seconds" // histogram

	// The processor's, of the files of -also.
	MetricAlsoDocuments = "also_documents_written_total"
	MetricAlsoFiles     = "also_files_published_total"
	MetricAlsoBytes     = "also_bytes_published_total"
	MetricAlsoPending   = "also_files_pending"
	MetricAlsoMissing   = "also_files_missing_total"
	MetricAlsoLeftovers = "also_leftovers_removed_total"

	// The processor's, of its pages.
	MetricViewers             = "page_viewers"
	MetricViewersLimit        = "page_viewers_limit"
	MetricViewersRefused      = "page_viewers_refused_total"
	MetricViewersDropped      = "page_viewers_dropped_total"
	MetricStatesSent          = "page_states_sent_total"
	MetricStatesSkipped       = "page_states_skipped_total"
	MetricCountsKept          = "page_counts_kept"
	MetricCountsLimit         = "page_counts_limit"
	MetricDocumentsOutside    = "page_documents_outside_total"
	MetricDocumentsUnreadable = "page_documents_unreadable_total"

	// The producer's.
	MetricTripsRead        = "trips_read_total"
	MetricTripsSent        = "trips_sent_total"
	MetricTripsUnwritable  = "trips_unwritable_total"
	MetricTripsOutstanding = "trips_outstanding"
	MetricRecordsSent      = "records_sent_total"
	MetricBytesSent        = "bytes_sent_total"
	MetricPutTime          = "put_request_seconds" // histogram
	MetricPutRetries       = "put_retries_total"
	MetricPutThrottles     = "put_throttles_total"
	MetricPutOutages       = "put_outages_total"
	MetricWatermarksSent   = "watermarks_sent_total"
)

// Metrics are all of them, for tests that look for names elsewhere.
func Metrics() []string {
	return []string{
		MetricStarts, MetricBuild,
		MetricRecordsRead, MetricRejects, MetricLate, MetricBehindLatest, MetricGetTime, MetricShardWatermark, MetricWatermarkStalled,
		MetricWatermarkSpread,
		MetricWatermarksIgnored, MetricWatermarksRefused, MetricStreamRecreated, MetricRecordsIn, MetricRecordsOut, MetricRecordsDropped, MetricWindowsFired, MetricOutputWatermark,
		MetricStateEntries, MetricStateEntriesLimit, MetricQueueUsage, MetricBusy, MetricBackpressured, MetricIdle,
		MetricCheckpoints, MetricCheckpointsFailed, MetricCheckpointID, MetricCheckpointAge, MetricCheckpointDuration, MetricCheckpointSize,
		MetricCheckpointTime,
		MetricDocuments, MetricDocumentsRepeated, MetricDocumentsRefused, MetricDocumentsQueued, MetricDocumentsQueuedLimit,
		MetricBulkRequests, MetricBulkBytes, MetricBulkRetries, MetricBulkRejections, MetricBulkTime, MetricBulkSize, MetricBulkDocumentsLimit, MetricArrivalToDocument,
		MetricAlsoDocuments, MetricAlsoFiles, MetricAlsoBytes, MetricAlsoPending, MetricAlsoMissing, MetricAlsoLeftovers,
		MetricViewers, MetricViewersLimit, MetricViewersRefused, MetricViewersDropped, MetricStatesSent, MetricStatesSkipped,
		MetricCountsKept, MetricCountsLimit, MetricDocumentsOutside, MetricDocumentsUnreadable,
		MetricTripsRead, MetricTripsSent, MetricTripsUnwritable, MetricTripsOutstanding, MetricRecordsSent, MetricBytesSent,
		MetricPutTime, MetricPutRetries, MetricPutThrottles, MetricPutOutages, MetricWatermarksSent,
	}
}

// The labels of the metrics.
const (
	LabelJob      = "job_name" // not job, which is Prometheus' own
	LabelOperator = "operator"
	LabelSubtask  = "subtask"
	LabelShard    = "shard"
	LabelReason   = "reason" // in CloudWatch a dimension, too

	// Of MetricBuild.
	LabelVersion = "version"
	LabelCommit  = "commit"
	LabelGo      = "goversion"
)

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
