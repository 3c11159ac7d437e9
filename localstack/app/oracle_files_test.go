package app_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
)

// sharedData is the folder of real trips, or "" where there is none.
func sharedData(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("TAXI_SHARED")
	if dir == "" {
		dir = "../shared"
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("../..", dir)
	}
	dir = filepath.Join(dir, "data")
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// oracleRead reads a trip file in the most obvious way, by the names of its
// columns. Rows that cannot be a trip (no place, no time) are left out.
func oracleRead(t testing.TB, file string) []oracleTrip {
	t.Helper()
	if strings.HasSuffix(file, ".parquet") {
		return oracleParquet(t, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	if bytes.HasPrefix(data, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		z, err := zstd.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	if data[0] == '{' {
		return oracleJSON(t, data)
	}
	var trips []oracleTrip
	var column map[string]int
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		row := strings.Split(strings.TrimSuffix(lines.Text(), "\r"), ",")
		switch {
		case len(row) < 3:
		case len(row) > 1 && (row[1] == "START" || row[1] == "END"):
			if trip, ok := oracleRide(row); ok {
				trips = append(trips, trip)
			}
		case column == nil:
			column = map[string]int{}
			for i, name := range row {
				column[oracleColumn(name)] = i
			}
		default:
			if trip, ok := oracleRow(t, column, row); ok {
				trips = append(trips, trip)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return trips
}

func oracleColumn(name string) string {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "trip_pickup_datetime", "lpep_pickup_datetime", "pickup_datetime", "tpep_pickup_datetime":
		return "pickup"
	case "trip_dropoff_datetime", "lpep_dropoff_datetime", "dropoff_datetime", "tpep_dropoff_datetime":
		return "dropoff"
	case "start_lon", "pickup_longitude":
		return "plon"
	case "start_lat", "pickup_latitude":
		return "plat"
	case "end_lon", "dropoff_longitude":
		return "dlon"
	case "end_lat", "dropoff_latitude":
		return "dlat"
	case "pickup_location_id":
		return "pzone"
	case "dropoff_location_id":
		return "dzone"
	}
	return "other " + name
}

func oracleRow(t testing.TB, column map[string]int, row []string) (oracleTrip, bool) {
	t.Helper()
	var trip oracleTrip
	var ok [4]bool
	trip.pickup, ok[0] = oracleClock(row[column["pickup"]])
	trip.dropoff, ok[1] = oracleClock(row[column["dropoff"]])
	if _, zones := column["pzone"]; zones {
		points := oracleZones(t)
		from, have := points[strings.TrimSuffix(row[column["pzone"]], ".0")]
		to, haveTo := points[strings.TrimSuffix(row[column["dzone"]], ".0")]
		ok[2], ok[3] = have, haveTo
		trip.pickupLat, trip.pickupLon, trip.dropoffLat, trip.dropoffLon = from[0], from[1], to[0], to[1]
		return trip, ok == [4]bool{true, true, true, true}
	}
	ok[2], ok[3] = true, true
	for name, to := range map[string]*float64{"plat": &trip.pickupLat, "plon": &trip.pickupLon, "dlat": &trip.dropoffLat, "dlon": &trip.dropoffLon} {
		v, err := strconv.ParseFloat(row[column[name]], 64)
		if err != nil {
			ok[2] = false
		}
		*to = v
	}
	return trip, ok == [4]bool{true, true, true, true}
}

func oracleRide(row []string) (oracleTrip, bool) {
	if row[1] != "END" {
		return oracleTrip{}, false
	}
	var trip oracleTrip
	trip.id, _ = strconv.ParseInt(row[0], 10, 64)
	trip.dropoff, _ = oracleClock(row[2])
	trip.pickup, _ = oracleClock(row[3])
	for i, to := range []*float64{&trip.pickupLon, &trip.pickupLat, &trip.dropoffLon, &trip.dropoffLat} {
		*to, _ = strconv.ParseFloat(row[4+i], 64)
	}
	return trip, true
}

func oracleJSON(t testing.TB, data []byte) []oracleTrip {
	t.Helper()
	var trips []oracleTrip
	for _, line := range bytes.Split(data, []byte("\n")) {
		var e struct {
			Type       string
			TripID     int64     `json:"trip_id"`
			PickupLat  float64   `json:"pickup_lat"`
			PickupLon  float64   `json:"pickup_lon"`
			DropoffLat float64   `json:"dropoff_lat"`
			DropoffLon float64   `json:"dropoff_lon"`
			Pickup     time.Time `json:"pickup_datetime"`
			Dropoff    time.Time `json:"dropoff_datetime"`
		}
		if len(line) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e.Type == "trip" {
			trips = append(trips, oracleTrip{e.TripID, e.PickupLat, e.PickupLon, e.DropoffLat, e.DropoffLon, e.Pickup, e.Dropoff})
		}
	}
	return trips
}

// oracleClock reads New York wall clock, or a time with an offset at its word.
func oracleClock(text string) (time.Time, bool) {
	if at, err := time.Parse("2006-01-02 15:04:05 -07:00", text); err == nil {
		return at, true
	}
	wall, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		return time.Time{}, false
	}
	return oracleWall(wall), true
}

var oracleCity = sync.OnceValue(func() *time.Location {
	city, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return city
})

// oracleWall: an ambiguous time is its first reading, a skipped one is read
// with the offset before the change, which is standard time.
func oracleWall(wall time.Time) time.Time {
	city := oracleCity()
	for _, hours := range []int{4, 5} { // daylight time is the first reading
		at := wall.Add(time.Duration(hours) * time.Hour)
		if _, offset := at.In(city).Zone(); offset == -hours*3600 {
			return at
		}
	}
	return wall.Add(5 * time.Hour)
}

var (
	oracleZoneTable map[string][2]float64
	oracleZoneLock  sync.Mutex
)

// oracleZones gives the inside point of each zone as {lat, lon}.
func oracleZones(t testing.TB) map[string][2]float64 {
	t.Helper()
	oracleZoneLock.Lock()
	defer oracleZoneLock.Unlock()
	if oracleZoneTable != nil {
		return oracleZoneTable
	}
	f, err := os.Open(filepath.Join(sharedData(t), "zones", "taxi_zone_centroids.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	oracleZoneTable = map[string][2]float64{}
	for _, r := range rows[1:] {
		lon, errLon := strconv.ParseFloat(r[6], 64)
		lat, errLat := strconv.ParseFloat(r[7], 64)
		if errLon == nil && errLat == nil {
			oracleZoneTable[r[0]] = [2]float64{lat, lon}
		}
	}
	return oracleZoneTable
}

func oracleParquet(t testing.TB, file string) []oracleTrip {
	t.Helper()
	type green struct {
		Pickup  int64 `parquet:"lpep_pickup_datetime,timestamp(microsecond)"`
		Dropoff int64 `parquet:"lpep_dropoff_datetime,timestamp(microsecond)"`
		From    int32 `parquet:"PULocationID"`
		To      int32 `parquet:"DOLocationID"`
	}
	rows, err := parquet.ReadFile[green](file)
	if err != nil {
		t.Fatal(err)
	}
	points := oracleZones(t)
	var trips []oracleTrip
	for _, r := range rows {
		from, ok := points[strconv.Itoa(int(r.From))]
		to, okTo := points[strconv.Itoa(int(r.To))]
		if ok && okTo {
			trips = append(trips, oracleTrip{
				0, from[0], from[1], to[0], to[1],
				oracleWall(time.UnixMicro(r.Pickup).UTC()), oracleWall(time.UnixMicro(r.Dropoff).UTC()),
			})
		}
	}
	return trips
}

// Ensure the oracle itself reads the clock as the contract says.
func TestOracleClock(t *testing.T) {
	for text, want := range map[string]string{
		"2015-03-08 02:30:00":        "2015-03-08T07:30:00Z",
		"2015-11-01 01:30:00":        "2015-11-01T05:30:00Z",
		"2015-07-01 12:00:00":        "2015-07-01T16:00:00Z",
		"2015-01-15 15:33:26 +00:00": "2015-01-15T15:33:26Z",
	} {
		got, ok := oracleClock(text)
		if !ok || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
}

// Ensure the oracle reads each real file: the counts are those of the files' own description.
func TestOracleReads(t *testing.T) {
	dir := sharedData(t)
	if dir == "" {
		t.Log("no real trips here: nothing to read")
		return
	}
	for name, want := range map[string]int{
		"flink-rides-2013-01-01.csv.gz":   46450,
		"yellow-2015-01-15-sample.csv.gz": 9999,
		"green_tripdata_2013-08.csv.gz":   7623,
		"yellow-2009-01-sample.csv.gz":    498,
	} {
		if got := len(oracleRead(t, filepath.Join(dir, name))); got != want {
			t.Errorf("%s: %d trips, want %d", name, got, want)
		}
	}
	for _, name := range []string{"green_tripdata_2025-11.parquet", "yellow-2018-2020/yellow_tripdata_sample_2019-04.csv.gz"} {
		trips := oracleRead(t, filepath.Join(dir, name))
		export, rejected := oracle(t, trips)
		t.Logf("%s: %d trips, %d documents, rejected %v", name, len(trips), bytes.Count(export, []byte("\n")), rejected)
	}
}
