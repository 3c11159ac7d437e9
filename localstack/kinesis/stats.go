package kinesis

import "sync/atomic"

// Stats are a server's figures since New; Bytes, Shards and Streams are of the moment.
type Stats struct {
	Requests      int64 // requests answered, errors included
	Errors        int64 // answers other than 200
	PutRecords    int64 // records stored
	PutBytes      int64 // their data, decoded
	GetCalls      int64 // GetRecords answered
	GetRecords    int64 // records in these answers
	PushedRecords int64 // records in the events of subscriptions
	Throttled     int64 // calls and entries refused by Limits
	Refused       int64 // puts refused because memory and disk were full
	Faults        int64 // injected faults, failed entries included
	CutAnswers    int64 // answers that a failing temporary file or client cut short
	Trimmed       int64 // records dropped by age or with their stream
	ScannerFalls  int64 // PutRecords bodies that took the slow decoder

	Streams, OpenShards int
	Subscriptions       int64 // that are running
	MemoryBytes         int64 // records in memory, against MemoryLimit
	MemoryLimit         int64
	DiskBytes           int64 // temporary files, against DiskLimit
	DiskLimit           int64
}

// counters are the live form of Stats.
type counters struct {
	requests, errors, putRecords, putBytes, getCalls, getRecords, throttled,
	refused, faults, subscriptions, pushedRecords, cut, trimmed, scannerFalls atomic.Int64
}

// Stats returns the figures of now.
func (s *Server) Stats() Stats {
	c := &s.counts
	stats := Stats{
		Requests: c.requests.Load(), Errors: c.errors.Load(),
		PutRecords: c.putRecords.Load(), PutBytes: c.putBytes.Load(),
		GetCalls: c.getCalls.Load(), GetRecords: c.getRecords.Load(),
		Subscriptions: c.subscriptions.Load(), PushedRecords: c.pushedRecords.Load(),
		Throttled: c.throttled.Load(), Refused: c.refused.Load(),
		Faults: c.faults.Load(), CutAnswers: c.cut.Load(),
		Trimmed: c.trimmed.Load(), ScannerFalls: c.scannerFalls.Load(),
		MemoryBytes: s.store.memory.Load(), MemoryLimit: s.options.MemoryLimit,
		DiskBytes: s.store.disk.Load(), DiskLimit: s.options.DiskLimit,
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	stats.Streams = len(s.streams)
	for _, st := range s.streams {
		st.mu.RLock()
		stats.OpenShards += len(st.open)
		st.mu.RUnlock()
	}
	return stats
}
