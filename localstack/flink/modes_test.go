//go:build flink

package flink

import (
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
)

// damagedStream writes trips among thousands of damaged records, of which each arrives a second after
// the one before. It returns the watermark that every shard ends with where arrival is event time.
func damagedStream(w *world) (s *skewed, last int64) {
	const start, seconds = 1_451_952_000_000, 1000 // 2016-01-05
	w.clock.Store(start)
	s = newSkewed(w, 2)
	for i := range 4 * seconds {
		w.clock.Store(start + int64(i)*seconds/4)
		shard := w.shards[i%len(w.shards)]
		if i%5 == 0 {
			s.write(1)
		} else {
			w.put(shard, s.damaged())
		}
	}
	last = start + 24*3_600_000
	w.clock.Store(last)
	for _, shard := range w.shards { // far beyond all others: it closes their windows, and is in one that stays open
		s.id++
		w.put(shard, trip.AppendTrip(nil, &trip.Trip{ID: s.id, PickupLat: 40.75, PickupLon: -73.98, DropoffLat: 40.7, DropoffLon: -73.9, Pickup: last, Dropoff: last}))
	}
	return s, last - 1
}

// Ensure the documents and rejects where event time is the arrival, and where watermarks are made of event times,
// are those of the Go processor, among thousands of damaged records. The consumer that the job registers goes with it.
func TestEventTime(t *testing.T) {
	w := newWorld(t, 3)
	w.shards = w.open()
	_, last := damagedStream(w)
	for _, mode := range []struct {
		name      string
		watermark int64
		args      []string
	}{
		{"Arrival", last, []string{"-event-time", "arrival", "-hotspot-window", "1m"}},
		{"Bounded", last - 10_000, []string{"-event-time", "bounded=10s", "-consumer", "fan-out"}},
	} {
		t.Run(mode.name, func(t *testing.T) {
			w.t, w.dir, w.store = t, t.TempDir(), newStore(t)
			export, rejects := w.reference(mode.watermark, mode.args...)
			if n := byReason(rejects)["malformed"]; n < 2500 || export == "" {
				t.Fatalf("%d records are malformed, %d bytes of documents", n, len(export))
			}
			job := w.job(mode.args...)
			w.await(job, export, rejects)
			w.stop(job)
			arn := "arn:aws:kinesis:us-east-1:000000000000:stream/" + stream
			if there, err := w.k.API.ListStreamConsumers(t.Context(), &sdk.ListStreamConsumersInput{StreamARN: &arn}); err != nil || len(there.Consumers) > 0 {
				t.Fatalf("consumers %v, %v", there, err)
			}
		})
	}
}

// Ensure each trip is counted once where event time is the processor's clock, and that a shard of which
// nothing comes holds nothing back after -idle-timeout.
func TestClockAndIdleShards(t *testing.T) {
	w := newWorld(t, 3)
	shard := w.open()[0]
	s := newSkewed(w, 3)
	want := map[string]int{}
	for range 500 {
		data := s.drawn(1_452_000_000_000)
		var e trip.Event
		if err := trip.Decode(data, &e); err != nil {
			t.Fatal(err)
		}
		reason, _ := trip.DefaultRules.JudgeAlone(&e.Trip, 0, trip.NoArrival)
		want[string(reason)]++
		w.put(shard, data)
	}
	job := w.job("-event-time", "none", "-hotspot-window", "1s", "-hotspot-min", "1")
	counted := func() int { return strings.Count(w.store.export(), `"pickup_count":`) }
	localtest.WaitFor(t, "the windows of the clock close", func() bool { return w.store.pickups() >= want[""] && counted() > 0 })
	fell := byReason(w.store.rejects())
	delete(want, "late")
	n := want[""]
	delete(want, "")
	if w.store.pickups() != n || !maps.Equal(fell, want) {
		t.Fatalf("%d pickups, want %d; rejects %v, want %v", w.store.pickups(), n, fell, want)
	}
	w.stop(job)

	w.dir, w.store = t.TempDir(), newStore(t)
	job = w.job("-idle-timeout", "500ms") // of three shards one speaks
	localtest.WaitFor(t, "a window closes though two shards are silent", func() bool {
		s.clocks[shard.ID] += 15 * minute
		at := s.clocks[shard.ID]
		for range 2 { // in one cell
			s.id++
			w.put(shard, trip.AppendTrip(nil, &trip.Trip{ID: s.id, PickupLat: 40.75, PickupLon: -73.98, DropoffLat: 40.7, DropoffLon: -73.9, Pickup: at, Dropoff: at}))
		}
		w.put(shard, trip.AppendWatermark(nil, at))
		return w.store.export() != ""
	})
	w.stop(job)
}

// Ensure all trip files make the oracle's documents in both editions, byte for byte, and the same rejects.
func TestAllFiles(t *testing.T) {
	dir := localtest.SharedData(t)
	if dir == "" {
		t.Skip("no real trips: TestDocuments has a generated day")
	}
	var files []string
	for _, pattern := range []string{"*.csv.gz", "*.parquet", "yellow-2018-2020/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	var trips []localtest.Trip
	args := []string{"-endpoint", "", "-speedup", "0"}
	for _, file := range files {
		trips = append(trips, localtest.Read(t, file)...)
		args = append(args, "-source", file)
	}
	want, _ := localtest.Documents(t, trips)
	w := newWorld(t, 4)
	args[1] = w.url
	if p := localtest.Start(t, "producer", args...); p.WaitExit(inTime) != 0 {
		t.Fatal(p.Errors())
	}
	export, rejects := w.reference(endWatermark(trips))
	if diff := localtest.Diff([]byte(export), want); diff != "" {
		t.Fatal(diff)
	}
	job := w.job()
	w.await(job, export, rejects)
	w.stop(job)
}

// Ensure a start that cannot go on ends with one line and its status, whatever the reason.
func TestRefusals(t *testing.T) {
	w := newWorld(t, 1)
	job := w.job()
	w.settled()
	w.stop(job)
	empty := t.TempDir()
	for name, c := range map[string]struct {
		args   []string
		status int
		words  string
	}{
		"Flag":        {[]string{"-listen", "127.0.0.1:0"}, 2, "unknown flag -listen"},
		"Rules":       {[]string{"-max-duration", "1h", "-checkpoint-dir", empty}, 1, "belongs to other rules"},
		"OtherJob":    {[]string{"-index-prefix", "v2-"}, 1, "belongs to another job"},
		"NoSavepoint": {[]string{"-from-savepoint", empty}, 1, "no savepoint"},
	} {
		t.Run(name, func(t *testing.T) {
			job := w.job(append([]string{"-log-level", "info"}, c.args...)...)
			code, text := job.WaitExit(inTime), job.Errors()
			if code != c.status || !strings.Contains(text, c.words) || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "processor: ") {
				t.Fatalf("status %d: %s", code, text)
			}
		})
	}
}

// pickups are all that were counted.
func (s *store) pickups() (n int) {
	s.t.Helper()
	for line := range strings.Lines(s.export()) {
		if _, rest, ok := strings.Cut(line, `"pickup_count":`); ok {
			digits, _, _ := strings.Cut(rest, ",")
			count, err := strconv.Atoi(digits)
			if err != nil {
				s.t.Fatal(err)
			}
			n += count
		}
	}
	return n
}

// endWatermark is the one that the producer ends trips with.
func endWatermark(trips []localtest.Trip) int64 {
	var last int64
	for _, t := range trips {
		last = max(last, t.Dropoff.UnixMilli())
	}
	hour := time.Hour.Milliseconds()
	return last/hour*hour + hour - 1
}
