package job

import (
	"errors"
	"strings"
	"time"

	"taxistream/internal/flags"
)

// EventTime says what the time of an event is and where watermarks come from
// (contract, -event-time).
type EventTime struct {
	Mode  Mode
	Bound time.Duration // of Bounded
}

// Mode is a kind of event time.
type Mode uint8

// The modes.
const (
	Producer Mode = iota // dropoff time; watermark records
	Arrival              // arrival in the stream; a shard's watermark is its greatest, less 1 ms
	Bounded              // dropoff time; a shard's watermark is its greatest, less the bound and 1 ms
	Clock                // the processor's clock; nothing is late
)

// String is the form that ParseEventTime reads.
func (e EventTime) String() string {
	switch e.Mode {
	case Arrival:
		return "arrival"
	case Bounded:
		return "bounded=" + flags.FormatDuration(e.Bound)
	case Clock:
		return "none"
	default:
		return "producer"
	}
}

// ParseEventTime reads producer, arrival, bounded=10s or none.
func ParseEventTime(s string) (EventTime, error) {
	wrong := errors.New("choose producer, arrival, bounded=10s or none")
	name, bound, has := strings.Cut(s, "=")
	switch {
	case name == "producer" && !has:
		return EventTime{Mode: Producer}, nil
	case name == "arrival" && !has:
		return EventTime{Mode: Arrival}, nil
	case name == "none" && !has:
		return EventTime{Mode: Clock}, nil
	case name == "bounded" && has:
		d, err := flags.ParseDuration(bound)
		if err != nil {
			return EventTime{}, wrong
		}
		return EventTime{Mode: Bounded, Bound: d}, nil
	}
	return EventTime{}, wrong
}
