package trips_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"taxistream/data/trips"
)

// Ensure each end of each row is placed by what it has, in CSV and in Parquet alike.
func TestPlaces_ByEither(t *testing.T) {
	nan := math.NaN()
	type place struct{ lat, lon float64 }
	jfk, lga, here, nowhere := place{40.642605, -73.778264}, place{40.774867, -73.872804}, place{40.7, -73.9}, place{}
	type end struct {
		lat, lon any // float64, nil: absent
		zone     any
	}
	at := end{here.lat, here.lon, nil}
	for name, c := range map[string]struct {
		from, to end
		want     [2]place
		reason   trips.Reason
	}{
		"Coordinates":         {at, end{40.6, -73.8, nil}, [2]place{here, {40.6, -73.8}}, ""},
		"CoordinatesAndZones": {end{here.lat, here.lon, 132}, end{40.6, -73.8, 138}, [2]place{here, {40.6, -73.8}}, ""},
		"ZeroAndZone":         {end{0., 0., 132}, end{0., 0., 138}, [2]place{jfk, lga}, ""},
		"OneZeroAndZone":      {end{40.7, 0., 132}, end{0., -73.9, 138}, [2]place{jfk, lga}, ""},
		"AbsentAndZone":       {end{nil, nil, 132}, end{nil, -73.9, 138}, [2]place{jfk, lga}, ""},
		"NaNAndZone":          {end{nan, nan, 132}, end{40.7, nan, 138}, [2]place{jfk, lga}, ""},
		"Mixed":               {at, end{nil, nil, 132}, [2]place{here, jfk}, ""},
		"MixedTheOtherWay":    {end{0., 0., 138}, at, [2]place{lga, here}, ""},
		"ZeroWithoutZone":     {end{0., 0., nil}, at, [2]place{nowhere, here}, ""},
		"ZeroAndUnknownZone":  {end{0., 0., 264}, at, [2]place{nowhere, here}, ""},
		"NothingAtAll":        {end{nil, nil, nil}, at, [2]place{}, trips.BadNumber},
		"AbsentUnknownZone":   {at, end{nil, nil, 265}, [2]place{}, trips.UnknownZone},
		"NaNAndHalfAZone":     {end{nan, nan, 132.5}, at, [2]place{}, trips.UnknownZone},
		"NaNAndNoZone":        {end{nan, nan, nil}, at, [2]place{}, trips.NotFinite},
	} {
		t.Run(name, func(t *testing.T) {
			csv := []string{"2013-01-01 00:02:03", "2013-01-01 00:40:00"}
			var values [6]*float64
			for i, v := range []any{c.from.lon, c.from.lat, c.to.lon, c.to.lat, c.from.zone, c.to.zone} {
				text := ""
				if v != nil {
					text = fmt.Sprint(v)
					f, ok := v.(float64)
					if !ok {
						f = float64(v.(int))
					}
					values[i] = &f
				}
				csv = append(csv, text)
			}
			for _, file := range []string{
				write(t, "csv", []byte(strings.TrimSuffix(plainHead, ",total_amount\n")+",PULocationID,DOLocationID\n"+strings.Join(csv, ",")+"\n"+rest)),
				eitherParquet(t, values),
			} {
				got, stats, err := read(t, file)
				if err != nil || !strings.HasSuffix(stats.Format, " with coordinates and zones") {
					t.Fatalf("%s: %v", stats.Format, err)
				}
				if c.reason != "" {
					if b := stats.Bad[c.reason]; b == nil || b.Count != 1 || len(got) != 1 {
						t.Errorf("%s: %d trips, bad: %v, want %s", stats.Format, len(got), stats.Bad, c.reason)
					}
					continue
				}
				if len(got) != 2 || (place{got[0].PickupLat, got[0].PickupLon}) != c.want[0] || (place{got[0].DropoffLat, got[0].DropoffLon}) != c.want[1] {
					t.Errorf("%s: %+v, want %v", stats.Format, got, c.want)
				}
			}
		})
	}
}

// rest is a good row, so that a bad one is not all of its file.
const rest = "2013-01-01 00:02:03,2013-01-01 00:40:00,-73.9,40.7,-73.8,40.6,,\n"

