package app

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	"taxistream/producer/watermark"
)

// read is what a stream holds, shard by shard, parents before children.
type read struct {
	id      string
	parents []string
	open    bool
	records [][]byte // Kinesis records as they were put
}

// audited is what an audit found.
type audited struct {
	trips map[int64]int // how often each trip is there
	last  map[string]int64
	final int64 // the watermark that all open shards have
}

// audit holds a stream against the contract's promises: no trip at or below its
// shard's watermark, a child beginning with the lower of its parents'; watermarks
// that never fall, are never aggregated, and are the same on all shards that
// saw the whole run; one last value on every open shard.
func audit(t *testing.T, shards []read) audited {
	t.Helper()
	return auditRuns(t, shards, false)
}

// auditRuns does so for several runs in a row, of which those that were killed may
// have sent their last watermark to some shards only.
func auditRuns(t *testing.T, shards []read, killed bool) audited {
	t.Helper()
	a := audited{trips: map[int64]int{}, last: map[string]int64{}, final: watermark.None}
	var whole []int64
	first := true
	for _, s := range shards {
		low := int64(watermark.None)
		for i, p := range s.parents {
			if last, known := a.last[p]; !known {
				t.Fatalf("%s is listed before its parent %s", s.id, p)
			} else if i == 0 || last < low {
				low = last
			}
		}
		var values []int64
		for _, r := range s.records {
			aggregated := kinesis.IsAggregate(r)
			event := func(data []byte) {
				var e trip.Event
				if err := trip.Decode(data, &e); err != nil {
					t.Fatalf("%s: %v in %q", s.id, err, data)
				}
				switch e.Kind {
				case trip.KindTrip:
					a.trips[e.Trip.ID]++
					if e.Trip.EventTime() <= low {
						t.Fatalf("%s: trip %d of %d lies at or below the watermark %d", s.id, e.Trip.ID, e.Trip.EventTime(), low)
					}
				case trip.KindWatermark:
					if aggregated || e.Watermark < low {
						t.Fatalf("%s: watermark %d after %d, aggregated %v", s.id, e.Watermark, low, aggregated)
					}
					low = e.Watermark
					values = append(values, low)
				}
			}
			kinesis.Deaggregate([]types.Record{{Data: r}}, func(_ int, users [][]byte, err error) {
				if err != nil {
					t.Fatal(err)
				}
				for _, data := range users {
					event(data)
				}
			})
		}
		a.last[s.id] = low
		if !s.open {
			continue
		}
		if a.final != watermark.None && low != a.final {
			t.Fatalf("%s ends with the watermark %d, others with %d", s.id, low, a.final)
		}
		a.final = low
		if s.parents == nil {
			values = slices.Compact(values)
			if !first && !killed && !slices.Equal(values, whole) {
				t.Fatalf("%s has the watermarks %v, others %v", s.id, values, whole)
			}
			whole, first = values, false
		}
	}
	return a
}

// once fails unless the stream holds each trip exactly once (or, where answers
// were lost, at least once), and no other.
func (a audited) once(t *testing.T, want []trip.Trip, atLeast bool) {
	t.Helper()
	if len(a.trips) != len(want) {
		t.Fatalf("%d trips in the stream, want %d", len(a.trips), len(want))
	}
	for i := range want {
		if n := a.trips[want[i].ID]; n == 0 || n > 1 && !atLeast {
			t.Fatalf("trip %d is %d times in the stream", want[i].ID, n)
		}
	}
}
