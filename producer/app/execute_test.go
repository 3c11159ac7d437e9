package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

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
	signals := make(chan os.Signal, 1)
	go func() {
		<-out.seen
		signals <- syscall.SIGTERM
	}()
	if err := execute(t.Context(), c, newScreen(out, c), signals); err != nil {
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

// Ensure the second signal ends at once, even while nothing can be sent.
func TestExecute_SecondSignal(t *testing.T) {
	s, url := serve(t, local.Options{})
	c := slow(t, url)
	logs := &watched{word: "stopping", seen: make(chan struct{})}
	c.Logger = slog.New(slog.NewTextHandler(logs, nil))
	out := &watched{word: "trips=1 ", seen: make(chan struct{})}
	signals := make(chan os.Signal, 1)
	go func() {
		<-out.seen
		s.SetFaults(local.Faults{FailEntries: 1})
		time.Sleep(1100 * time.Millisecond) // the next trip comes and cannot be sent
		signals <- syscall.SIGINT
		<-logs.seen
		signals <- syscall.SIGINT
	}()
	if err := execute(t.Context(), c, newScreen(out, c), signals); !errors.Is(err, errAtOnce) {
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
		if got := thousands(n); got != want {
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
