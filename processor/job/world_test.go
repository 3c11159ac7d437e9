package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/internal/opensearch"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// memory is a job.Source over a log: a stream whose shards are split and merged by calls.
type memory struct {
	enginetest.LogSource[job.Record]
}

func (m *memory) Open(ctx context.Context, split engine.Split) (engine.SplitReader[job.Record], error) {
	r, err := m.LogSource.Open(ctx, split)
	return memoryReader{r}, err
}

type memoryReader struct {
	engine.SplitReader[enginetest.Record[job.Record]]
}

func (r memoryReader) Next(ctx context.Context) (read engine.Read[job.Record], err error) {
	in, err := r.SplitReader.Next(ctx)
	for _, e := range in.Elements {
		read.Elements = append(read.Elements, engine.Element[job.Record]{Value: e.Value.Value, EventTime: e.EventTime})
	}
	read.Offset, read.AtTip, read.End, read.Children = in.Offset, in.AtTip, in.End, in.Children
	return read, err
}

// world is the job, driven by calls, between a stream and a results store in memory.
type world struct {
	operators   job.Operators
	t           testing.TB
	config      job.Config
	parallelism int
	idle        time.Duration
	maxState    int
	pick        func(n int) int // of the schedule; nil: in turn

	log    *enginetest.Log[job.Record]
	clock  *engine.ManualClock
	store  *checkpoint.Memory
	out    *enginetest.Collect[opensearch.Document]
	job    *engine.Job
	driver *enginetest.Driver
	put    map[string]int // records by shard, for their sequence numbers
}

// day is the beginning of what the tests' records say.
var day = time.Date(2016, 1, 5, 0, 0, 0, 0, time.UTC)

// at is a time of that day in ms: "12:30" or "12:30:00.5".
func at(clock string) int64 {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if c, err := time.Parse(layout, clock); err == nil {
			return day.Add(c.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))).UnixMilli()
		}
	}
	panic("not a time of day: " + clock)
}

