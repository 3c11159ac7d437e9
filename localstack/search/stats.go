package search

import "sync/atomic"

// counters are the store's figures. Each grows only.
type counters struct {
	requests, unsupported, faults              atomic.Int64
	written, conflicts, refused, full, deleted atomic.Int64
}

// Stats are the store's figures at one moment.
type Stats struct {
	Requests    int64 // HTTP requests, faults included
	Unsupported int64 // of them answered with 501
	Faults      int64 // of them answered by Options.Fault
	Written     int64 // documents created or replaced
	Conflicts   int64 // writes that an equal or newer version refused
	Refused     int64 // writes refused for good
	Full        int64 // writes refused with 429 because of MaxBytes
	Deleted     int64 // documents deleted, one by one or with their index

	Indexes   int64
	Templates int64
	Documents int64
	Bytes     int64 // of documents with their ids and columns
	MaxBytes  int64
}

// Stats reads the figures.
func (s *Server) Stats() Stats {
	c := &s.stats
	out := Stats{
		Requests: c.requests.Load(), Unsupported: c.unsupported.Load(), Faults: c.faults.Load(),
		Written: c.written.Load(), Conflicts: c.conflicts.Load(), Refused: c.refused.Load(),
		Full: c.full.Load(), Deleted: c.deleted.Load(),
		Bytes: s.store.usage.Bytes.Load(), MaxBytes: s.o.MaxBytes,
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	out.Indexes, out.Templates = int64(len(s.store.indexes)), int64(len(s.store.templates))
	for _, ix := range s.store.indexes {
		out.Documents += ix.Figures().Live
	}
	return out
}
