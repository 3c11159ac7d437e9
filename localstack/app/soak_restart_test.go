//go:build soak

package app_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// speedup is how fast the live trips of these tests are: a window of ten minutes every 417 ms.
const speedup = 1440

// loaded is a processor that has a million and more keys and is at the tip of the stream, and the
// producer that goes on for a minute.
func (s *soaked) loaded(checkpoints string) (processor, producer *process) {
	s.t.Helper()
	s.ends(s.produces("-source", "generate:2016-01-05/3", "-speedup", "0", "-end-watermark", "0"), time.Minute)
	processor = s.processes("-allowed-lateness", lateness, "-checkpoint-dir", checkpoints)
	url := processor.Address()
	s.reaches(url, time.Date(2016, 1, 8, 4, 50, 0, 0, time.UTC))
	s.mu.Lock()
	s.first = map[string]time.Time{}
	s.mu.Unlock()
	producer = s.produces("-source", "generate:2016-01-08", "-speedup", strconv.Itoa(speedup))
	before, _ := metric(url, "taxistream_checkpoints_completed_total")
	s.figure(url, "taxistream_checkpoints_completed_total", before+2)
	return processor, producer
}

// again measures from a processor's start to the first record of a shard and of the last one.
func (s *soaked) again(p *process, began time.Time) (url string) {
	s.t.Helper()
	url = p.Address()
	waitFor(s.t, "a shard is read", func() bool { return shardsRead(url) > 0 })
	first := time.Since(began)
	waitFor(s.t, "all shards are read", func() bool { return shardsRead(url) == 8 })
	keys, _ := metric(url, "taxistream_state_entries")
	s.t.Logf("%.0f keys: a shard is read %d ms after the start, all of them after %d ms", keys, first.Milliseconds(), time.Since(began).Milliseconds())
	return url
}

// delays logs how much later than the first ones documents came that belong to windows which ended
// after an instant.
func (s *soaked) delays(event time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lags := map[bool][]time.Duration{} // by whether written after the event
	for id, at := range s.first {
		start, err := strconv.ParseInt(id[:strings.IndexByte(id, '-')], 10, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		lags[at.After(event)] = append(lags[at.After(event)], time.Duration(at.UnixMilli())*time.Millisecond-time.Duration(start)*time.Millisecond/speedup)
	}
	for _, l := range lags {
		slices.Sort(l)
	}
	if len(lags[false]) == 0 || len(lags[true]) == 0 {
		s.t.Fatalf("%d documents before the event, %d after", len(lags[false]), len(lags[true]))
	}
	usual := lags[false][len(lags[false])/2]
	s.t.Logf("documents are at most %d ms later than usual before, and %d ms after",
		(lags[false][len(lags[false])-1] - usual).Milliseconds(), (lags[true][len(lags[true])-1] - usual).Milliseconds())
}

// TestSoak_Restart kills a processor with a million keys, starts it again, and measures until
// it reads.
func TestSoak_Restart(t *testing.T) {
	for name, checkpoints := range map[string]string{"Folder": t.TempDir(), "Bucket": "s3://bucket/checkpoints"} {
		t.Run(name, func(t *testing.T) {
			s := newSoaked(t)
			p, producer := s.loaded(checkpoints)
			s.kill(p)
			event := time.Now()
			p = s.processes("-allowed-lateness", lateness, "-checkpoint-dir", checkpoints)
			url := s.again(p, event)
			s.ends(producer, 5*time.Minute)
			s.reaches(url, time.Date(2016, 1, 9, 4, 59, 59, 0, time.UTC)) // the end of the last day in New York
			s.delays(event)
			s.wants(p, "-allowed-lateness", lateness)
		})
	}
}

// TestSoak_TakeOver has a second processor take over from one with a million keys.
func TestSoak_TakeOver(t *testing.T) {
	s := newSoaked(t)
	old, producer := s.loaded("s3://bucket/checkpoints")
	event := time.Now()
	p := s.processes("-allowed-lateness", lateness, "-checkpoint-dir", "s3://bucket/checkpoints", "-takeover")
	url := s.again(p, event)
	if code := old.WaitExit(time.Minute); code != 1 || !strings.Contains(old.Errors(), "which was told to (-takeover)") {
		t.Fatalf("the first one ended with status %d: %s", code, old.Errors())
	}
	t.Logf("the first one has ended %d ms after the second one's start", time.Since(event).Milliseconds())
	s.ends(producer, 5*time.Minute)
	s.reaches(url, time.Date(2016, 1, 9, 4, 59, 59, 0, time.UTC)) // the end of the last day in New York
	s.delays(event)
	s.wants(p, "-allowed-lateness", lateness)
}

// reaches waits until all windows that ended before an instant have fired.
func (s *soaked) reaches(url string, end time.Time) {
	s.t.Helper()
	for _, operator := range []string{"hotspots", "airports"} {
		for _, subtask := range []string{"0", "1"} {
			s.figure(url, `taxistream_output_watermark_timestamp_seconds{job_name="taxi-trips",operator="`+operator+`",subtask="`+subtask+`"}`, float64(end.Unix()))
		}
	}
}
