package cost

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"taxistream/data/generate"
	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
)

// The sizes that the estimate counts with are those of generated trips as the programs write them.
func TestMeasuredSizes(t *testing.T) {
	g, err := generate.New(generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 5}, Days: 1, Seed: 1, TripsPerDay: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	aggregate := kinesis.NewAggregator(math.MaxInt, "0")
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	trips, raw := 0, 0
	ids := rand.New(rand.NewPCG(1, 2))
	buf := make([]trip.Trip, 1000)
	for {
		n, err := g.Next(buf)
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range buf[:n] {
			buf[i].ID = ids.Int64() // as large and as random as the producer's hashes
			data := trip.AppendTrip(nil, &buf[i])
			aggregate.Add([]byte(strconv.FormatInt(buf[i].ID, 10)), data)
			zipped.Write(data)
			trips++
			raw += len(data)
		}
	}
	zipped.Close()
	within(t, "bytes of a trip in an aggregate", float64(aggregate.Size())/float64(trips), tripBytes, 0.05)
	within(t, "compressed bytes of a trip", float64(archive.Len())/float64(trips), zippedBytes, 0.15)
	within(t, "bytes of a trip", float64(raw)/float64(trips), eventBytes, 0.05)
}

func within(t *testing.T, what string, got, want, part float64) {
	t.Helper()
	if math.Abs(got-want) > part*want {
		t.Errorf("%s: %.1f were measured, the estimate counts with %v", what, got, want)
	}
}
