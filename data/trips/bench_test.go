package trips_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

const benchRows = 50_000

// BenchmarkRead reads a file of each form; ns/row is what a row costs from the
// file's bytes to a trip.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		name string
		file string
	}{
		{"CSV", write(b, "csv", benchText("VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount\n", func(i int) string {
			return fmt.Sprintf("2,%s,%s,1,1.59,-73.9938%08d,40.7501%08d,1,N,-73.974784851074219,40.750617980957031,1,12,1,0.5,3.25,0,0.3,%d.05\n", benchTime(i), benchTime(i+600), i, i, i%90)
		}))},
		{"ZonesCSV", write(b, "zones", benchText(zoneHead, func(i int) string {
			return fmt.Sprintf("%s,%s,%d,%d,%d.5\n", benchTime(i), benchTime(i+600), 4+i%40, 132, i%90)
		}))},
		{"Rides", write(b, "rides", benchText("", func(i int) string {
			return fmt.Sprintf("%d,END,%s,%s,-73.8661%02d,40.7710%02d,-73.961334,40.764912,6,2013000006,2013000006\n", i+1, benchTime(i+600), benchTime(i), i%100, i%100)
		}))},
		{"JSON", write(b, "json", benchText("", func(i int) string {
			t := want
			t.ID, t.Pickup, t.Dropoff = int64(i+1), t.Pickup+int64(i)*1000, t.Dropoff+int64(i)*1000
			return string(trip.AppendTrip(nil, &t))
		}))},
		{"Parquet", benchParquet(b)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				readAll(b, c.file)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

func readAll(b *testing.B, file string) {
	in, err := trips.Expand(file)
	if err != nil {
		b.Fatal(err)
	}
	r, err := trips.Open(context.Background(), in[0])
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var t trip.Trip
	for err == nil {
		err = r.Read(&t)
	}
	if err != io.EOF || r.Stats().Trips != benchRows {
		b.Fatal(r.Stats().Trips, err)
	}
}

func benchText(head string, row func(i int) string) []byte {
	var text bytes.Buffer
	text.WriteString(head)
	for i := range benchRows {
		text.WriteString(row(i))
	}
	return text.Bytes()
}

func benchTime(seconds int) string {
	return time.Date(2015, 1, 15, 0, 0, seconds, 0, time.UTC).Format(time.DateTime)
}

func benchParquet(b *testing.B) string {
	type row struct {
		Pickup  time.Time `parquet:"tpep_pickup_datetime,timestamp(microsecond:local)"`
		Dropoff time.Time `parquet:"tpep_dropoff_datetime,timestamp(microsecond:local)"`
		PLon    float64   `parquet:"pickup_longitude"`
		PLat    float64   `parquet:"pickup_latitude"`
		DLon    float64   `parquet:"dropoff_longitude"`
		DLat    float64   `parquet:"dropoff_latitude"`
		Total   *float64  `parquet:"total_amount,optional,snappy"`
	}
	rows := make([]row, benchRows)
	for i := range rows {
		at := time.Date(2015, 1, 15, 0, 0, i, 0, time.UTC)
		total := float64(i%90) + 0.05
		rows[i] = row{at, at.Add(10 * time.Minute), -73.9 + float64(i)*1e-7, 40.7 + float64(i)*1e-7, -73.8, 40.6, &total}
	}
	file := filepath.Join(b.TempDir(), "parquet")
	if err := parquet.WriteFile(file, rows); err != nil {
		b.Fatal(err)
	}
	return file
}
