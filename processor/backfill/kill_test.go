package backfill

import (
	"context"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/files"
	"taxistream/internal/opensearch"
	"taxistream/internal/trip"
	"taxistream/processor/also"
)

// past are trips of many hours, before 1970 and after, with windows of as many digits as there are:
// each hour has counted ones, some to an airport, and rejects; some trips are no events.
func past() (trips []trip.Trip) {
	add := func(at int64, lat, toLat, toLon float64) {
		trips = append(trips, trip.Trip{
			ID: int64(len(trips) + 1), PickupLat: lat, PickupLon: -73.98, DropoffLat: toLat, DropoffLon: toLon, Pickup: at - 600_000, Dropoff: at,
		})
	}
	for _, hour := range []int64{-5000, 277_778, 403_325} {
		for i := range int64(3) {
			add(hour*3_600_000+i*700_000, 40.75, 40.76, -73.97)
			add(hour*3_600_000+i*700_000, 40.75, 40.64, -73.78)
			add(hour*3_600_000+i*700_000, 10, 40.64, -73.78)
		}
		add(hour*3_600_000+2_000_000, math.NaN(), 40.76, -73.97)
	}
	add(math.MaxInt64, 40.75, 40.76, -73.97)
	return trips
}

const pastMalformed = 2 // rows that the reader of past has seen, too

func pastConfig() Config {
	c := Config{Parallel: 2, Began: 1, spanTrips: 4}
	c.Job.Rules, c.Job.HotspotResolution, c.Job.AirportResolution, c.Job.HotspotMin, c.Job.Now = trip.DefaultRules, 9, 8, 1, time.Now
	c.Job.Rules.MaxAhead = 0
	return c
}

// backfillOnce is one process: it notes its progress in the folder, where it makes the export.
func backfillOnce(t *testing.T, d disk, dir string) (*Progress, error) {
	p, err := openProgress(d, filepath.Join(dir, "progress"), Plan{Flags: map[string]string{"a": "b"}, Sources: "1"}, 1)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	o, err := OpenExport(p, filepath.Join(dir, "export"), "")
	if err != nil || p.Finished {
		return p, err
	}
	defer func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := pastConfig()
	c.After, c.Deliver = p.After(), o.Deliver
	done, err := Run(t.Context(), &slice{trips: past(), most: 5}, c)
	if err == nil {
		err = o.Finish(t.Context(), done.Dropped, pastMalformed)
	}
	return p, err
}

