package job_test

import (
	"context"
	"fmt"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/internal/opensearch"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// The job runs over any source of records and any sink of documents; here both are
// in memory, and the source ends.
func ExampleBuild() {
	shard := enginetest.NewLog[job.Record]("shard")
	for id := range int64(3) {
		t := trip.Trip{
			ID: id + 1, PickupLat: 40.758, PickupLon: -73.9855, DropoffLat: 40.6413, DropoffLon: -73.7781, // Times Square to JFK
			Pickup: trip.NewYork(2016, 1, 5, 7, 0, 0, 0), Dropoff: trip.NewYork(2016, 1, 5, 7, 40, 0, 0),
		}
		shard.Append("shard", job.Record{Kind: trip.KindTrip, Trip: t, Origin: &job.Origin{Shard: "shard"}}, t.EventTime())
	}
	shard.Seal()
	var documents enginetest.Collect[opensearch.Document]

	j := engine.NewJob(engine.Config{Name: "taxi-trips"})
	job.Build(j, job.Config{
		Rules: trip.DefaultRules, HotspotResolution: 9, AirportResolution: 8, HotspotMin: 2, Counts: &job.Counts{},
	}, &memory{enginetest.LogSource[job.Record]{Log: shard}}, &documents)
	if err := j.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	for _, e := range documents.Elements() {
		fmt.Println(e.Value.Index, e.Value.ID, e.Value.Version)
	}
	// Unordered output:
	// pickup_count-2016.01 1451997600000-600000-892a100d67bffff 3
	// trip_duration-2016.01 1451995200000-3600000-882a100d67fffff-JFK 3
}

func ExampleParseEventTime() {
	fmt.Println(job.ParseEventTime("bounded=10s"))
	fmt.Println(job.ParseEventTime("moon"))
	// Output:
	// bounded=10s <nil>
	// producer choose producer, arrival, bounded=10s or none
}
