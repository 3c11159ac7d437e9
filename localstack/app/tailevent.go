package app

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"time"

	client "taxistream/internal/kinesis"
	"taxistream/internal/trip"
)

// event is one event of a record, or a record that is none, as tail shows it.
type event struct {
	Shard      string          `json:"shard"`
	Sequence   string          `json:"sequence"`
	Sub        int             `json:"sub_sequence"` // its place in its aggregate; 0 outside of one
	Aggregated bool            `json:"aggregated"`
	Arrived    string          `json:"arrived"` // RFC 3339; empty: the stream does not say
	Type       string          `json:"type"`    // trip, watermark or malformed
	Event      json.RawMessage `json:"event,omitempty"`
	Detail     string          `json:"detail,omitempty"` // what is wrong with a malformed one
	Record     []byte          `json:"record,omitempty"` // and its bytes

	trip      trip.Trip
	watermark int64
}

// events are those of a batch, in the order of their records.
func events(shard string, b client.Batch) iter.Seq[*event] {
	return func(yield func(*event) bool) {
		more := true
		client.Deaggregate(b.Records, func(i int, users [][]byte, err error) {
			if !more {
				return
			}
			r := &b.Records[i]
			of := event{Shard: shard, Aggregated: client.IsAggregate(r.Data)}
			if r.SequenceNumber != nil {
				of.Sequence = *r.SequenceNumber
			}
			if r.ApproximateArrivalTimestamp != nil {
				of.Arrived = instant(r.ApproximateArrivalTimestamp.UnixMilli())
			}
			if err != nil {
				of.Type, of.Detail, of.Record = "malformed", err.Error(), r.Data
				more = yield(&of)
			}
			for sub, data := range users {
				e := of
				e.Sub = sub
				e.decode(data)
				if more = yield(&e); !more {
					return
				}
			}
		})
	}
}

// decode reads an event as the processor does.
func (e *event) decode(data []byte) {
	var ev trip.Event
	err := trip.Decode(data, &ev)
	switch {
	case err != nil:
		e.Type, e.Detail, e.Record = "malformed", err.Error(), data
	case ev.Kind == trip.KindTrip:
		e.Type, e.trip, e.Event = "trip", ev.Trip, trip.AppendTrip(nil, &ev.Trip)
	case e.Aggregated:
		e.Type, e.Detail, e.Record = "malformed", "a watermark inside an aggregate", data
	default:
		e.Type, e.watermark, e.Event = "watermark", ev.Watermark, trip.AppendWatermark(nil, ev.Watermark)
	}
}

func instant(ms int64) string { return string(trip.AppendTime(nil, ms)) }

func putJSON(w *bufio.Writer, e *event) {
	line, err := json.Marshal(e)
	if err != nil { // the event is not JSON: it was made here
		panic(err)
	}
	_, _ = w.Write(append(line, '\n')) // Flush tells
}

// putLine shows an event on one line, its times on New York's clock; the sequence number,
// which is long, comes last.
func putLine(w *bufio.Writer, e *event) {
	fmt.Fprintf(w, "%s  %-9s  ", e.Shard, e.Type)
	switch e.Type {
	case "trip":
		t := &e.trip
		amount := "–"
		if t.HasAmount {
			amount = "$" + strconv.FormatFloat(t.TotalAmount, 'f', 2, 64)
		}
		took := time.Duration(t.Dropoff-t.Pickup) * time.Millisecond
		fmt.Fprintf(w, "%s New York, %s  %.5f,%.5f to %.5f,%.5f  %s  id %d", inNewYork(t.Dropoff), took, t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon, amount, t.ID)
	case "watermark":
		fmt.Fprintf(w, "%s New York", inNewYork(e.watermark))
	default:
		const most = 60 // bytes that are enough to see what it is
		fmt.Fprintf(w, "%s: %q", e.Detail, e.Record[:min(len(e.Record), most)])
	}
	fmt.Fprintf(w, "  %s", e.Sequence)
	if e.Aggregated {
		fmt.Fprintf(w, "+%d", e.Sub)
	}
	fmt.Fprintln(w)
}

func inNewYork(ms int64) string {
	return time.UnixMilli(ms).In(trip.NewYorkZone()).Format("2006-01-02 15:04:05")
}
