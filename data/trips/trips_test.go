package trips_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/pierrec/lz4/v4"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// read reads a source of one file to its end.
func read(t testing.TB, source string) ([]trip.Trip, trips.Stats, error) {
	t.Helper()
	in, err := trips.Expand(source)
	if err != nil {
		return nil, trips.Stats{}, err
	}
	r, err := trips.Open(context.Background(), in[0])
	if err != nil {
		return nil, trips.Stats{}, err
	}
	defer r.Close()
	var all []trip.Trip
	for {
		var one trip.Trip
		if err := r.Read(&one); err != nil {
			if err == io.EOF {
				err = nil
			}
			return all, *r.Stats(), err
		}
		all = append(all, one)
	}
}

// Ensure every real file is read whole: the counts are those of the files' own description.
func TestRealFiles(t *testing.T) {
	dir := os.Getenv("TAXI_SHARED")
	if dir == "" || !filepath.IsAbs(dir) {
		dir = filepath.Join("../..", cmp.Or(dir, "../shared"))
	}
	dir = filepath.Join(dir, "data")
	if _, err := os.Stat(dir); err != nil {
		t.Logf("no real trips at %s: the forms below are tried on made-up rows alone", dir)
		return
	}
	for name, want := range map[string][3]int64{ // rows, bad, skipped
		"flink-rides-2013-01-01.csv.gz":                          {46450, 0, 53550},
		"yellow-2015-01-15-sample.csv.gz":                        {9999, 0, 0},
		"green_tripdata_2013-08.csv.gz":                          {7623, 0, 0},
		"yellow-2009-01-sample.csv.gz":                           {498, 0, 0},
		"green_tripdata_2025-11.parquet":                         {46912, 673, 0},
		"yellow-2018-2020/yellow_tripdata_sample_2019-04.csv.gz": {10000, 134, 0},
	} {
		got, stats, err := read(t, filepath.Join(dir, name))
		if err != nil || stats.Rows != want[0] || stats.BadRows() != want[1] || stats.Skipped != want[2] || int64(len(got)) != want[0]-want[1] {
			t.Errorf("%s: %d rows, %d bad, %d skipped, %v; want %v", name, stats.Rows, stats.BadRows(), stats.Skipped, err, want)
		}
	}
}

const (
	zoneHead  = "tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,total_amount\n"
	plainHead = "pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount\n"
	plainRow  = "2013-01-01 00:02:03,2013-01-01 00:40:00,-73.9,40.7,-73.8,40.6,52.8\n"
)

var want = trip.Trip{
	PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8, TotalAmount: 52.8, HasAmount: true,
	Pickup: 1357016523000, Dropoff: 1357018800000,
}

