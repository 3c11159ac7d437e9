package trips_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/pierrec/lz4/v4"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// Ensure a compressed file that lost its end, or holds a wrong byte, fails in
// one line that names it and says what to do.
func TestDamagedCompression(t *testing.T) {
	var text bytes.Buffer
	text.WriteString(plainHead)
	for i := range 20_000 {
		fmt.Fprintf(&text, "2013-01-01 %02d:%02d:03,2013-01-02 00:40:00,-73.9,40.7%d,-73.8,40.6,52.8\n", i/60%24, i%60, i)
	}
	for name, pack := range map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z },
		"lz4": func(w io.Writer) io.WriteCloser {
			z := lz4.NewWriter(w)
			return z
		},
		"snappy": func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			z := pack(&b)
			if _, err := z.Write(text.Bytes()); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			flipped := bytes.Clone(b.Bytes())
			for i := len(flipped) / 2; i < len(flipped)/2+8; i++ {
				flipped[i] ^= 0xa5
			}
			for _, data := range [][]byte{b.Bytes()[:b.Len()/2], flipped} {
				_, _, err := read(t, write(t, "some.file", data))
				if err == nil || !strings.Contains(err.Error(), "some.file") || !strings.Contains(err.Error(), "cut off or damaged; fetch it again") || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

// Ensure a damaged Parquet file is an error, or gives other trips, but never a crash.
func TestDamagedParquet(t *testing.T) {
	type row struct {
		Pickup  string  `parquet:"pickup_datetime,snappy,dict"`
		Dropoff string  `parquet:"dropoff_datetime"`
		From    int32   `parquet:"PULocationID,delta"`
		To      *int64  `parquet:"DOLocationID,optional"`
		Total   float64 `parquet:"total_amount,gzip"`
	}
	to := int64(138)
	rows := make([]row, 50)
	for i := range rows {
		rows[i] = row{"2013-01-01 00:02:03", "2013-01-01 00:40:00", 132, &to, float64(i)}
	}
	file := filepath.Join(t.TempDir(), "x")
	if err := parquet.WriteFile(file, rows); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(t, file); err != nil || len(got) != 50 {
		t.Fatalf("%d trips, %v", len(got), err)
	}
	step := 7
	if os.Getenv("TAXI_MATRIX") == "all" {
		step = 1
	}
	for at := 4; at < len(whole)-8; at += step { // the length of the foot is left alone
		data := bytes.Clone(whole)
		data[at] ^= 0xff
		if _, _, err := read(t, write(t, "x", data)); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("byte %d: %v", at, err)
		}
	}
	if _, _, err := read(t, write(t, "some.file", whole[:len(whole)/2])); err == nil || !strings.Contains(err.Error(), "some.file") {
		t.Errorf("half a file: %v", err)
	}
}

// Ensure a prepared file is held to its head.
func TestPreparedCount(t *testing.T) {
	withID := want
	withID.ID = 4711
	head := string(trips.AppendHead(nil, trips.Head{Prepared: 1, Order: "event_time", Trips: 2}))
	_, stats, err := read(t, write(t, "some.file", []byte(head+string(trip.AppendTrip(nil, &withID)))))
	if err == nil || !strings.Contains(err.Error(), "some.file: ") || !strings.Contains(err.Error(), "1 trips where the head says 2") || !stats.Prepared {
		t.Errorf("got %v", err)
	}
}

// Ensure -0 and 0 are one value in every form, as they are in an id.
func TestZeroHasNoSign(t *testing.T) {
	for name, data := range map[string]string{
		"CSV":  plainHead + "2013-01-01 00:02:03,2013-01-01 00:40:00,-0,-0.0,-0e5,-.0,-0",
		"JSON": `{"pickup_lon":-0,"pickup_lat":-0.0,"dropoff_lon":-0e5,"dropoff_lat":-0,"total_amount":-0,"pickup_datetime":"2013-01-01 00:02:03","dropoff_datetime":"2013-01-01 00:40:00"}`,
	} {
		got, _, err := read(t, write(t, "x", []byte(data)))
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		for _, f := range []float64{got[0].PickupLat, got[0].PickupLon, got[0].DropoffLat, got[0].DropoffLon, got[0].TotalAmount} {
			if math.Float64bits(f) != 0 {
				t.Errorf("%s: got %v", name, got[0])
			}
		}
	}
}

// Ensure a download does not go on with another file's bytes.
func TestChangedDownload(t *testing.T) {
	data := []byte(plainHead + strings.Repeat(plainRow, 20000))
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", fmt.Sprintf("Tue, 0%d Jan 2013 00:00:00 GMT", calls+1))
		if calls++; calls > 1 && r.Header.Get("If-Range") != "Tue, 01 Jan 2013 00:00:00 GMT" {
			t.Errorf("If-Range %q", r.Header.Get("If-Range"))
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:len(data)/2]) // the break that follows is the point
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	_, _, err := read(t, server.URL)
	if err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "the server cannot go on") || strings.Contains(err.Error(), "\n") || calls != 2 {
		t.Errorf("%d calls, got %v", calls, err)
	}
}
