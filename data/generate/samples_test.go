package generate_test

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"taxistream/data/zones"
	"taxistream/internal/trip"
)

// sample is one real trip. Times are New York wall clock in the guise of UTC.
type sample struct {
	pickup, dropoff                        time.Time
	pickupLat, pickupLon, dropLat, dropLon float64 // 0 in files with zone ids
	pickupZone, dropZone                   int     // 0 in files with coordinates
	miles                                  float64
}

func (s *sample) duration() time.Duration { return s.dropoff.Sub(s.pickup) }

func (s *sample) weekend() bool {
	return s.dropoff.Weekday() == time.Saturday || s.dropoff.Weekday() == time.Sunday
}

// layout says in which columns a file keeps what; -1: it does not.
type layout struct {
	separator                              string
	pickup, dropoff                        int
	pickupLon, pickupLat, dropLon, dropLat int
	pickupZone, dropZone                   int
	miles                                  int
	keep                                   func(fields []string) bool
}

var (
	yellow2015  = layout{",", 0, 1, 4, 5, 6, 7, -1, -1, 3, nil}
	yellow2018  = layout{",", 1, 2, -1, -1, -1, -1, 7, 8, 4, nil}
	green2013   = layout{",", 1, 2, 5, 6, 7, 8, -1, -1, 10, nil}
	hotzone2009 = layout{";", 1, 2, 5, 5, 8, 8, -1, -1, 4, nil}
	rides2013   = layout{",", 3, 2, 4, 5, 6, 7, -1, -1, -1, func(f []string) bool { return f[1] == "END" }}
)

// pooled2018 is every yellow month before the pandemic, read once for all tests.
func pooled2018(t *testing.T) []sample {
	t.Helper()
	if pooled != nil {
		return pooled
	}
	paths, err := filepath.Glob(filepath.Join(sharedData(t), "yellow-2018-2020", "*.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		month := strings.TrimSuffix(path, ".csv.gz")[len(path)-len("2018-01.csv.gz"):]
		first, err := time.Parse("2006-01", month)
		if err != nil {
			t.Fatal(err)
		}
		if month > "2020-02" {
			continue
		}
		for _, s := range read(t, path, yellow2018) {
			if !s.pickup.Before(first) && s.pickup.Before(first.AddDate(0, 1, 0)) {
				pooled = append(pooled, s)
			}
		}
	}
	return pooled
}

var pooled []sample

// read returns the rows of a file that can be read at all.
func read(t *testing.T, path string, l layout) []sample {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	lines := bufio.NewScanner(plain)
	for lines.Scan() {
		if s, ok := l.parse(strings.Split(lines.Text(), l.separator)); ok {
			samples = append(samples, s)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return samples
}

func (l *layout) parse(f []string) (s sample, ok bool) {
	if len(f) < 8 || l.keep != nil && !l.keep(f) {
		return s, false
	}
	var good [2]bool
	s.pickup, good[0] = wallClock(f[l.pickup])
	s.dropoff, good[1] = wallClock(f[l.dropoff])
	if !good[0] || !good[1] {
		return s, false
	}
	number := func(column, part int) float64 {
		if column < 0 {
			return 0
		}
		text := f[column]
		if strings.HasPrefix(text, "(") { // "(lon,lat)" in one field
			text = strings.Split(strings.Trim(text, "()"), ",")[part]
		}
		v, _ := strconv.ParseFloat(text, 64)
		return v
	}
	s.pickupLon, s.pickupLat = number(l.pickupLon, 0), number(l.pickupLat, 1)
	s.dropLon, s.dropLat = number(l.dropLon, 0), number(l.dropLat, 1)
	s.pickupZone, s.dropZone = int(number(l.pickupZone, 0)), int(number(l.dropZone, 0))
	s.miles = number(l.miles, 0)
	return s, true
}

// wallClock reads "2015-01-15 15:33:26" and ignores what follows.
func wallClock(text string) (at time.Time, ok bool) {
	seconds, ok := trip.Clock(text[:min(len(text), len(time.DateTime))])
	return time.Unix(seconds, 0).UTC(), ok
}

// zoneAt is 0 outside all zones.
func zoneAt(lat, lon float64) int {
	if s := zones.Find(lat, lon); s != nil {
		return s.ID
	}
	return 0
}

// needSamples skips a test where the real trips are missing.
func needSamples(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(sharedData(t)); err != nil {
		t.Skipf("no real trips in %s (set TAXI_SHARED): TestDayLooksReal compares with the committed facts", sharedData(t))
	}
}

func sharedData(t *testing.T) string {
	t.Helper()
	if shared := os.Getenv("TAXI_SHARED"); shared != "" {
		return filepath.Join(shared, "data")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "data")
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test's folder")
	}
}