// Ensure one trip is read alike from every form.
func TestForms(t *testing.T) {
	withID, noAmount := want, want
	withID.ID = 4711
	noAmount.TotalAmount, noAmount.HasAmount = 0, false
	ride := noAmount
	ride.ID = 6
	for name, c := range map[string]struct {
		data   string
		want   trip.Trip
		format string
	}{
		"Yellow2009": {"vendor_name,Trip_Pickup_DateTime,Trip_Dropoff_DateTime,Passenger_Count,Trip_Distance,Start_Lon,Start_Lat,Rate_Code,store_and_forward,End_Lon,End_Lat,Payment_Type,Fare_Amt,surcharge,mta_tax,Tip_Amt,Tolls_Amt,Total_Amt\n\r\nVTS,2013-01-01 00:02:03,2013-01-01 00:40:00,1,2.6,-73.9,40.7,,,-73.8,40.6,CASH,8.9,0.5,,0,0,52.8\r\n", want, "TLC CSV with coordinates"},
		"Yellow2010": {"vendor_id, pickup_datetime, dropoff_datetime, passenger_count, trip_distance, pickup_longitude, pickup_latitude, rate_code, store_and_fwd_flag, dropoff_longitude, dropoff_latitude, payment_type, fare_amount, surcharge, mta_tax, tip_amount, tolls_amount, total_amount\nCMT,2013-01-01 00:02:03,2013-01-01 00:40:00,1,3.6,-73.9,40.7,1,N,-73.8,40.6,CSH,13,0.5,0.5,0,0,52.80\n", want, "TLC CSV with coordinates"},
		"Yellow2015": {"VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount\n2,2013-01-01 00:02:03,2013-01-01 00:40:00,1,1.59,-73.9,40.7,1,N,-73.8,40.6,1,12,1,0.5,3.25,0,0.3,52.8\n", want, "TLC CSV with coordinates"},
		"Green":      {"VendorID,lpep_pickup_datetime,Lpep_dropoff_datetime,Store_and_fwd_flag,RateCodeID,Pickup_longitude,Pickup_latitude,Dropoff_longitude,Dropoff_latitude,Passenger_count,Trip_distance,Fare_amount,Extra,MTA_tax,Tip_amount,Tolls_amount,Ehail_fee,Total_amount,Payment_type,Trip_type \n\n2,2013-01-01 00:02:03,2013-01-01 00:40:00,N,1,-73.9,40.7,-73.8,40.6,1,.00,21.25,0,0,0,0,,52.8,2,,,\n", want, "TLC CSV with coordinates"},
		"BOM":        {"\xef\xbb\xbf" + plainHead + plainRow, want, "TLC CSV with coordinates"},
		"Offset":     {plainHead + "2013-01-01 05:02:03 +00:00,2013-01-01T06:40:00.0009+01:00,-73.9,40.7,-73.8,40.6,52.8", want, "TLC CSV with coordinates"},
		"NoAmount":   {plainHead + strings.Replace(plainRow, "52.8", "", 1), noAmount, "TLC CSV with coordinates"},
		"Rides":      {"6,START,2013-01-01 00:02:03,1970-01-01 00:00:00,-73.9,40.7,-73.8,40.6,6,1,1\n6,END,2013-01-01 00:40:00,2013-01-01 00:02:03,-73.9,40.7,-73.8,40.6,6,1,1\n", ride, "Flink training rides"},
		"Wire":       {string(trip.AppendTrip(nil, &withID)) + string(trip.AppendWatermark(nil, 5)), withID, "JSON lines"},
		"Reference":  {`{"type":"trip","trip_id":4711,"pickup_longitude":-73.9,"pickup_latitude":40.7,"dropoff_longitude":-73.8,"dropoff_latitude":40.6,"total_amount":52.8,"pickup_datetime":"2013-01-01T05:02:03Z","dropoff_datetime":"2013-01-01T05:40:00Z"}`, withID, "JSON lines"},
		"LocalJSON":  {`{"pickup_lon":-73.9,"pickup_lat":40.7,"dropoff_lon":-73.8,"dropoff_lat":40.6,"total_amount":52.8,"pickup_datetime":"2013-01-01 00:02:03","dropoff_datetime":"2013-01-01 00:40:00"}`, want, "JSON lines"},
		"Prepared":   {string(trips.AppendHead(nil, trips.Head{Prepared: 1, Order: "event_time", Trips: 1})) + string(trip.AppendTrip(nil, &withID)), withID, "prepared"},
	} {
		t.Run(name, func(t *testing.T) {
			got, stats, err := read(t, write(t, "x", []byte(c.data)))
			if err != nil || len(got) != 1 || got[0] != c.want || stats.Format != c.format || stats.BadRows() != 0 {
				t.Fatalf("got %+v, %+v, %v; want %+v", got, stats, err, c.want)
			}
		})
	}
}

