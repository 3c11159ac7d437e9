package trips_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"taxistream/data/trips"
	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	"taxistream/internal/trip"
	embedded "taxistream/localstack/s3"
)

// bucket serves objects from memory, and gives the way to them.
func bucket(t *testing.T, objects map[string]string) (*embedded.Server, trips.Places) {
	t.Helper()
	server := &embedded.Server{}
	server.CreateBucket("taxi")
	for key, text := range objects {
		server.Set("taxi", key, []byte(text))
	}
	url, err := server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server, trips.Places{S3: func(ctx context.Context) (*s3.Client, error) {
		cfg, err := awsconf.Load(ctx, awsconf.Options{Endpoint: url})
		return s3.New(cfg), err
	}}
}

const (
	header = "medallion,pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount\n"
	row    = "m,2013-01-01 00:00:00,2013-01-01 00:10:00,-73.9,40.7,-73.8,40.65,12.5\n"
)

// Ensure a source in S3 is every object below the prefix, in the order of keys,
// without the markers of folders and what is hidden.
func TestPlaces_Objects(t *testing.T) {
	_, places := bucket(t, map[string]string{
		"2013/": "", "2013/b.csv": header + row, "2013/a.csv": header + row + row, "2013/c/d.csv": header + row,
		"2013/_SUCCESS": "", "2013/.part": "x", "2014/a.csv": "no trips", "2013.csv": "no trips", "2013/Ä b+c.csv": header + row,
	})
	finder := trips.Finder{Places: places}
	in, err := finder.Find(t.Context(), "s3://taxi/2013/")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var rows []int64
	for _, i := range in {
		names = append(names, i.Name)
		r, err := trips.Open(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		for err = nil; err == nil; err = r.Read(&trip.Trip{}) {
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		rows = append(rows, r.Stats().Trips)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"s3://taxi/2013/a.csv", "s3://taxi/2013/b.csv", "s3://taxi/2013/c/d.csv", "s3://taxi/2013/Ä b+c.csv"}
	if !slices.Equal(names, want) || !slices.Equal(rows, []int64{2, 1, 1, 1}) {
		t.Errorf("%q with %v trips, want %q", names, rows, want)
	}
}

// Ensure that what is wrong with a source in S3 is one line that names it.
func TestPlaces_Errors(t *testing.T) {
	server, places := bucket(t, map[string]string{"empty/a.csv": "", "text/a.csv": "hello\n", "hidden/.a": "x", "bad/a.csv": header + "m,x,y,z,a,b,c,d\n"})
	server.Fault = func(r *http.Request, bucket, _ string) embedded.Fault {
		if bucket == "denied" {
			return embedded.Fault{Status: http.StatusForbidden}
		}
		return embedded.Fault{}
	}
	for source, want := range map[string]string{
		"s3://":            "write s3://bucket/prefix",
		"s3://none/a":      "s3://none/a: no such object or bucket: make the bucket, or correct its name",
		"s3://denied/a":    "check the credentials",
		"s3://taxi/none":   "s3://taxi/none: no object's key begins so",
		"s3://taxi/hidden": "s3://taxi/hidden: there is no file to read; left out: 1 by name (_ or . at its beginning): s3://taxi/hidden/.a",
		"s3://taxi/empty":  "s3://taxi/empty/a.csv: empty",
		"s3://taxi/text":   "s3://taxi/text/a.csv: ",
		"s3://taxi/bad":    "s3://taxi/bad/a.csv: all 1 rows are bad",
		"ftp://host/a":     "no source of this kind",
	} {
		in, err := (&trips.Finder{Places: places}).Find(t.Context(), source)
		for _, i := range in {
			var r trips.Reader
			if r, err = trips.Open(t.Context(), i); err == nil {
				err = r.Read(&trip.Trip{})
				_ = r.Close()
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", source, err, want)
		}
	}
	failing := trips.Places{S3: func(context.Context) (*s3.Client, error) { return nil, errors.New("no AWS region") }}
	if _, err := (&trips.Finder{Places: failing}).Find(t.Context(), "s3://taxi/a"); err == nil || !strings.Contains(err.Error(), "no AWS region") {
		t.Errorf("no configuration: %v", err)
	}
	if _, err := new(trips.Finder).Find(t.Context(), "s3://taxi/a"); err == nil {
		t.Error("the zero value reads S3")
	}
}

// Ensure an object whose connection breaks again and again is read to its end.
func TestPlaces_Cut(t *testing.T) {
	server, places := bucket(t, map[string]string{"a.csv": header + strings.Repeat(row, 50_000)})
	var cuts atomic.Int32
	server.Fault = func(*http.Request, string, string) embedded.Fault {
		return embedded.Fault{CutBody: 200_000 + 1000*int(cuts.Add(1))}
	}
	in, err := (&trips.Finder{Places: places}).Find(t.Context(), "s3://taxi/a.csv")
	if err != nil {
		t.Fatal(err)
	}
	r, err := trips.Open(t.Context(), in[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for err == nil {
		err = r.Read(&trip.Trip{})
	}
	if err != io.EOF || r.Stats().Trips != 50_000 || cuts.Load() < 10 {
		t.Errorf("%d trips over %d connections, %v", r.Stats().Trips, cuts.Load(), err)
	}
}
