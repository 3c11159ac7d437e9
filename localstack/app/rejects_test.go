package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taxistream/internal/kinesis"
)

const (
	goodTrip  = `{"type":"trip","trip_id":%d,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,"pickup_datetime":"2016-01-05T12:00:00.000Z","dropoff_datetime":"%s"}`
	watermark = `{"type":"watermark","watermark":"%s"}`
)

// Ensure a record of each reason lands in taxi_rejects once, with what is needed
// to find it, also over restarts that read it again.
func TestRejectsOfEachReason(t *testing.T) {
	w := newWorld(t, 1)
	at := func(text string) string { return "2016-01-05T" + text + ".000Z" }
	good := fmt.Sprintf(goodTrip, 1, at("12:30:00"))
	aggregate := kinesis.NewAggregator(1<<20, "0")
	inner := strings.Replace(fmt.Sprintf(goodTrip, 9, at("12:31:00")), "40.7,", "50.7,", 1)
	aggregate.Add([]byte("1"), []byte(fmt.Sprintf(goodTrip, 8, at("12:31:00"))))
	aggregate.Add([]byte("2"), []byte(inner))
	damaged := aggregate.AppendTo(nil)
	kinesis.Seal([][]byte{damaged})
	whole := string(damaged)
	damaged[10] ^= 1
	type want struct{ record, reason, suffix, shown string }
	var wants []want
	add := func(record, reason string) {
		_, sequence := w.put(0, record)
		if reason != "" {
			wants = append(wants, want{record, reason, sequence + "-0", record})
		}
	}
	add(good, "")
	add(`{"type":"trip","trip_id":`, "malformed")
	add(`{"type":"ride"}`, "malformed")
	add(strings.Replace(fmt.Sprintf(goodTrip, 2, at("12:30:00")), "40.7,", "NaN,", 1), "malformed")
	add("\xff\xfe{}", "malformed")
	add(string(damaged), "malformed")
	add(strings.Replace(fmt.Sprintf(goodTrip, 3, at("12:30:00")), "-73.9,", "-75.9,", 1), "outside_city")
	add(fmt.Sprintf(goodTrip, 4, at("11:59:59")), "negative_duration")
	add(fmt.Sprintf(goodTrip, 5, at("18:00:01")), "too_long")
	add(strings.ReplaceAll(fmt.Sprintf(goodTrip, 10, at("12:30:00")), "2016-", "2084-"), "too_early")
	add(good, "duplicate")
	_, sequence := w.put(0, whole)
	wants = append(wants, want{inner, "outside_city", sequence + "-1", inner})
	mark := fmt.Sprintf(watermark, at("23:00:00"))
	aggregate.Reset()
	aggregate.Add([]byte("1"), []byte(mark))
	alone := aggregate.AppendTo(nil)
	kinesis.Seal([][]byte{alone})
	_, sequence = w.put(0, string(alone))
	wants = append(wants, want{mark, "malformed", sequence + "-0", mark})
	add(fmt.Sprintf(watermark, "9999-12-31T00:00:00.000Z"), "") // refused
	add(fmt.Sprintf(watermark, at("12:45:00")), "")
	add(fmt.Sprintf(watermark, at("12:44:00")), "") // goes back: ignored
	add(fmt.Sprintf(goodTrip, 6, at("12:39:59")), "late")
	add(fmt.Sprintf(goodTrip, 7, at("12:44:30")), "") // behind the watermark, its window is open
	add(fmt.Sprintf(watermark, at("13:59:59")), "")
	end := time.Date(2016, 1, 5, 13, 59, 59, 0, time.UTC).UnixMilli()
	for range 2 { // the second one reads nothing new from a checkpoint
		p, stop := w.processor()
		w.reaches(p, end)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	w.dir = t.TempDir() // and one without the checkpoints reads all again
	p, stop := w.processor()
	w.reaches(p, end)
	if n := p.Status().Splits[0].Regressions; n != 1 {
		t.Errorf("%d watermarks ignored, want 1", n)
	}
	counts := p.Rejects()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	got := w.rejects()
	if len(got) != len(wants) {
		t.Errorf("%d rejects, want %d", len(got), len(wants))
	}
	byID := map[string]rejectDoc{}
	for _, g := range got {
		byID[g.ID] = g
	}
	reasons := map[string]int64{}
	for _, want := range wants {
		reasons[want.reason]++
		g, ok := byID["shardId-000000000000-"+want.suffix]
		if !ok || g.Reason != want.reason || string(g.Record) != want.shown || g.Detail == "" || g.Shard != "shardId-000000000000" ||
			!strings.HasPrefix(want.suffix, g.Sequence+"-") || (g.EventTime == nil) != (want.reason == "malformed") || g.Timestamp == "" {
			t.Errorf("%s: %.60q: got %+v", want.reason, want.shown, g)
		}
	}
	for reason, n := range counts {
		if n != reasons[string(reason)] {
			t.Errorf("%d counted as %s, want %d", n, reason, reasons[string(reason)])
		}
	}
	if export := w.export(); !strings.Contains(export, `"pickup_count":2`) || !strings.Contains(export, `"trip_count":3`) {
		t.Errorf("the trips that count are not counted: %s", export)
	}
}
