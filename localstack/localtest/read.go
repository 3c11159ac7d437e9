package localtest

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

// SharedData is the folder of real trips, or "" where there is none.
func SharedData(t testing.TB) string {
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

// Read reads a trip file in the most obvious way, by the names of its
// columns. Rows that cannot be a trip (no place, no time) are left out.
func Read(t testing.TB, file string) []Trip {
	t.Helper()
	if strings.HasSuffix(file, ".parquet") {
		return parquetTrips(t, file)
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
		return jsonLines(t, data)
	}
	var trips []Trip
	var column map[string]int
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		row := strings.Split(strings.TrimSuffix(lines.Text(), "\r"), ",")
		switch {
		case len(row) < 3:
		case len(row) > 1 && (row[1] == "START" || row[1] == "END"):
			if trip, ok := parseRide(row); ok {
				trips = append(trips, trip)
			}
		case column == nil:
			column = map[string]int{}
			for i, name := range row {
				column[canonical(name)] = i
			}
		default:
			if trip, ok := parseRow(t, column, row); ok {
				trips = append(trips, trip)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return trips
}

func canonical(name string) string {
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

func parseRow(t testing.TB, column map[string]int, row []string) (Trip, bool) {
	t.Helper()
	var trip Trip
	var ok [4]bool
	trip.Pickup, ok[0] = parseClock(row[column["pickup"]])
	trip.Dropoff, ok[1] = parseClock(row[column["dropoff"]])
	if _, zones := column["pzone"]; zones {
		points := zonePoints(t)
		from, have := points[strings.TrimSuffix(row[column["pzone"]], ".0")]
		to, haveTo := points[strings.TrimSuffix(row[column["dzone"]], ".0")]
		ok[2], ok[3] = have, haveTo
		trip.PickupLat, trip.PickupLon, trip.DropoffLat, trip.DropoffLon = from[0], from[1], to[0], to[1]
		return trip, ok == [4]bool{true, true, true, true}
	}
	ok[2], ok[3] = true, true
	for name, to := range map[string]*float64{"plat": &trip.PickupLat, "plon": &trip.PickupLon, "dlat": &trip.DropoffLat, "dlon": &trip.DropoffLon} {
		v, err := strconv.ParseFloat(row[column[name]], 64)
		if err != nil {
			ok[2] = false
		}
		*to = v
	}
	return trip, ok == [4]bool{true, true, true, true}
}

func parseRide(row []string) (Trip, bool) {
	if row[1] != "END" {
		return Trip{}, false
	}
	var trip Trip
	trip.ID, _ = strconv.ParseInt(row[0], 10, 64)
	trip.Dropoff, _ = parseClock(row[2])
	trip.Pickup, _ = parseClock(row[3])
	for i, to := range []*float64{&trip.PickupLon, &trip.PickupLat, &trip.DropoffLon, &trip.DropoffLat} {
		*to, _ = strconv.ParseFloat(row[4+i], 64)
	}
	return trip, true
}

func jsonLines(t testing.TB, data []byte) []Trip {
	t.Helper()
	var trips []Trip
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
			trips = append(trips, Trip{e.TripID, e.PickupLat, e.PickupLon, e.DropoffLat, e.DropoffLon, e.Pickup, e.Dropoff})
		}
	}
	return trips
}

// parseClock reads New York wall clock, or a time with an offset at its word.
func parseClock(text string) (time.Time, bool) {
	if at, err := time.Parse("2006-01-02 15:04:05 -07:00", text); err == nil {
		return at, true
	}
	wall, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		return time.Time{}, false
	}
	return fromWall(wall), true
}

var city = sync.OnceValue(func() *time.Location {
	city, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return city
})

// fromWall: an ambiguous time is its first reading, a skipped one is read
// with the offset before the change, which is standard time.
func fromWall(wall time.Time) time.Time {
	city := city()
	for _, hours := range []int{4, 5} { // daylight time is the first reading
		at := wall.Add(time.Duration(hours) * time.Hour)
		if _, offset := at.In(city).Zone(); offset == -hours*3600 {
			return at
		}
	}
	return wall.Add(5 * time.Hour)
}

var (
	zoneTable map[string][2]float64
	zoneLock  sync.Mutex
)

// zonePoints gives the inside point of each zone as {lat, lon}.
func zonePoints(t testing.TB) map[string][2]float64 {
	t.Helper()
	zoneLock.Lock()
	defer zoneLock.Unlock()
	if zoneTable != nil {
		return zoneTable
	}
	f, err := os.Open(filepath.Join(SharedData(t), "zones", "taxi_zone_centroids.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	zoneTable = map[string][2]float64{}
	for _, r := range rows[1:] {
		lon, errLon := strconv.ParseFloat(r[6], 64)
		lat, errLat := strconv.ParseFloat(r[7], 64)
		if errLon == nil && errLat == nil {
			zoneTable[r[0]] = [2]float64{lat, lon}
		}
	}
	return zoneTable
}

func parquetTrips(t testing.TB, file string) []Trip {
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
	points := zonePoints(t)
	var trips []Trip
	for _, r := range rows {
		from, ok := points[strconv.Itoa(int(r.From))]
		to, okTo := points[strconv.Itoa(int(r.To))]
		if ok && okTo {
			trips = append(trips, Trip{
				0, from[0], from[1], to[0], to[1],
				fromWall(time.UnixMicro(r.Pickup).UTC()), fromWall(time.UnixMicro(r.Dropoff).UTC()),
			})
		}
	}
	return trips
}
