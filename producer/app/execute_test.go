package app

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	local "taxistream/localstack/kinesis"
)

// slow is a producer's configuration that takes a minute for its trips.
func slow(t *testing.T, url string) *Config {
	c := DefaultConfig()
	c.Endpoint, c.Stream, c.Speedup = url, "taxi", 1
	c.Sources = []string{file(t, rides(60, 1000))}
	c.StatisticsInterval = 10 * time.Millisecond
	return c
}

// Ensure the first signal flushes and ends with a watermark just below the last
// event, and that figures appear meanwhile.
func TestExecute_Signal(t *testing.T) {
	_, url := serve(t, local.Options{})
	c := slow(t, url)
	c.Logger = slog.New(slog.DiscardHandler)
	out := &watched{word: "trips=2 ", seen: make(chan struct{})}
	ctx, tell := context.WithCancel(t.Context())
	go func() {
		<-out.seen
		tell()
	}()
	if err := execute(ctx, t.Context(), c, newScreen(out, c)); err != nil {
		t.Fatal(err)
	}
	a := audit(t, content(t, connect(t, url)))
	last := int64(0)
	for id := range a.trips {
		last = max(last, rides(60, 1000)[id-1].Dropoff)
	}
	if len(a.trips) < 2 || len(a.trips) == 60 || a.final != last-1 {
		t.Fatalf("%d trips, the last watermark %d", len(a.trips), a.final)
	}
	text := out.String()
	for _, want := range []string{"statistics elapsed=", "event_time=2015-01-15T12:00:01.000Z", "outstanding=", "\nsent ", "\nrecords ", "\nwatermarks ", "shardId-", "1 pass,"} {
		if !strings.Contains(text, want) {
			t.Errorf("output lacks %q:\n%s", want, text)
		}
	}
}

// Ensure a stream that takes nothing any more holds no stop up, and that what it
// did not take is named.
func TestExecute_Unflushed(t *testing.T) {
	s, url := serve(t, local.Options{})
	c := slow(t, url)
	c.Logger = slog.New(slog.DiscardHandler)
	p, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	p.flush = 50 * time.Millisecond
	s.SetFaults(local.Faults{FailEntries: 1})
	ended := make(chan error, 1)
	go func() { ended <- p.Run(context.Background()) }()
	for p.Stats().Outstanding == 0 {
		time.Sleep(time.Millisecond)
	}
	p.Stop()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "stream taxi did not take within 50ms") || !strings.Contains(err.Error(), " trips and the watermark behind them") {
		t.Fatalf("got %v", err)
	}
}

// Ensure bad rows are counted and named in the summary, and trips without a
// written form are dropped and counted.
func TestMain_BadRows(t *testing.T) {
	_, url := serve(t, local.Options{})
	name := file(t, rides(3, 1000))
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("{\"type\":\"trip\"\n{}\n")
	f.Close()
	var out, errs bytes.Buffer
	if code := Main(t.Context(), []string{"-endpoint", url, "-stream", "taxi", "-source", name, "-speedup", "0", "-quiet"}, &out, &errs); code != 0 {
		t.Fatalf("status %d: %s", code, errs.String())
	}
	text := out.String()
	for _, want := range []string{"sent        3 trips", "5 rows of 1 file,", "2 bad rows", "row 4: ", "trips.json: "} {
		if !strings.Contains(text, want) {
			t.Errorf("summary lacks %q:\n%s", want, text)
		}
	}
	if errs.Len() > 0 {
		t.Errorf("-quiet, but stderr holds %q", errs.String())
	}
}

func TestWords(t *testing.T) {
	if got := progress(&Stats{EventTime: 1421323200000}, DefaultConfig()); !strings.HasPrefix(got, "2015-01-15 12:00 UTC") {
		t.Fatalf("got %q", got)
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := telemetry.Group(n); got != want {
			t.Errorf("%d: got %q", n, got)
		}
	}
	if got := moment(trip.NoWatermark); got != "none" {
		t.Errorf("got %q", got)
	}
}

func ExampleMain() {
	Main(context.Background(), []string{"-speedup", "fast"}, os.Stdout, os.Stdout)
	// Output: producer: -speedup "fast": write a number; see -h
}
