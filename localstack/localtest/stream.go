package localtest

import (
	"slices"
	"testing"
	"time"
)

// Stream is what was put into a stream, for the oracle: shards with their parents,
// and records in each shard's order.
type Stream struct {
	Parents map[string][]string // none for a shard that is there from the start
	Records []Record
	// MaxAhead as the flag: 0 is no rule.
	MaxAhead time.Duration
	// Bounded is the bound of -event-time bounded; below 0: -event-time producer.
	Bounded time.Duration
}

// Record is a trip, a watermark, or neither.
type Record struct {
	Shard     string
	Trip      Trip
	Watermark *time.Time // nil: a trip
	Malformed bool       // neither
	Arrived   time.Time  // zero: not known
	Data      []byte     // as it stands on the stream, for Verdict.Rejects
}

// Reject is what a rejected record is told apart by, wherever it is.
type Reject struct{ Reason, Data string }

// Verdict is what becomes of a stream.
type Verdict struct {
	Export   []byte
	Rejected map[string]int // by reason
	Rejects  map[Reject]int // how often each is there
	Refused  map[string]int // watermarks, by shard
}

// Judge goes through the stream shard by shard, parents first, and applies the rules to
// one record after the other.
func (s Stream) Judge(t testing.TB) Verdict {
	t.Helper()
	v := Verdict{Rejected: map[string]int{}, Rejects: map[Reject]int{}, Refused: map[string]int{}}
	last := map[string]*time.Time{} // watermark by shard that is done; nil: none
	counted := map[tripWindow]bool{}
	var good []Trip
	for len(last) < len(s.Parents) {
		shard := s.next(last)
		watermark := s.inherited(last, shard)
		for _, r := range s.Records {
			switch {
			case r.Shard != shard:
			case r.Malformed:
				v.reject("malformed", r)
			case r.Watermark != nil:
				if s.Bounded < 0 {
					watermark = s.moved(&v, r, watermark)
				}
			default:
				reason := s.reason(r, watermark)
				key := windowOf(r.Trip)
				if reason == "" && counted[key] {
					reason = "duplicate"
				}
				if reason == "" {
					counted[key] = true
					good = append(good, r.Trip)
				} else {
					v.reject(reason, r)
				}
				if alone := breaks(r.Trip, r.Arrived, s.MaxAhead); alone == "" && s.Bounded >= 0 {
					watermark = later(watermark, r.Trip.Dropoff.Add(-s.Bounded-time.Millisecond))
				}
			}
		}
		last[shard] = watermark
	}
	v.Export = exportOf(t, good)
	return v
}

func (v *Verdict) reject(reason string, r Record) {
	v.Rejected[reason]++
	v.Rejects[Reject{reason, string(r.Data)}]++
}

// next is a shard that is not done, and whose parents all are.
func (s Stream) next(done map[string]*time.Time) string {
	var ready []string
	for shard, parents := range s.Parents {
		_, over := done[shard]
		waits := slices.ContainsFunc(parents, func(p string) bool { _, over := done[p]; return !over })
		if !over && !waits {
			ready = append(ready, shard)
		}
	}
	return slices.Min(ready)
}

// inherited is the lowest watermark of the parents, none if one has none.
func (s Stream) inherited(last map[string]*time.Time, shard string) (lowest *time.Time) {
	for i, p := range s.Parents[shard] {
		w := last[p]
		if w == nil {
			return nil
		}
		if i == 0 || w.Before(*lowest) {
			lowest = w
		}
	}
	return lowest
}

func (s Stream) moved(v *Verdict, r Record, watermark *time.Time) *time.Time {
	if s.MaxAhead != 0 && !r.Arrived.IsZero() && r.Watermark.After(r.Arrived.Add(s.MaxAhead)) {
		v.Refused[r.Shard]++
		return watermark
	}
	return later(watermark, *r.Watermark)
}

func later(a *time.Time, b time.Time) *time.Time {
	if a != nil && a.After(b) {
		return a
	}
	return &b
}

func (s Stream) reason(r Record, watermark *time.Time) string {
	reason := breaks(r.Trip, r.Arrived, s.MaxAhead)
	if reason == "" && watermark != nil && watermark.UnixMilli() >= windowOf(r.Trip).firstEnd-1 {
		reason = "late"
	}
	return reason
}