// Ensure a backfill that is killed at any call to the disk, and its successor at another, is followed by one
// that ends with the export and the figures of one that never was, and leaves nothing else.
func TestBackfill_KilledAtEveryCall(t *testing.T) {
	whole := t.TempDir()
	counted := &dying{last: math.MaxInt}
	want, err := backfillOnce(t, counted, whole)
	if err != nil {
		t.Fatal(err)
	}
	export, err := os.ReadFile(filepath.Join(whole, "export"))
	if err != nil || want.Documents < 9 || want.Dropped != 4 || want.Rejects[trip.ReasonOutsideCity] != 9 || counted.calls < 30 {
		t.Fatalf("%v: %d calls, %+v", err, counted.calls, want)
	}
	for last := 1; last <= counted.calls; last++ {
		for way := range waysToDie {
			dir := t.TempDir()
			for _, d := range []*dying{{last: last, way: way}, {last: 1 + last*7%counted.calls, way: (way + 1) % waysToDie}} {
				if _, err := backfillOnce(t, d, dir); err != nil && !errors.Is(err, errDead) {
					t.Fatalf("call %d: %v", last, err)
				}
				for _, lock := range []string{"progress.lock", "export.lock"} { // as a kill leaves them
					if err := os.WriteFile(filepath.Join(dir, lock), nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			for range 2 {
				p, err := backfillOnce(t, &dying{last: math.MaxInt}, dir)
				if err != nil {
					t.Fatalf("behind call %d: %v", last, err)
				}
				got, err := os.ReadFile(filepath.Join(dir, "export"))
				if err != nil || string(got) != string(export) {
					t.Fatalf("behind call %d, %v: the export is another", last, err)
				}
				if p.Trips != want.Trips || p.Documents != want.Documents || p.Dropped != want.Dropped || !maps.Equal(p.Rejects, want.Rejects) {
					t.Fatalf("behind call %d: %+v, want %+v", last, p, want)
				}
			}
			left := slices.DeleteFunc(namesIn(t, dir), func(name string) bool { return strings.HasSuffix(name, lockSuffix) })
			if !slices.Equal(left, []string{"export", "progress"}) {
				t.Fatalf("behind call %d: left are %v", last, left)
			}
		}
	}
}

// Ensure what one backfill noted is not gone on with in what another has written to the same export.
func TestBackfill_OthersParts(t *testing.T) {
	dir := t.TempDir()
	if _, err := backfillOnce(t, &dying{last: 25}, dir); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	other, err := OpenProgress("", Plan{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	o, err := OpenExport(other, filepath.Join(dir, "export"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backfillOnce(t, &dying{last: math.MaxInt}, dir); err == nil || !strings.Contains(err.Error(), "another backfill writes it") {
		t.Errorf("at the same time: %v", err)
	}
	if err := o.export.close(); err != nil { // killed: its parts are left
		t.Fatal(err)
	}
	if _, err := backfillOnce(t, &dying{last: math.MaxInt}, dir); err == nil || !strings.Contains(err.Error(), "remove the -progress file") {
		t.Errorf("got %v", err)
	}
}

// Ensure a progress is one plan's and one process's, and that an export that is gone is not said to be there.
func TestProgress_Refused(t *testing.T) {
	dir := t.TempDir()
	if _, err := backfillOnce(t, &dying{last: math.MaxInt}, dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "progress")
	open := func(p Plan) (*Progress, error) { return OpenProgress(path, p, 1) }
	plan := Plan{Flags: map[string]string{"a": "b"}, Sources: "1"}
	first, err := open(plan)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(p Plan, want string) {
		t.Helper()
		if _, err := open(p); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	refused(plan, "another backfill is at work on it")
	if err := os.Remove(filepath.Join(dir, "export")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenExport(first, filepath.Join(dir, "export"), ""); err == nil || !strings.Contains(err.Error(), "it is gone") {
		t.Errorf("got %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	refused(Plan{Flags: map[string]string{"a": "c"}, Sources: "1"}, `another -a ("b", now "c")`)
	refused(Plan{Flags: plan.Flags, Sources: "2"}, "the files of -source are not those of the first start")
	for text, want := range map[string]string{`{"version":1}`: "version 1", `{"version":`: "damaged", `{"colour":1}`: "damaged"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(plan, want)
	}
	if left := namesIn(t, dir); !slices.Equal(left, []string{"progress"}) {
		t.Errorf("left are %v", left)
	}
}

// dyingPlace is a place of files whose process dies at its last call.
type dyingPlace struct {
	files.Place
	d *dying
}

func (p *dyingPlace) Create(ctx context.Context, name string) (f files.File, err error) {
	err = p.d.call(func() error { f, err = p.Place.Create(ctx, name); return err }, nil)
	if err != nil {
		return nil, err
	}
	return &dyingPlaceFile{f, p.d}, nil
}

type dyingPlaceFile struct {
	files.File
	d *dying
}

func (f *dyingPlaceFile) Finish(ctx context.Context) error {
	return f.d.call(func() error { return f.File.Finish(ctx) }, nil)
}

func (f *dyingPlaceFile) Abort() {
	_ = f.d.call(func() error { f.File.Abort(); return nil }, nil)
}

func (p *dyingPlace) Publish(ctx context.Context, f files.Pending) (fresh bool, err error) {
	err = p.d.call(func() error { fresh, err = p.Place.Publish(ctx, f); return err }, nil)
	return fresh, err
}

// Ensure the files of -also, of a backfill that was killed at any call to their place and begun again, are those of
// one that never was: none twice.
func TestBackfill_AlsoKilledAtEveryCall(t *testing.T) {
	once := func(place files.Place, d *dying) error {
		c := pastConfig()
		c.Parallel = 1
		c.Deliver = func(context.Context, []opensearch.Document, Done) error {
			return d.call(func() error { return nil }, nil)
		}
		c.Also = func(span int64, alias string) engine.Sink[opensearch.Document] {
			return also.Target{}.SpanSink(&dyingPlace{place, d}, "", alias, "plan", span)
		}
		_, err := Run(t.Context(), &slice{trips: past(), most: 5}, c)
		return err
	}
	whole, counted := files.NewMemory(), &dying{last: math.MaxInt}
	if err := once(whole, counted); err != nil {
		t.Fatal(err)
	}
	want := whole.Files()
	if len(want) < 8 || counted.calls < 24 {
		t.Fatalf("%d files, %d calls", len(want), counted.calls)
	}
	for last := 1; last <= counted.calls; last++ {
		place := files.NewMemory()
		if err := once(place, &dying{last: last, way: wayToDie(last%2) * behind}); !errors.Is(err, errDead) {
			t.Fatalf("call %d: %v", last, err)
		}
		if err := once(place, &dying{last: math.MaxInt}); err != nil {
			t.Fatalf("behind call %d: %v", last, err)
		}
		if got := place.Files(); !maps.Equal(got, want) {
			t.Fatalf("behind call %d: %d files, want %d: %v", last, len(got), len(want), slices.Sorted(maps.Keys(got)))
		}
	}
}
