package trips_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// The form of a file is found by looking at it: this one is named after nothing, and
// one of its rows cannot be a trip.
func ExampleOpen() {
	file := filepath.Join(os.TempDir(), fmt.Sprintf("trips-example-%d", os.Getpid()))
	defer os.Remove(file)
	content := "tpep_pickup_datetime,tpep_dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount\n" +
		"2016-01-05 07:00:00,2016-01-05 07:40:00,-73.9855,40.758,-73.7781,40.6413,52.8\n" +
		"2016-01-05 07:00:00,soon,-73.9855,40.758,-73.7781,40.6413,52.8\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	inputs, err := trips.Expand(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := trips.Open(context.Background(), inputs[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	var t trip.Trip
	for err = r.Read(&t); err == nil; err = r.Read(&t) {
		fmt.Printf("%s", trip.AppendTime(nil, t.Dropoff))
		fmt.Println(" at", t.DropoffLat, t.DropoffLon)
	}
	s := r.Stats()
	fmt.Println(errors.Is(err, io.EOF), s.Rows, "rows,", s.Bad[trips.BadTime].Count, trips.BadTime, "in line", s.Bad[trips.BadTime].First[0].Row)
	// Output:
	// 2016-01-05T12:40:00.000Z at 40.6413 -73.7781
	// true 2 rows, 1 unreadable time in line 3
}
