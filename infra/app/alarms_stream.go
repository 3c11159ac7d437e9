package app

import "time"

// streamAlarms ring when the stream does not take or give what is asked of it.
// A burst that is throttled is sent again by the producer, and read again by the
// processor; it is a fault when it does not end.
func (w *Watch) streamAlarms() []alarm {
	return []alarm{
		{
			name: "stream-writes-throttled", says: "The stream has refused records for half of the last ten minutes: a shard has more to take than 1 MB/s or 1,000 records/s.",
			metric: w.stream("WriteProvisionedThroughputExceeded", sum).metric(),
			rings:  above, limit: 0, of: 10, bad: 5, silent: idle,
		},
		{
			name: "stream-reads-throttled", says: "The stream has refused reads for half of the last ten minutes: its readers ask a shard for more than 2 MB/s or 5 calls/s together.",
			metric: w.stream("ReadProvisionedThroughputExceeded", sum).metric(),
			rings:  above, limit: 0, of: 10, bad: 5, silent: idle,
		},
		{
			name: "stream-retention", says: "A reader of the stream (processor or archive) is behind by half of the time that records are kept: what it has not read at the end of that time is lost to it.",
			metric: w.stream("GetRecords.IteratorAgeMilliseconds", maximum).over(5).metric(),
			rings:  above, limit: float64((time.Duration(w.cfg.Stream.RetentionHours) * time.Hour / 2).Milliseconds()), of: 1, silent: idle,
		},
	}
}

// archiveAlarms ring when events stay away from S3.
func (w *Watch) archiveAlarms() []alarm {
	const slack = 900 // seconds, the buffer of dynamic partitions and retries
	return []alarm{{
		name: "archive-late", says: "The oldest event that Firehose has not yet written to S3 is much older than its buffer.",
		metric: w.firehose("DeliveryToS3.DataFreshness", maximum).metric(),
		rings:  above, limit: float64(w.cfg.Archive.BufferSeconds + slack), of: 3, silent: idle,
	}}
}
