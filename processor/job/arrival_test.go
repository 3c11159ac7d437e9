package job_test

import (
	"testing"

	"taxistream/internal/opensearch"
	"taxistream/internal/results/document"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// arrive puts a trip into shard a that arrives at ms.
func arrive(w *world, t trip.Trip, ms int64) {
	w.arrive("a", job.Record{Kind: trip.KindTrip, Trip: t, Data: trip.AppendTrip(nil, &t)}, t.EventTime(), ms)
}

// Ensure each document knows when the latest of its records arrived, in whatever
// order they came; that checkpoints are none the wiser, and that what is not known
// after a restart is known again with the next record.
func TestDocumentArrival(t *testing.T) {
	evening := at("23:00")
	w := newWorld(t, "a")
	w.config.HotspotMin = 1
	toJFK := func(id, ms int64) trip.Trip {
		t := ride(id, ms)
		t.DropoffLat, t.DropoffLon = 40.6413, -73.7781
		return t
	}
	arrive(w, ride(1, at("12:01")), evening+5000)
	arrive(w, toJFK(2, at("12:02")), evening+7000)
	arrive(w, toJFK(3, at("12:03")), evening+6000)
	arrive(w, ride(4, at("12:11")), trip.NoArrival)
	arrive(w, ride(5, at("12:21")), evening+9000)
	arrive(w, ride(6, at("12:31")), evening+9100)
	w.run()
	w.must(w.driver.Checkpoint())
	w.restart()
	arrive(w, ride(7, at("12:32")), evening+9200)
	w.watermark("a", at("13:00")-1)
	w.run()
	want := map[int64]int64{at("12:00"): trip.NoArrival, at("12:10"): trip.NoArrival, at("12:20"): trip.NoArrival, at("12:30"): evening + 9200}
	checkArrivals(t, w, want, trip.NoArrival)

	w = newWorld(t, "a")
	w.config.HotspotMin = 1
	arrive(w, ride(1, at("12:01")), evening+5000)
	arrive(w, toJFK(2, at("12:02")), evening+7000)
	arrive(w, toJFK(3, at("12:03")), evening+6000)
	arrive(w, ride(4, at("12:11")), trip.NoArrival)
	w.watermark("a", at("13:00")-1)
	w.run()
	checkArrivals(t, w, map[int64]int64{at("12:00"): evening + 7000, at("12:10"): trip.NoArrival}, evening+7000)
}

// checkArrivals holds the arrivals of hotspots by window, and that of the airport trips.
func checkArrivals(t *testing.T, w *world, hotspots map[int64]int64, airports int64) {
	t.Helper()
	seen := 0
	for _, e := range w.out.Elements() {
		var want int64
		switch r := e.Value.Value.(type) {
		case document.Hotspot:
			want = hotspots[r.Start]
		case document.AirportTrips:
			want = airports
		}
		seen++
		if got, known := document.Arrival(e.Value.Value); got != want || known != (want != trip.NoArrival) {
			t.Errorf("%s: the latest record arrived at %d (known: %t), want %d", e.Value.ID, got, known, want)
		}
	}
	if seen != len(hotspots)+1 {
		t.Errorf("%d documents, want %d", seen, len(hotspots)+1)
	}
}

// Ensure a reject knows when its record arrived, and the one that stands for a
// refused document does not: its timestamp is the document's.
func TestDocumentArrival_Rejects(t *testing.T) {
	r := document.RejectDocument("", document.Reject{Reason: trip.ReasonLate, Arrival: 7000})
	if ms, known := document.Arrival(r.Value); ms != 7000 || !known {
		t.Errorf("got %d, %t", ms, known)
	}
	u := document.UnwritableReject("", opensearch.Document{Index: "i", ID: "d"}, "why", day)
	if ms, known := document.Arrival(u.Value); known {
		t.Errorf("a document's timestamp is taken for an arrival: %d", ms)
	}
}
