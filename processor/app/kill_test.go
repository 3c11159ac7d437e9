package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/s3"
	"taxistream/processor/app"
)

// dying lets a processor's n-th write to S3 be its last sign of life there.
type dying struct {
	writes atomic.Int32
	last   int32
	arrive bool        // the last write takes effect, only its answer is lost
	dead   atomic.Bool // the processor is: what follows sees a bucket that works
}

func (d *dying) fault(r *http.Request, _, key string) s3.Fault {
	if d.dead.Load() || strings.HasSuffix(key, "/lease") {
		return s3.Fault{} // the store's own tests cut renewals off
	}
	if r.Method != http.MethodGet {
		d.writes.Add(1)
	}
	switch n := d.writes.Load(); {
	case n < d.last || n == 0:
		return s3.Fault{}
	case n == d.last && d.arrive && r.Method != http.MethodGet:
		return s3.Fault{Status: http.StatusForbidden, Done: true} // not repeated by the SDK
	default:
		return s3.Fault{Status: http.StatusForbidden}
	}
}

// writes are those of the first two checkpoints: the states of four operators in two
// subtasks and a manifest each.
const writes = 18

// Ensure a processor that dies at any write of its checkpoints is followed by one
// that goes on from a whole one: every trip is counted once, whichever write was
// the last, and whether it arrived.
func TestBucket_KilledAtEveryWrite(t *testing.T) {
	for _, arrive := range []bool{false, true} {
		for last := range int32(writes) {
			killed(t, &dying{last: last + 1, arrive: arrive})
			if t.Failed() {
				t.Fatalf("the last write was number %d, arrived: %v", last+1, arrive)
			}
		}
	}
}

// killed runs a processor until its last write, ends it without a last
// checkpoint, and checks the results of the next one.
func killed(t *testing.T, d *dying) {
	t.Helper()
	s := newServers(t, embedded.Options{})
	objects := s.bucket()
	objects.Fault = d.fault
	trips := 0
	more := func() {
		if trips++; trips > 300 {
			trips--
			return
		}
		s.put(fmt.Sprintf(`{"trip_id":%d,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,"pickup_datetime":"2016-01-05T12:00:00Z","dropoff_datetime":"2016-01-05T%02d:%02d:00Z"}`, trips, 12+trips/60, trips%60))
	}
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	c, err := parse(s.args("-checkpoint-interval", "20ms", "-hotspot-min", "1")...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := app.New(ctx, c, slog.New(slog.NewTextHandler(&s.log, nil)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run() }()
	until(t, "its last write", func() bool { more(); return d.writes.Load() >= d.last })
	kill()
	<-ended

	d.dead.Store(true)
	s.put(dayEnds)
	n, wait := s.start("-hotspot-min", "1")
	s.reads(n)
	if err := wait(); err != nil {
		t.Errorf("%v\n%s", err, s.log.String())
	}
	if d.last > writes/2+1 && !strings.Contains(s.log.String(), "going on from a checkpoint") {
		t.Errorf("it began anew:\n%s", s.log.String())
	}
	if strings.Contains(s.log.String(), "damaged") {
		t.Errorf("half a checkpoint was taken for a whole one:\n%s", s.log.String())
	}
	// Which of a trip's two copies is the duplicate may differ after the restart.
	if counted, twice := s.pickups(), s.documents("taxi_rejects"); counted != trips || twice < trips {
		t.Errorf("%d trips, each on two shards: %d counted, %d duplicates", trips, counted, twice)
	}
}

// pickups is the sum of all pickup counts.
func (s *servers) pickups() (sum int) {
	s.t.Helper()
	s.documents("pickup_count") // refreshed
	_, body := get(s.t, s.searchAt+"/pickup_count/_search?size=1000", "")
	var answer struct {
		Hits struct {
			Hits []struct {
				Source struct {
					Count int `json:"pickup_count"`
				} `json:"_source"`
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		s.t.Fatal(err)
	}
	for _, h := range answer.Hits.Hits {
		sum += h.Source.Count
	}
	return sum
}