func TestCompressions(t *testing.T) {
	plain := []byte(plainHead + strings.Repeat(plainRow, 1000))
	half := len(plain) / 2
	pack := map[string]func(*bytes.Buffer) error{
		"none": func(b *bytes.Buffer) error { _, err := b.Write(plain); return err },
		"gzip": func(b *bytes.Buffer) error { // two members
			for _, part := range [][]byte{plain[:half], plain[half:]} {
				z := gzip.NewWriter(b)
				z.Write(part)
				if err := z.Close(); err != nil {
					return err
				}
			}
			return nil
		},
		"zstd":   func(b *bytes.Buffer) error { z, _ := zstd.NewWriter(b); z.Write(plain); return z.Close() },
		"lz4":    func(b *bytes.Buffer) error { z := lz4.NewWriter(b); z.Write(plain); return z.Close() },
		"snappy": func(b *bytes.Buffer) error { z := snappy.NewBufferedWriter(b); z.Write(plain); return z.Close() },
		"s2":     func(b *bytes.Buffer) error { z := s2.NewWriter(b); z.Write(plain); return z.Close() },
	}
	for name, f := range pack {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f(&b); err != nil {
				t.Fatal(err)
			}
			got, stats, err := read(t, write(t, "wrong.name", b.Bytes()))
			if err != nil || len(got) != 1000 || got[999] != want || stats.Compression != name {
				t.Fatalf("%d trips, compression %s, %v", len(got), stats.Compression, err)
			}
		})
	}
}

func parquetFile[T any](t *testing.T, row T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x")
	if err := parquet.WriteFile(file, []T{row, row}); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestParquet(t *testing.T) {
	type local struct {
		Pickup  time.Time `parquet:"tpep_pickup_datetime,timestamp(nanosecond:local)"`
		Dropoff time.Time `parquet:"tpep_dropoff_datetime,timestamp(millisecond:local)"`
		PLon    float64   `parquet:"pickup_longitude"`
		PLat    float64   `parquet:"pickup_latitude"`
		DLon    float32   `parquet:"dropoff_longitude"`
		DLat    float64   `parquet:"dropoff_latitude"`
		Total   float64   `parquet:"total_amount"`
	}
	type utc struct {
		Pickup  time.Time `parquet:"Trip_Pickup_DateTime,timestamp(microsecond)"`
		Dropoff string    `parquet:"Trip_Dropoff_DateTime"`
		From    int64     `parquet:"PULocationID"`
		To      float64   `parquet:"DOLocationID"`
		Total   *float64  `parquet:"Total_Amt,optional"`
	}
	wall := time.Date(2013, 1, 1, 0, 2, 3, 0, time.UTC)
	got, stats, err := read(t, parquetFile(t, local{wall, wall.Add(2277 * time.Second), -73.9, 40.7, -73.75, 40.6, 52.8}))
	expect := want
	expect.DropoffLon = -73.75
	if err != nil || len(got) != 2 || got[1] != expect || stats.Format != "TLC Parquet with coordinates" {
		t.Errorf("got %+v, %+v, %v", got, stats, err)
	}
	got, stats, err = read(t, parquetFile(t, utc{wall.Add(5 * time.Hour), "2013-01-01 00:40:00", 132, 138, nil}))
	if err != nil || len(got) != 2 || got[1].Pickup != want.Pickup || got[1].Dropoff != want.Dropoff || got[1].HasAmount || got[1].PickupLat == 0 || stats.Format != "TLC Parquet with zones" {
		t.Errorf("got %+v, %+v, %v", got, stats, err)
	}
}

// Ensure each bad row is counted by its reason, with the first three places, and stops nothing.
func TestBadRows(t *testing.T) {
	bad := func(old, with string) string { return strings.Replace(plainRow, old, with, 1) }
	data := plainHead + plainRow +
		bad("2013-01-01 00:02:03", "2013-02-30 00:02:03") + bad("40.7", "north") + bad("40.7", "NaN") + bad("40.7", "-Inf") +
		"2013-01-01 00:02:03,2013-01-01\n" + bad("-73.9", "\xff") + strings.Repeat("x", 2<<20) + "\n" + bad("52.8", "cash") + plainRow +
		strings.Repeat(bad("00:40:00", "later"), 5)
	got, stats, err := read(t, write(t, "x", []byte(data)))
	if err != nil || len(got) != 2 || stats.Rows != 15 {
		t.Fatalf("%d trips of %d rows, %v", len(got), stats.Rows, err)
	}
	for reason, n := range map[trips.Reason]int64{trips.BadTime: 6, trips.BadNumber: 2, trips.NotFinite: 2, trips.FewFields: 1, trips.NotUTF8: 1, trips.LongLine: 1} {
		b := stats.Bad[reason]
		if b == nil || b.Count != n || len(b.First) != int(min(n, 3)) || b.First[0].Row < 2 {
			t.Errorf("%s: got %+v, want %d", reason, b, n)
		}
	}
	_, stats, err = read(t, write(t, "x", []byte(zoneHead+"2019-01-01 00:00:00,2019-01-01 00:10:00,264,132,5\n2019-01-01 00:00:00,2019-01-01 00:10:00,132.0,138,5\n")))
	if err != nil || stats.Bad[trips.UnknownZone] == nil || stats.Trips != 1 {
		t.Errorf("zones: %+v, %v", stats, err)
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ data, holds string }{
		"Empty":        {"", "no header and no row"},
		"Binary":       {"\x00\x01\xff\n", "not text"},
		"NotText":      {"\xfd\xfe\xfd\n", "not text"},
		"Columns":      {"a,b\n1,2\n", "unknown columns a,b"},
		"AllBad":       {plainHead + "x\ny\n", "all 2 rows are bad; the first, row 2: missing fields"},
		"AllBadJSON":   {"{\"a\":1}\n{}\n", "all 2 rows are bad"},
		"OldPrepared":  {`{"prepared":9,"order":"event_time"}` + "\n", "prepare it again"},
		"TruncatedZip": {"\x1f\x8b\x08\x00\x00", "cut off"},
		"HalfParquet":  {"PAR1garbage", "parquet"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(t, write(t, "some.file", []byte(c.data)))
			if err == nil || !strings.Contains(err.Error(), c.holds) || !strings.Contains(err.Error(), "some.file") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v, want one line with the file and %q", err, c.holds)
			}
		})
	}
	if got, stats, err := read(t, write(t, "x", []byte(plainHead))); err != nil || len(got) != 0 || stats.Rows != 0 {
		t.Errorf("a header alone: %d trips, %v", len(got), err)
	}
}

