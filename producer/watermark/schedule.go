package watermark

import "time"

// Schedule says when a watermark is due: every Interval of wall clock and at
// least every Events events. When one is due the caller sends what it holds back
// (open aggregates) and the watermark follows as soon as the trips read so far
// are acknowledged. If they take longer than to the next due time, what is true
// by then is sent instead.
type Schedule struct {
	interval time.Duration
	events   int
	next     time.Time
	count    int   // events since the last time it was due
	target   int64 // sent once it is reached; None: nothing to wait for
	overdue  bool  // the target was not reached in time
}

// NewSchedule returns a schedule whose first watermark is due an interval after now.
func NewSchedule(interval time.Duration, events int, now time.Time) *Schedule {
	return &Schedule{interval: interval, events: events, next: now.Add(interval), target: None}
}

// Read notes n more events.
func (s *Schedule) Read(n int) { s.count += n }

// Due reports whether open aggregates are to be sent for a watermark; last is
// the greatest event time read.
func (s *Schedule) Due(now time.Time, last int64) bool {
	elapsed := !now.Before(s.next)
	full := s.count >= s.events
	if !elapsed && !full {
		return false
	}
	s.next = now.Add(s.interval)
	s.overdue = s.target != None
	if s.count == 0 {
		return false
	}
	s.count, s.target = 0, last-1
	return true
}

// Wake is when Due is to be asked again if no event comes.
func (s *Schedule) Wake() time.Time { return s.next }

// Ready reports whether low, the highest watermark that holds, is to be sent.
func (s *Schedule) Ready(low int64) bool {
	return s.target != None && (low >= s.target || s.overdue)
}

// Sent notes that a watermark of that value is on its way.
func (s *Schedule) Sent(value int64) {
	s.overdue = false
	if value >= s.target {
		s.target = None
	}
}
