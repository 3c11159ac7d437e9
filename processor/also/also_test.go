package also

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parquet-go/parquet-go"

	"taxistream/engine"
	"taxistream/engine/files"
	"taxistream/internal/geo"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/results/document"
	"taxistream/internal/s3"
)

// documents are one of each alias.
func documents(t *testing.T) map[string]opensearch.Document {
	t.Helper()
	cell, err := geo.CellAt(40.75, -73.98, 9)
	if err != nil {
		t.Fatal(err)
	}
	w := document.Writer{Prefix: "v2-"}
	const start = 1_452_000_000_000
	h, err := w.Hotspot(document.Hotspot{Cell: cell, Start: start, End: start + 600_000, Count: 3})
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.AirportTrips(document.AirportTrips{
		AirportKey: document.AirportKey{Cell: cell, Airport: geo.JFK}, Start: start, End: start + 3_600_000,
		Durations: document.Durations{Count: 3, SumMs: 1_000_001, MinMs: 1, MaxMs: 999_999},
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]opensearch.Document{names.PickupCount: h, names.TripDuration: a}
}

// Ensure every column of a row says what the document does, to the last digit.
func TestParquet(t *testing.T) {
	for alias, d := range documents(t) {
		var out bytes.Buffer
		encoder := newParquet(alias).Encoder(&out)
		for range 3 {
			if err := encoder.Encode(&engine.Element[opensearch.Document]{Value: d}); err != nil {
				t.Fatal(err)
			}
		}
		if err := encoder.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]parquet.Row, 4)
		n, err := f.RowGroups()[0].Rows().ReadRows(rows)
		if n != 3 || err != nil && !errors.Is(err, io.EOF) {
			t.Fatalf("%d rows, %v", n, err)
		}
		var source map[string]any
		if err := json.Unmarshal(d.Source, &source); err != nil {
			t.Fatal(err)
		}
		where := source[results.FieldLocation].(map[string]any)
		source[results.FieldLocation+".lat"], source[results.FieldLocation+".lon"] = where["lat"], where["lon"]
		source[columnID], source[columnVersion], source[columnSource] = d.ID, float64(d.Version), string(d.Source)
		for i, path := range f.Schema().Columns() {
			name := strings.Join(path, ".")
			want := source[name]
			if at, err := time.Parse(time.RFC3339, fmt.Sprint(want)); err == nil {
				want = float64(at.UnixMilli())
			}
			var got any
			switch v := rows[2][i]; v.Kind() {
			case parquet.ByteArray:
				got = string(v.ByteArray())
			case parquet.Double:
				got = v.Double()
			default:
				got = float64(v.Int64())
			}
			if got != want {
				t.Errorf("%s: %s is %v, want %v", alias, name, got, want)
			}
		}
		if got, want := len(f.Schema().Columns()), len(results.Fields(alias))+3; got != want { // boundary is none, location two
			t.Errorf("%s: %d columns, want %d", alias, got, want)
		}
	}
}

// Ensure a document that lacks a field, or has one of another type, is no row.
func TestParquet_Refused(t *testing.T) {
	d := documents(t)[names.PickupCount]
	for from, to := range map[string]string{`"resolution":9,`: ``, `"pickup_count":3`: `"pickup_count":"three"`} {
		broken := d
		broken.Source = bytes.Replace(d.Source, []byte(from), []byte(to), 1)
		err := newParquet(names.PickupCount).Encoder(io.Discard).Encode(&engine.Element[opensearch.Document]{Value: broken})
		if err == nil || !strings.Contains(err.Error(), d.ID) {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// away is a bucket in memory that is away for some calls.
type away struct {
	objects map[string]string
	calls   int
	away    int // calls that fail before the next works
	silent  time.Duration
}

type errAway struct{}

func (errAway) Error() string   { return "connection refused" }
func (errAway) Timeout() bool   { return true }
func (errAway) Temporary() bool { return true }

func (a *away) call(do func() error) error {
	a.calls++
	time.Sleep(a.silent)
	if a.away > 0 {
		a.away--
		return errAway{}
	}
	return do()
}

func (a *away) Put(_ context.Context, _ s3.Location, key string, data []byte) (string, error) {
	return "", a.call(func() error { a.objects[key] = string(data); return nil })
}

func (a *away) Copy(_ context.Context, _ s3.Location, from, to string) error {
	return a.call(func() error {
		data, there := a.objects[from]
		if !there {
			return s3.ErrMissing
		}
		a.objects[to] = data
		return nil
	})
}

func (a *away) List(_ context.Context, l s3.Location, fn func(s3.Object) error) error {
	return a.call(func() error {
		for _, key := range slices.Sorted(maps.Keys(a.objects)) {
			if strings.HasPrefix(key, l.Prefix) {
				if err := fn(s3.Object{Key: key}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (a *away) Delete(_ context.Context, _ s3.Location, key string) error {
	return a.call(func() error { delete(a.objects, key); return nil })
}

// Ensure every call waits for S3 while it is away, says so once and when it is back, and
// gives up with its context.
func TestBucket_Waits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		a := &away{objects: map[string]string{}}
		b := newBucket(a, s3.Location{Bucket: "b", Prefix: "p"}, func(m string) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, m)
		})
		p := files.Pending{Hidden: ".pending/x/1", Visible: "w/1"}
		steps := []func() error{
			func() error {
				f, err := b.Create(t.Context(), p.Hidden)
				if err == nil {
					_, err = io.WriteString(f, "text")
				}
				return errors.Join(err, f.Finish(t.Context()))
			},
			func() error { _, err := b.List(t.Context(), ".pending/x"); return err },
			func() error { _, err := b.Publish(t.Context(), p); return err },
			func() error { _, err := b.Publish(t.Context(), p); return err },
			func() error { return b.Remove(t.Context(), p.Hidden) },
			func() error { return b.Check(t.Context()) },
		}
		for i, step := range steps {
			a.away, told = 3, nil
			if err := step(); err != nil || b.Waiting() {
				t.Fatalf("step %d: %v", i, err)
			}
			if len(told) != 2 || told[0] != "files cannot go to s3://b/p/; waiting: connection refused" || !strings.Contains(told[1], "answers again") {
				t.Errorf("step %d said %q", i, told)
			}
		}
		if len(a.objects) != 1 || a.objects["p/w/1"] != "text" {
			t.Errorf("the bucket holds %v", a.objects)
		}
		if _, err := b.Publish(t.Context(), files.Pending{Hidden: "no", Visible: "neither"}); !errors.Is(err, files.ErrMissing) {
			t.Errorf("nothing there: %v", err)
		}
		a.silent, told = time.Minute, nil
		if err := b.Remove(t.Context(), "x"); err != nil || len(told) != 2 || !strings.Contains(told[0], "nothing came for ") {
			t.Errorf("silent for a minute: %v, %q", err, told)
		}
		a.silent, a.away = 0, 1<<30
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := b.Remove(ctx, "x"); err == nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("away for good: %v", err)
		}
	})
}

func ExampleParse() {
	for _, address := range []string{"file://results", "s3://bucket/taxi?format=parquet", "results"} {
		t, err := Parse(address)
		fmt.Println(t.Folder, t.Bucket.Bucket, t.Parquet, err)
	}
	// Output:
	// results  false <nil>
	//  bucket true <nil>
	//   false results: write file://DIR or s3://bucket/prefix, with ?format=ndjson (default) or ?format=parquet
}
