package simulation

import (
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"taxistream/localstack/localtest"
)

// writeTrips draws trips around the hour at which the world begins and writes them as JSON
// lines. Some break each rule, some are there twice. They lie in few cells.
func (w *world) writeTrips(r *rand.Rand, file string) (trips []localtest.Trip) {
	begin := time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(r.IntN(120)) * time.Minute)
	span := int64(w.plan.hours * float64(time.Hour))
	var lines []byte
	for i := range w.plan.trips {
		t := localtest.Trip{
			ID: int64(i + 1), PickupLat: 40.75 + 0.004*float64(r.IntN(4)), PickupLon: -73.98, DropoffLat: 40.70 + 0.1*r.Float64(), DropoffLon: -73.95,
			Dropoff: begin.Add(time.Duration(r.Int64N(span)).Truncate(time.Millisecond)),
		}
		t.Pickup = t.Dropoff.Add(-time.Duration(r.Int64N(int64(time.Hour))).Truncate(time.Millisecond))
		switch r.IntN(20) {
		case 0:
			t.PickupLat = 41.5 // outside the city
		case 1:
			t.Pickup = t.Dropoff.Add(time.Minute) // negative
		case 2:
			t.Pickup = t.Dropoff.Add(-7 * time.Hour) // too long
		case 3, 4, 5, 6, 7:
			t.DropoffLat, t.DropoffLon = 40.64, -73.78 // JFK
		case 8, 9:
			t.DropoffLat, t.DropoffLon = 40.77, -73.87 // LGA
		}
		for range 1 + r.IntN(10)/9 {
			trips = append(trips, t)
			lines = fmt.Appendf(lines, `{"type":"trip","trip_id":%d,"pickup_lat":%v,"pickup_lon":%v,"dropoff_lat":%v,"dropoff_lon":%v,"total_amount":1.5,"pickup_datetime":"%s","dropoff_datetime":"%s"}`+"\n",
				t.ID, t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon, t.Pickup.Format(timeForm), t.Dropoff.Format(timeForm))
		}
	}
	w.must(os.WriteFile(file, lines, 0o600))
	return trips
}

const timeForm = "2006-01-02T15:04:05.000Z"
