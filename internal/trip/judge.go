package trip

import (
	"fmt"
	"time"

	"taxistream/internal/geo"
)

// Rules decide which trips count (contract, "Which trips count"). The windows
// are part of them: a trip is late when the first of its two windows has closed.
// Both windows are at least 1 ms, and nothing is negative.
type Rules struct {
	MaxDuration     time.Duration // bound included
	MaxAhead        time.Duration // of an event time after its record's arrival, bound included; 0: no such rule
	AllowedLateness time.Duration
	HotspotWindow   time.Duration
	AirportWindow   time.Duration
}

// DefaultRules are the contract's.
var DefaultRules = Rules{
	MaxDuration: 6 * time.Hour, MaxAhead: 87600 * time.Hour, HotspotWindow: 10 * time.Minute, AirportWindow: time.Hour,
}

// NoArrival is the arrival of a record that names none.
const NoArrival = 0

// WindowStart is the start of the window of size ms that holds t: windows are
// aligned to the epoch, start included, end excluded. Of a t within one size of
// the least int64 it is not defined.
func WindowStart(t, size int64) int64 { return floorDiv(t, size) * size }

// FirstEnd is the end of the first of the two windows of an event to end, ms.
// Event times beyond what can be written, which no event has, count as the
// last that can: so no sum here overflows.
func (r *Rules) FirstEnd(eventTime int64) int64 {
	eventTime = min(max(eventTime, minWritable), maxWritable)
	h, a := r.HotspotWindow.Milliseconds(), r.AirportWindow.Milliseconds()
	return min(WindowStart(eventTime, h)+h, WindowStart(eventTime, a)+a)
}

// Closes is the watermark at which a trip of that event time can no longer
// count: the end of its first window, less 1 ms, plus the allowed lateness.
func (r *Rules) Closes(eventTime int64) int64 {
	return r.FirstEnd(eventTime) - 1 + r.AllowedLateness.Milliseconds()
}

// Ahead reports whether an event time or a watermark is later than MaxAhead allows
// for a record of that arrival (ms).
func (r *Rules) Ahead(at, arrival int64) bool {
	return r.MaxAhead > 0 && arrival != NoArrival && at > arrival+r.MaxAhead.Milliseconds()
}

// Judge applies every rule but `duplicate`, in the contract's order, and
// returns the first that is broken, or "". arrival is the record's, or NoArrival;
// shardWatermark is the last watermark of the trip's own shard when the record was
// read, or NoWatermark.
func (r *Rules) Judge(t *Trip, eventTime, arrival, shardWatermark int64) (Reason, string) {
	reason, detail := r.JudgeAlone(t, eventTime, arrival)
	if reason == "" && shardWatermark != NoWatermark && shardWatermark >= min(eventTime, maxWritable) && // no window closes before its events
		shardWatermark >= r.Closes(eventTime) {
		return ReasonLate, fmt.Sprintf("event time %s: its window closed before the shard's watermark %s", text(eventTime), text(shardWatermark))
	}
	return reason, detail
}

// JudgeAlone applies the rules for which nothing but the record matters: all but
// `late` and `duplicate`.
func (r *Rules) JudgeAlone(t *Trip, eventTime, arrival int64) (Reason, string) {
	switch {
	case !geo.InCity(t.PickupLat, t.PickupLon):
		return ReasonOutsideCity, fmt.Sprintf("pickup %v,%v lies outside the city's box", t.PickupLat, t.PickupLon)
	case !geo.InCity(t.DropoffLat, t.DropoffLon):
		return ReasonOutsideCity, fmt.Sprintf("dropoff %v,%v lies outside the city's box", t.DropoffLat, t.DropoffLon)
	case t.Dropoff < t.Pickup:
		return ReasonNegativeDuration, fmt.Sprintf("dropoff %s is before pickup %s", text(t.Dropoff), text(t.Pickup))
	case duration(t) > uint64(r.MaxDuration.Milliseconds()):
		return ReasonTooLong, fmt.Sprintf("from %s to %s is longer than %v", text(t.Pickup), text(t.Dropoff), r.MaxDuration)
	case r.Ahead(eventTime, arrival):
		return ReasonTooEarly, fmt.Sprintf("event time %s is more than %v after the record's arrival %s", text(eventTime), r.MaxAhead, text(arrival))
	}
	return "", ""
}

// duration is right even where the difference overflows an int64.
func duration(t *Trip) uint64 { return uint64(t.Dropoff) - uint64(t.Pickup) }

func text(ms int64) string {
	if !Writable(ms) {
		return fmt.Sprintf("%d ms", ms)
	}
	return string(AppendTime(nil, ms))
}

// Finite reports whether all numbers of the trip can be written as JSON.
func (t *Trip) Finite() bool {
	// 0 times an infinity is NaN, and NaN equals nothing.
	return 0*t.PickupLat+0*t.PickupLon+0*t.DropoffLat+0*t.DropoffLon+0*t.TotalAmount == 0
}
