package trip_test

import (
	"fmt"

	"taxistream/internal/trip"
)

func ExampleDecode() {
	var ev trip.Event
	record := `{"trip_id":7,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.6,"dropoff_lon":-73.8,"pickup_datetime":"2013-01-01T05:02:03Z"}`
	fmt.Println(trip.Decode([]byte(record), &ev))
	// Output: dropoff_datetime is missing
}

func ExampleAppendTrip() {
	t := trip.Trip{
		ID: 7, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8,
		Pickup: trip.NewYork(2013, 1, 1, 0, 2, 3, 0), Dropoff: trip.NewYork(2013, 1, 1, 0, 40, 0, 0),
	}
	fmt.Printf("%s", trip.AppendTrip(nil, &t))
	// Output: {"type":"trip","trip_id":7,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.6,"dropoff_lon":-73.8,"pickup_datetime":"2013-01-01T05:02:03.000Z","dropoff_datetime":"2013-01-01T05:40:00.000Z"}
}

func ExampleRules_Judge() {
	t := trip.Trip{ID: 7, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8, Pickup: 0, Dropoff: 60_000}
	rules := trip.DefaultRules
	fmt.Println(rules.FirstEnd(t.EventTime()))
	fmt.Println(rules.Judge(&t, t.EventTime(), trip.NoArrival, 599_999))
	// Output:
	// 600000
	// late event time 1970-01-01T00:01:00.000Z: its window closed before the shard's watermark 1970-01-01T00:09:59.999Z
}
