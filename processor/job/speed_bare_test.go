package job_test

import (
	"bytes"
	"testing"

	"github.com/uber/h3-go/v4"
)

// bareLoop does the job's work on one goroutine in the most direct way: it scans each line,
// asks H3 for the cell, and counts in maps that are emptied as their windows end. It is
// what a streaming engine is measured by: no engine, no distinct, no checkpoints, no documents.
func bareLoop(t *testing.T, lines [][]byte, repeat int) (out speedTotals) {
	type count struct {
		window int64
		cell   h3.Cell
	}
	type ride struct {
		count
		airport int
	}
	type stay struct{ trips, seconds int64 }
	counts, rides := map[count]int64{}, map[ride]stay{}
	fire := func(watermark int64) {
		for k := range counts {
			if (k.window+1)*600-1 <= watermark {
				out.Counts++
				delete(counts, k)
			}
		}
		for k, s := range rides {
			if (k.window+1)*3600-1 <= watermark {
				out.Durations++
				out.Trips, out.Seconds = out.Trips+s.trips, out.Seconds+s.seconds
				delete(rides, k)
			}
		}
	}
	watermark := int64(0)
	for day := range int64(repeat) {
		for _, line := range lines {
			out.Events++
			e, ok := scanLine(line)
			if !ok || !inBox(e.fromLat, e.fromLon) || !inBox(e.toLat, e.toLon) {
				continue
			}
			cell, err := h3.LatLngToCell(h3.LatLng{Lat: e.fromLat, Lng: e.fromLon}, 9)
			if err != nil {
				t.Fatal(err)
			}
			end := e.end + day*dayMs/1000
			counts[count{end / 600, cell}]++
			if a := airportOf(e.toLat, e.toLon); a != 0 {
				k := ride{count{end / 3600, cell}, a}
				s := rides[k]
				rides[k] = stay{s.trips + 1, s.seconds + e.end - e.begin}
			}
			if w := end - 6; w > watermark {
				if (w+1)/600 != (watermark+1)/600 {
					fire(w)
				}
				watermark = w
			}
		}
	}
	fire(1 << 60)
	return out
}

// bareEvent is what the loop needs of an event; times in seconds.
type bareEvent struct {
	fromLat, fromLon, toLat, toLon float64
	begin, end                     int64
}

// scanLine reads one flat JSON object without escapes or blanks.
func scanLine(line []byte) (e bareEvent, isTrip bool) {
	rest := line[1:]
	for len(rest) > 1 {
		colon := bytes.IndexByte(rest, ':')
		name := rest[1 : colon-1]
		rest = rest[colon+1:]
		var value []byte
		if rest[0] == '"' {
			n := bytes.IndexByte(rest[1:], '"')
			value, rest = rest[1:n+1], rest[n+2:]
		} else {
			n := 0
			for rest[n] != ',' && rest[n] != '}' {
				n++
			}
			value, rest = rest[:n], rest[n:]
		}
		switch string(name) {
		case "type":
			isTrip = string(value) == "trip"
		case "pickup_lat":
			e.fromLat = decimal(value)
		case "pickup_lon":
			e.fromLon = decimal(value)
		case "dropoff_lat":
			e.toLat = decimal(value)
		case "dropoff_lon":
			e.toLon = decimal(value)
		case "pickup_datetime":
			e.begin = seconds(value)
		case "dropoff_datetime":
			e.end = seconds(value)
		}
		rest = rest[1:] // a comma or the brace
	}
	return e, isTrip
}

// decimal reads a number without an exponent and of few digits.
func decimal(b []byte) float64 {
	negative := b[0] == '-'
	if negative {
		b = b[1:]
	}
	var digits, scale int64 = 0, 1
	behind := false
	for _, c := range b {
		if c == '.' {
			behind = true
			continue
		}
		if digits = digits*10 + int64(c-'0'); behind {
			scale *= 10
		}
	}
	f := float64(digits) / float64(scale)
	if negative {
		return -f
	}
	return f
}

// seconds reads a time such as 2016-01-05T06:07:08Z.
func seconds(b []byte) int64 {
	two := func(at int) int64 { return int64(b[at]-'0')*10 + int64(b[at+1]-'0') }
	year, month := two(0)*100+two(2), two(5)
	if month < 3 { // the year begins in March, so that the leap day is its last
		year, month = year-1, month+12
	}
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + two(8) - 719469
	return ((days*24+two(11))*60+two(14))*60 + two(17)
}

func inBox(lat, lon float64) bool {
	return lat >= 40.560 && lat <= 40.878 && lon >= -74.054 && lon <= -73.722
}

func airportOf(lat, lon float64) int {
	switch {
	case lat >= 40.632 && lat <= 40.654 && lon >= -73.800 && lon <= -73.761:
		return 1
	case lat >= 40.766 && lat <= 40.778 && lon >= -73.881 && lon <= -73.859:
		return 2
	}
	return 0
}