// newWorld has the contract's rules and is started by the first run.
func newWorld(t testing.TB, shards ...string) *world {
	t.Helper()
	w := &world{
		t: t, parallelism: 1, log: enginetest.NewLog[job.Record](shards...), clock: engine.NewManualClock(day),
		store: checkpoint.NewMemory(3), out: &enginetest.Collect[opensearch.Document]{}, put: map[string]int{},
	}
	w.config = job.Config{
		Rules: trip.DefaultRules, HotspotResolution: 9, AirportResolution: 8, HotspotMin: 2,
		Now: w.clock.Now, Counts: &job.Counts{},
	}
	t.Cleanup(func() { w.close() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	w.job = engine.NewJob(engine.Config{
		Name: "taxi-trips", Parallelism: w.parallelism, MaxParallelism: job.MaxParallelism, Store: w.store, Clock: w.clock,
		IdleTimeout: w.idle, MaxStateEntries: w.maxState,
	})
	w.operators = job.Build(w.job, w.config, &memory{enginetest.LogSource[job.Record]{Log: w.log, NameChildren: true, Eager: true}}, w.out)
	var err error
	if w.driver, err = enginetest.Drive(context.Background(), w.job, w.clock, w.pick); err != nil {
		w.t.Fatal(err)
	}
}

// run lets everything happen that follows from the stream so far.
func (w *world) run() {
	w.t.Helper()
	if w.driver == nil {
		w.start()
	}
	w.must(w.driver.Run())
	for _, o := range []job.Operator{w.operators.Hotspots, w.operators.Airports} {
		subtasks := o.Subtasks(w.job.Status())
		if len(subtasks) != w.parallelism {
			w.t.Fatalf("%s has %d subtasks, want %d", o, len(subtasks), w.parallelism)
		}
		for _, s := range subtasks {
			if s.Late != 0 {
				w.t.Errorf("%d elements came late to %s, whose late output nobody takes", s.Late, o)
			}
		}
	}
}

// advance moves the processor's clock on, tells generators and reads again.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	w.clock.Advance(d)
	w.must(w.driver.Tick())
	w.run()
}

// restart kills the job and starts it from its newest checkpoint.
func (w *world) restart() {
	w.t.Helper()
	w.close()
	w.run()
}

func (w *world) close() {
	if w.driver == nil {
		return
	}
	if err := w.driver.Close(); err != nil && !errors.Is(err, engine.ErrCancelled) {
		w.t.Error(err)
	}
	w.driver = nil
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// append puts a record into a shard. It arrives at the hour of the shard's n-th record.
func (w *world) append(shard string, r job.Record, eventTime int64) {
	w.arrive(shard, r, eventTime, at("23:00")+int64(w.put[shard])+1)
}

// arrive puts a record into a shard that arrives at ms, or at no known time.
func (w *world) arrive(shard string, r job.Record, eventTime, ms int64) {
	w.put[shard]++
	r.Origin = &job.Origin{Shard: shard, Sequence: fmt.Sprintf("4950%d", w.put[shard]), Arrival: ms}
	w.log.Append(shard, r, eventTime)
}

func (w *world) trip(shard string, t trip.Trip) {
	w.append(shard, job.Record{Kind: trip.KindTrip, Trip: t, Data: trip.AppendTrip(nil, &t)}, t.EventTime())
}

func (w *world) watermark(shard string, ms int64) {
	w.append(shard, job.Record{Kind: trip.KindWatermark, Watermark: ms, Data: trip.AppendWatermark(nil, ms)}, 0)
}

func (w *world) watermarks(ms int64) {
	for _, shard := range w.log.Open() {
		w.watermark(shard, ms)
	}
}

// documents is what the store holds in the end, the newest version of each id,
// one a line, in order.
func (w *world) documents() string {
	newest := map[string]opensearch.Document{}
	for _, e := range w.out.Elements() {
		d := e.Value
		if old, ok := newest[d.Index+" "+d.ID]; !ok || d.Version >= old.Version {
			newest[d.Index+" "+d.ID] = d
		}
	}
	lines := make([]string, 0, len(newest))
	for _, d := range newest {
		lines = append(lines, fmt.Sprintf("%s %s version %d\n  %s\n", d.Index, d.ID, d.Version, d.Source))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// rejected counts what was rejected, by reason, zeros left out.
func (w *world) rejected() string {
	var out []string
	for reason, n := range w.config.Counts.Rejects() {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %d", reason, n))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// counted sums the pickups of all hotspot documents.
func (w *world) counted() (n int64) {
	newest := map[string]int64{}
	for _, e := range w.out.Elements() {
		if d := e.Value; strings.HasPrefix(d.Index, w.config.IndexPrefix+"pickup_count-") {
			newest[d.ID] = max(newest[d.ID], d.Version)
		}
	}
	for _, v := range newest {
		n += v
	}
	return n
}

func (w *world) wantRejected(want string) {
	w.t.Helper()
	if got := w.rejected(); got != want {
		w.t.Errorf("rejected: %q, want %q", got, want)
	}
}

func (w *world) wantCounted(want int64) {
	w.t.Helper()
	if got := w.counted(); got != want {
		w.t.Errorf("%d pickups counted, want %d", got, want)
	}
}

func (w *world) wantWatermark(want int64) {
	w.t.Helper()
	if got := w.job.Status().Watermark; got != want {
		w.t.Errorf("watermark %s, want %s", engine.FormatTime(got), engine.FormatTime(want))
	}
}

// ride is a trip of ten minutes from Times Square to the Village, that ends at ms.
func ride(id, ms int64) trip.Trip {
	return trip.Trip{ID: id, PickupLat: 40.758, PickupLon: -73.9855, DropoffLat: 40.7336, DropoffLon: -74.0027, Pickup: ms - 600_000, Dropoff: ms}
}
