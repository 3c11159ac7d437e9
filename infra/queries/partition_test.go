package queries

import (
	"encoding/json"
	"testing"

	"github.com/itchyny/gojq"

	"taxistream/internal/trip"
)

// Firehose finds the partition of every record that the producer writes, by jq;
// a record without a date gets none, and goes to the error prefix.
func TestEventDate(t *testing.T) {
	program, err := gojq.Parse("{" + Partition + ":" + EventDate + "}")
	if err != nil {
		t.Fatal(err)
	}
	const last, first = 1451951999999, 1451952000000 // 2016-01-04T23:59:59.999Z and the next
	for name, test := range map[string]struct {
		record []byte
		want   any
	}{
		"Trip":      {trip.AppendTrip(nil, &trip.Trip{ID: 1, Pickup: 0, Dropoff: first}), "2016-01-05"},
		"LastOfDay": {trip.AppendTrip(nil, &trip.Trip{ID: 1, Pickup: 0, Dropoff: last}), "2016-01-04"},
		"Watermark": {trip.AppendWatermark(nil, last), "2016-01-04"},
		"NoDate":    {[]byte(`{"type":"trip"}`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var record any
			if err := json.Unmarshal(test.record, &record); err != nil {
				t.Fatal(err)
			}
			got, _ := program.Run(record).Next()
			if date := got.(map[string]any)[Partition]; date != test.want {
				t.Errorf("got %v, want %v", date, test.want)
			}
		})
	}
}
