//go:build soak

package app_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var generatedTrips = regexp.MustCompile(`([\d,]+) generated trips`)

// TestSoak_Backlog works off ten million events, and looks at the processor's memory.
func TestSoak_Backlog(t *testing.T) {
	s := newSoaked(t)
	producer := s.produces("-source", "generate:2016-01-05/24", "-speedup", "0")
	s.ends(producer, 10*time.Minute)
	events := 0.0
	for line := range producer.Lines() {
		if m := generatedTrips.FindStringSubmatch(line); m != nil {
			events, _ = strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
		}
	}
	if events < 10_000_000 {
		t.Fatalf("%.0f trips are no ten million", events)
	}
	began := time.Now()
	p := s.processes("-checkpoint-dir", t.TempDir())
	url := p.Address()
	var peaks [4]int64 // by quarter of the backlog
	for read := 0.0; read < events; time.Sleep(100 * time.Millisecond) {
		read, _ = metric(url, "taxistream_shard_records_total")
		quarter := min(int(4*read/events), 3)
		peaks[quarter] = max(peaks[quarter], resident(t, p))
	}
	took := time.Since(began)
	s.reaches(url, time.Date(2016, 1, 29, 4, 59, 59, 0, time.UTC))
	t.Logf("%.0f events read in %.1f s, %.0f events a second; memory at most %d, %d, %d, %d MiB in the quarters of the backlog",
		events, took.Seconds(), events/took.Seconds(), peaks[0]>>20, peaks[1]>>20, peaks[2]>>20, peaks[3]>>20)
	if peaks[3] > peaks[1]+peaks[1]/4 {
		t.Error("the processor's memory grows with the backlog")
	}
	s.wants(p)
}

// TestSoak_StoreAway takes OpenSearch away for a minute in the middle of a backlog.
func TestSoak_StoreAway(t *testing.T) {
	s := newSoaked(t)
	s.ends(s.produces("-source", "generate:2016-01-05/6", "-speedup", "0"), time.Minute)
	p := s.processes("-checkpoint-dir", t.TempDir(), "-checkpoint-interval", "1s")
	url := p.Address()
	s.figure(url, "taxistream_shard_records_total", 300_000)
	figures := func() (read, checkpoint, queued, limit float64) {
		read, _ = metric(url, "taxistream_shard_records_total")
		checkpoint, _ = metric(url, "taxistream_last_checkpoint_id")
		queued, _ = metric(url, "taxistream_bulk_documents_queued")
		limit, _ = metric(url, "taxistream_bulk_documents_queued_limit")
		return read, checkpoint, queued, limit
	}
	if err := s.search.Close(); err != nil {
		t.Fatal(err)
	}
	gone := time.Now()
	atOnce, _, _, _ := figures()
	var stopped, checkpoint float64
	var still time.Time
	var most int64
	for time.Since(gone) < time.Minute {
		read, c, queued, limit := figures()
		if queued > limit {
			t.Fatalf("%.0f documents wait, the limit is %.0f", queued, limit)
		}
		if read != stopped || c != checkpoint {
			stopped, checkpoint, still = read, c, time.Now()
		}
		most = max(most, resident(t, p))
		time.Sleep(50 * time.Millisecond)
	}
	_, _, queued, limit := figures()
	t.Logf("OpenSearch was away for a minute: the source took in %.0f more events and stood still %d ms later; %.0f documents wait, at most %.0f; memory at most %d MiB",
		stopped-atOnce, still.Sub(gone).Milliseconds(), queued, limit, most>>20)
	if still.Sub(gone) > 30*time.Second {
		t.Error("the source did not stop, or a checkpoint was whole though documents wait")
	}
	if _, err := s.search.Start(s.searchAt[len("http://"):]); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	s.figure(url, "taxistream_shard_records_total", stopped+1)
	t.Logf("reading again %d ms after it is back", time.Since(back).Milliseconds())
	s.reaches(url, time.Date(2016, 1, 11, 4, 59, 59, 0, time.UTC))
	total, _ := metric(url, "taxistream_shard_records_total")
	t.Logf("caught up with %.0f events %d ms after it is back", total-stopped, time.Since(back).Milliseconds())
	s.wants(p)
}