func eitherParquet(t *testing.T, v [6]*float64) string {
	t.Helper()
	type row struct {
		Pickup  time.Time `parquet:"tpep_pickup_datetime,timestamp(microsecond:local)"`
		Dropoff time.Time `parquet:"tpep_dropoff_datetime,timestamp(microsecond:local)"`
		PLon    *float64  `parquet:"pickup_longitude,optional"`
		PLat    *float64  `parquet:"pickup_latitude,optional"`
		DLon    *float64  `parquet:"dropoff_longitude,optional"`
		DLat    *float64  `parquet:"dropoff_latitude,optional"`
		PZone   *float64  `parquet:"PULocationID,optional"`
		DZone   *float64  `parquet:"DOLocationID,optional"`
	}
	from, to := time.Date(2013, 1, 1, 0, 2, 3, 0, time.UTC), time.Date(2013, 1, 1, 0, 40, 0, 0, time.UTC)
	good := [4]float64{-73.9, 40.7, -73.8, 40.6}
	file := write(t, "parquet", nil)
	rows := []row{{from, to, v[0], v[1], v[2], v[3], v[4], v[5]}, {from, to, &good[0], &good[1], &good[2], &good[3], nil, nil}}
	if err := parquet.WriteFile(file, rows); err != nil {
		t.Fatal(err)
	}
	return file
}

// Ensure a file may have coordinates at one end and zones at the other, but not
// nothing at an end.
func TestPlaces_OfEachEnd(t *testing.T) {
	got, stats, err := read(t, write(t, "x", []byte("pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,DOLocationID\n2013-01-01 00:02:03,2013-01-01 00:40:00,-73.9,40.7,132\n")))
	if err != nil || len(got) != 1 || got[0].PickupLat != 40.7 || !trips.IsZonePoint(got[0].DropoffLat, got[0].DropoffLon) || trips.IsZonePoint(40.7, -73.9) {
		t.Errorf("%s: %+v, %v", stats.Format, got, err)
	}
	_, stats, err = read(t, write(t, "x", []byte("pickup_datetime,dropoff_datetime,PULocationID,pickup_longitude,DOLocationID\n2013-01-01 00:02:03,2013-01-01 00:40:00,132,-73.9,138\n")))
	if err != nil || stats.Format != "TLC CSV with zones" || stats.Trips != 1 {
		t.Errorf("half a pair of coordinates: %s, %d trips, %v", stats.Format, stats.Trips, err)
	}
	if _, _, err := read(t, write(t, "x", []byte("pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,PULocationID\n"))); err == nil || !strings.Contains(err.Error(), "unknown columns") {
		t.Errorf("no place of the dropoff: %v", err)
	}
}

// Ensure JSON lines are placed in the same way, those of the wire form, too.
func TestPlaces_JSON(t *testing.T) {
	const times = `"pickup_datetime":"2013-01-01T05:02:03.000Z","dropoff_datetime":"2013-01-01T05:40:00.000Z"`
	for row, zones := range map[string][2]bool{
		`{"trip_id":7,"pickup_lat":0,"pickup_lon":0,"dropoff_lat":40.6,"dropoff_lon":-73.8,"PULocationID":132,"DOLocationID":138,` + times + `}`:     {true, false},
		`{"pickup_latitude":40.7,"pickup_longitude":-73.9,"dropoff_latitude":null,"dropoff_longitude":null,"DOLocationID":138,` + times + `}`:        {false, true},
		`{"trip_id":7,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":0,"dropoff_lon":-73.8,"pulocationid":"132","dolocationid":1,` + times + `}`: {false, true},
		`{"trip_id":7,"pickup_lat":0,"pickup_lon":0,"dropoff_lat":40.6,"dropoff_lon":-73.8,"PULocationID":265,` + times + `}`:                        {false, false},
		`{"trip_id":7,"pickup_lat":0,"pickup_lon":0,"dropoff_lat":40.6,"dropoff_lon":-73.8,"allocation":[],` + times + `}`:                           {false, false},
	} {
		got, _, err := read(t, write(t, "x.json", []byte(row+"\n")))
		if err != nil || len(got) != 1 || trips.IsZonePoint(got[0].PickupLat, got[0].PickupLon) != zones[0] || trips.IsZonePoint(got[0].DropoffLat, got[0].DropoffLon) != zones[1] {
			t.Errorf("%s: %+v, %v", row, got, err)
		} else if strings.Contains(row, "trip_id") && got[0].ID != 7 {
			t.Errorf("%s: the id is %d", row, got[0].ID)
		}
	}
}