// Ensure folders leave out hidden files, globs match, and a broken download goes on.
func TestSources(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.csv", "a.csv", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(plainHead+plainRow), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := trips.Expand(dir)
	if err != nil || len(in) != 2 || filepath.Base(in[0].Name) != "a.csv" {
		t.Errorf("folder: %v, %v", in, err)
	}
	if in, err := trips.Expand(filepath.Join(dir, "b*")); err != nil || len(in) != 1 {
		t.Errorf("glob: %v, %v", in, err)
	}
	data := []byte(plainHead + strings.Repeat(plainRow, 20000))
	broken := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/trips" {
			http.NotFound(w, r)
			return
		}
		from := 0
		if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 1 {
			w.Header().Set("Content-Length", fmt.Sprint(len(data)-from))
			w.WriteHeader(http.StatusPartialContent)
		} else {
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		}
		if broken++; broken < 3 {
			w.Write(data[from : from+(len(data)-from)/2])
			panic(http.ErrAbortHandler)
		}
		w.Write(data[from:])
	}))
	defer server.Close()
	if got, _, err := read(t, server.URL+"/trips"); err != nil || len(got) != 20000 || broken != 3 {
		t.Errorf("%d trips over %d connections, %v", len(got), broken, err)
	}
	if _, _, err := read(t, server.URL+"/none"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got %v, want the server's answer", err)
	}
}

// FuzzOpen reads anything without a crash; what is read can be written.
func FuzzOpen(f *testing.F) {
	for _, seed := range []string{plainHead + plainRow, zoneHead + "2019-01-01 00:00:00,2019-01-01 00:10:00,132,138,5\n", "6,END,2013-01-01 00:40:00,2013-01-01 00:02:03,-73.9,40.7,-73.8,40.6,6,1,1\n", `{"trip_id":1}`, `{"prepared":1,"order":"event_time"}`, "\x1f\x8b", "PAR1", "\x28\xb5\x2f\xfd"} {
		f.Add([]byte(seed))
	}
	for _, m := range forms(f) {
		f.Add(m.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _, _ := read(t, write(t, "fuzz", data))
		for i := range got {
			if !got[i].Finite() || !trip.Writable(got[i].Pickup) || !trip.Writable(got[i].Dropoff) {
				t.Fatalf("%+v cannot be written", got[i])
			}
		}
	})
}
