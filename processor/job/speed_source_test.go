package job_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"taxistream/engine"
	"taxistream/internal/opensearch"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

const (
	dayMs = 24 * 60 * 60 * 1000
	block = 4096 // lines of one read
)

// eventEvery is the time from one event to the next: there are two million in a day.
const eventEvery = 43_200 * time.Microsecond

// eventLines makes events as JSON, nearly in the order of their ends, some outside the city.
func eventLines(n int) [][]byte {
	r := rand.New(rand.NewPCG(1, 1))
	start := time.Date(2016, 1, 5, 0, 0, 0, 0, time.UTC)
	lines := make([][]byte, n)
	for i := range lines {
		end := start.Add(time.Duration(i)*eventEvery - time.Duration(r.IntN(4000))*time.Millisecond)
		begin := end.Add(-time.Duration(120+r.ExpFloat64()*700) * time.Second)
		point := func() (lat, lon float64) {
			if r.IntN(100) == 0 {
				return 41.5, -73.2
			}
			street := float64(r.IntN(400)) / 400
			return 40.705 + street*0.1 + r.NormFloat64()*0.003, -74.005 + street*0.06 + r.NormFloat64()*0.003
		}
		fromLat, fromLon := point()
		toLat, toLon := point()
		switch r.IntN(40) {
		case 0:
			toLat, toLon = 40.632+r.Float64()*0.022, -73.800+r.Float64()*0.039
		case 1:
			toLat, toLon = 40.766+r.Float64()*0.012, -73.881+r.Float64()*0.022
		}
		b := strconv.AppendInt([]byte(`{"type":"trip","trip_id":`), int64(i+1), 10)
		for _, f := range []struct {
			name  string
			value float64
			digit int
		}{{"pickup_lat", fromLat, 6}, {"pickup_lon", fromLon, 6}, {"dropoff_lat", toLat, 6}, {"dropoff_lon", toLon, 6}, {"total_amount", 3 + r.ExpFloat64()*14, 2}} {
			b = strconv.AppendFloat(append(append(append(b, `,"`...), f.name...), `":`...), f.value, 'f', f.digit, 64)
		}
		b = end.AppendFormat(append(begin.AppendFormat(append(b, `,"pickup_datetime":"`...), time.RFC3339), `","dropoff_datetime":"`...), time.RFC3339)
		lines[i] = append(b, `"}`...)
	}
	return lines
}

// lineSource reads lines in memory, as often as asked for, each time a day later. A split
// has every so many blocks of them.
type lineSource struct {
	lines          [][]byte
	splits, repeat int
}

func (s *lineSource) Bounded() bool { return true }

func (s *lineSource) Splits(context.Context) (all []engine.Split, err error) {
	for i := range s.splits {
		all = append(all, engine.Split{ID: strconv.Itoa(i)})
	}
	return all, nil
}

func (s *lineSource) Open(_ context.Context, split engine.Split) (engine.SplitReader[job.Record], error) {
	first, err := strconv.Atoi(split.ID)
	return &lineReader{s: s, next: first, origin: &job.Origin{Shard: split.ID, Arrival: trip.NoArrival}}, err
}

type lineReader struct {
	s      *lineSource
	next   int // block
	origin *job.Origin
	free   sync.Pool // of *[]engine.Element[job.Record]
}

func (r *lineReader) Close() error { return nil }

func (r *lineReader) Next(context.Context) (read engine.Read[job.Record], err error) {
	blocks := (len(r.s.lines) + block - 1) / block
	day, at := r.next/blocks, r.next%blocks*block
	r.next += r.s.splits
	buffer, _ := r.free.Get().(*[]engine.Element[job.Record])
	if buffer == nil {
		buffer = new([]engine.Element[job.Record])
	}
	read.Elements = (*buffer)[:0]
	var event trip.Event
	for _, line := range r.s.lines[at:min(at+block, len(r.s.lines))] {
		if err := trip.Decode(line, &event); err != nil {
			return read, err
		}
		read.Elements = append(read.Elements, engine.Element[job.Record]{})
		e := &read.Elements[len(read.Elements)-1]
		e.Value.Kind, e.Value.Trip, e.Value.Data, e.Value.Origin = event.Kind, event.Trip, line, r.origin
		e.Value.Trip.ID += int64(day * len(r.s.lines))
		e.Value.Trip.Pickup += int64(day) * dayMs
		e.Value.Trip.Dropoff += int64(day) * dayMs
		e.EventTime = e.Value.Trip.EventTime()
	}
	read.Offset = binary.BigEndian.AppendUint64(nil, uint64(r.next))
	read.End = r.next >= blocks*r.s.repeat
	read.Release = func() {
		*buffer = read.Elements
		r.free.Put(buffer)
	}
	return read, nil
}

// tally is a sink that counts documents, and adds up those of trip durations.
type tally struct {
	mu     sync.Mutex
	totals speedTotals
}

func (s *tally) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[opensearch.Document], error) {
	return &tallyWriter{s: s}, nil
}

type tallyWriter struct {
	s      *tally
	totals speedTotals
}

func (w *tallyWriter) Write(_ context.Context, batch []engine.Element[opensearch.Document]) error {
	for i := range batch {
		switch d := &batch[i].Value; {
		case strings.Contains(d.Index, "pickup_count"):
			w.totals.Counts++
		case strings.Contains(d.Index, "trip_duration"):
			w.totals.Durations++
			w.totals.Trips += int64(numberOf(d.Source, `"trip_count":`))
			w.totals.Seconds += int64(math.Round(60 * numberOf(d.Source, `"sum_trip_duration":`))) // of minutes
		}
	}
	return nil
}

// numberOf is the number behind a name.
func numberOf(source []byte, name string) float64 {
	rest := source[bytes.Index(source, []byte(name))+len(name):]
	f, _ := strconv.ParseFloat(string(rest[:bytes.IndexByte(rest, ',')]), 64)
	return f
}

func (w *tallyWriter) Prepare(context.Context, int64) ([]byte, error) { return nil, nil }
func (w *tallyWriter) Committed(context.Context, int64) error         { return nil }

func (w *tallyWriter) Close() error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	t := &w.s.totals
	t.Counts, t.Durations = t.Counts+w.totals.Counts, t.Durations+w.totals.Durations
	t.Trips, t.Seconds = t.Trips+w.totals.Trips, t.Seconds+w.totals.Seconds
	return nil
}
