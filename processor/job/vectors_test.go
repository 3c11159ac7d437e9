package job

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/internal/geo"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/results/document"
	"taxistream/internal/trip"
	"taxistream/processor/vectors"
)

// ruleVector is what a shard's records are judged to be, one after the other. Times are ms, lengths too.
type ruleVector struct {
	EventTime string         `json:"event_time"`
	Rules     [5]int64       `json:"rules"` // longest duration, ahead, lateness, both windows
	Records   []recordVector `json:"records"`
}

type recordVector struct {
	Kind           string      `json:"kind"`
	Places         *[4]float64 `json:"places,omitempty"` // of a trip, as in events.jsonl
	Pickup         int64       `json:"pickup,omitempty"`
	Dropoff        int64       `json:"dropoff,omitempty"`
	Mark           int64       `json:"mark,omitempty"` // of a watermark record
	Arrival        int64       `json:"arrival,omitempty"`
	EventTime      int64       `json:"event_time,omitempty"`
	ShardWatermark int64       `json:"shard_watermark"`
	Watermark      int64       `json:"watermark"` // of the shard, behind it
	Reason         string      `json:"reason"`
	Closes         int64       `json:"closes,omitempty"` // of a trip that is taken
}

// drawnRecord is near an edge more often than not.
func drawnRecord(rnd *rand.Rand, base int64) Record {
	edge := func() int64 { return []int64{-1, 0, 1}[rnd.IntN(3)] }
	const hour = 3_600_000
	r := Record{Kind: trip.KindTrip, Origin: &Origin{Arrival: base + edge()}}
	switch rnd.IntN(8) {
	case 0:
		r.Kind = 0
		return r
	case 1:
		r.Kind, r.Watermark = trip.KindWatermark, base+rnd.Int64N(4*hour)/600_000*600_000-2*hour+edge()
		if rnd.IntN(8) == 0 {
			r.Watermark = base + hour + edge()
		}
		return r
	}
	lat := []float64{40.560, math.Nextafter(40.560, 0), 40.878, math.Nextafter(40.878, 90), 40.7, 40.75, 40.7, 40.75, 40.65}
	lon := []float64{-74.054, math.Nextafter(-74.054, -90), -73.722, math.Nextafter(-73.722, 0), -73.9, -73.95, -73.9, -73.95, -73.78}
	place := func() (float64, float64) { return lat[rnd.IntN(len(lat))], lon[rnd.IntN(len(lon))] }
	r.Trip.PickupLat, r.Trip.PickupLon = place()
	r.Trip.DropoffLat, r.Trip.DropoffLon = place()
	r.Trip.Dropoff = base + rnd.Int64N(4*hour)/600_000*600_000 - 2*hour + edge()
	r.Trip.Pickup = r.Trip.Dropoff - []int64{0, 0, 60_000, 6 * hour, 2 * hour}[rnd.IntN(5)] + edge()
	switch rnd.IntN(12) {
	case 0:
		r.Trip.Dropoff = base + hour + edge()
		r.Trip.Pickup = r.Trip.Dropoff
	case 1:
		r.Origin.Arrival = trip.NoArrival
	}
	return r
}

// Ensure what both editions judge of records, in each mode of event time, and where the shard's
// watermark is before and behind them.
func TestVectors_Rules(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	var lines []any
	for _, c := range []Config{
		{},
		{Rules: trip.Rules{MaxDuration: 2 * time.Hour, AllowedLateness: time.Minute, HotspotWindow: 7 * time.Minute, AirportWindow: 5 * time.Minute}},
		{EventTime: EventTime{Mode: Arrival}},
		{EventTime: EventTime{Mode: Bounded, Bound: 10 * time.Second}},
		{EventTime: EventTime{Mode: Bounded}},
		{EventTime: EventTime{Mode: Clock}},
	} {
		if c.Rules == (trip.Rules{}) {
			c.Rules = trip.DefaultRules
			c.Rules.MaxAhead = time.Hour
		}
		for base := range 4 {
			lines = append(lines, judged(c, rnd, []int64{1_452_000_000_000, 1_452_000_000_000, 7_200_000, -1_000_000_000_000}[base]))
		}
	}
	vectors.Hold(t, "rules.jsonl", lines)
}

func judged(c Config, rnd *rand.Rand, base int64) ruleVector {
	c.Now, c.Clocks = func() time.Time { return time.UnixMilli(base) }, &Clocks{}
	clock, rules := c.strategy()(engine.Split{}), c.rules()
	ms := func(d time.Duration) int64 { return d.Milliseconds() }
	v := ruleVector{EventTime: c.EventTime.String(), Rules: [5]int64{
		ms(c.Rules.MaxDuration), ms(c.Rules.MaxAhead), ms(c.Rules.AllowedLateness), ms(c.Rules.HotspotWindow), ms(c.Rules.AirportWindow),
	}}
	watermark := int64(trip.NoWatermark)
	for range 120 {
		r := drawnRecord(rnd, base)
		e := engine.Element[Record]{Value: r, EventTime: r.Origin.Arrival}
		shown := recordVector{Kind: "malformed", Arrival: r.Origin.Arrival}
		if r.Kind == trip.KindTrip {
			e.EventTime = r.Trip.EventTime()
			shown.Kind, shown.Pickup, shown.Dropoff = "trip", r.Trip.Pickup, r.Trip.Dropoff
			shown.Places = &[4]float64{r.Trip.PickupLat, r.Trip.PickupLon, r.Trip.DropoffLat, r.Trip.DropoffLon}
		}
		next, keep := clock.OnElement(&e, watermark)
		watermark = max(watermark, next) // the engine passes over one that is lower
		shown.ShardWatermark, shown.Watermark = e.Value.ShardWatermark, watermark
		switch {
		case !keep:
			shown.Kind, shown.Mark = "watermark", r.Watermark
		case r.Kind == trip.KindTrip:
			reason, _ := rules.Judge(&r.Trip, e.EventTime, r.Origin.Arrival, e.Value.ShardWatermark)
			shown.Reason, shown.EventTime = string(reason), e.EventTime
			if reason == "" {
				shown.Closes = rules.Closes(e.EventTime)
			}
		default:
			shown.Reason = names.ReasonMalformed
		}
		v.Records = append(v.Records, shown)
	}
	return v
}

// Ensure cells, the city and airports, near corners of boxes and at random.
func TestVectors_Places(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 9))
	var lines []any
	add := func(lat, lon float64, resolution int) {
		cell, err := geo.CellAt(lat, lon, resolution)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, map[string]any{
			"lat": lat, "lon": lon, "resolution": resolution, "cell": cell.String(), "in_city": geo.InCity(lat, lon), "airport": geo.AirportAt(lat, lon).String(),
		})
	}
	for _, box := range [][4]float64{{40.560, 40.878, -74.054, -73.722}, {40.632, 40.654, -73.800, -73.761}, {40.766, 40.778, -73.881, -73.859}} {
		for _, lat := range []float64{box[0], math.Nextafter(box[0], 0), box[1], math.Nextafter(box[1], 90)} {
			for _, lon := range []float64{box[2], math.Nextafter(box[2], -90), box[3], math.Nextafter(box[3], 0)} {
				add(lat, lon, 8+rnd.IntN(2))
			}
		}
	}
	for range 1200 {
		add(40.560+rnd.Float64()*0.318, -74.054+rnd.Float64()*0.332, []int{9, 8, 9, 8, rnd.IntN(16)}[rnd.IntN(5)])
	}
	for range 100 {
		add(math.Round(1e4*(40.60+rnd.Float64()*0.2))/1e4, math.Round(1e4*(-73.99+rnd.Float64()*0.25))/1e4, 9)
	}
	vectors.Hold(t, "places.jsonl", lines)
}

type documentVector struct {
	Of      map[string]any `json:"of"`
	Prefix  string         `json:"prefix"`
	Index   string         `json:"index"`
	ID      string         `json:"id"`
	Version int64          `json:"version"`
	Source  string         `json:"source"`
}

// Ensure documents, byte for byte, with ids, versions and indexes.
func TestVectors_Documents(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 3))
	var lines []any
	add := func(of map[string]any, prefix string, d opensearch.Document, err error) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, documentVector{of, prefix, d.Index, d.ID, d.Version, string(d.Source)})
	}
	starts := []int64{0, -3_600_000, -1, 1_451_606_400_000, 1_451_606_400_000 - 3_600_000, 1_454_284_800_000 - 600_000, 946_684_800_000, -62_167_219_200_000, 253_402_300_799_999 - 3_600_000 + 1}
	hotspots, airports := map[string]*document.Writer{"": {}, "v2-": {Prefix: "v2-"}}, map[string]*document.Writer{"": {}, "v2-": {Prefix: "v2-"}}
	for i := range 220 {
		prefix := []string{"", "v2-"}[i%2]
		lat, lon := 40.560+rnd.Float64()*0.318, -74.054+rnd.Float64()*0.332
		cell, err := geo.CellAt(lat, lon, []int{9, 8, 9, 8, rnd.IntN(16)}[rnd.IntN(5)])
		if err != nil {
			t.Fatal(err)
		}
		start, length := starts[i%len(starts)], []int64{600_000, 3_600_000, 1, 420_000}[rnd.IntN(4)]
		if i >= 2*len(starts) {
			start = 600_000 * rnd.Int64N(3_000_000)
		}
		count := 1 + rnd.Int64N(1<<rnd.IntN(40))
		hot := document.Hotspot{Cell: cell, Start: start, End: start + length, Count: count}
		d, err := hotspots[prefix].Hotspot(hot)
		add(map[string]any{"cell": cell.String(), "start": start, "end": hot.End, "count": count}, prefix, d, err)
		shortest, longest := rnd.Int64N(21_600_001), rnd.Int64N(21_600_001)
		sum := document.Durations{Count: count, SumMs: rnd.Int64N(1 << (1 + rnd.IntN(50))), MinMs: min(shortest, longest), MaxMs: max(shortest, longest)}
		a := document.AirportTrips{AirportKey: document.AirportKey{Cell: cell, Airport: geo.Airport(1 + rnd.IntN(2))}, Start: start, End: hot.End, Durations: sum}
		d, err = airports[prefix].AirportTrips(a)
		add(map[string]any{
			"cell": cell.String(), "airport": a.Airport.String(), "start": start, "end": a.End, "count": count, "sum": sum.SumMs, "min": sum.MinMs, "max": sum.MaxMs,
		}, prefix, d, err)
	}
	for i, r := range rejectForms() {
		d := document.RejectDocument("v2-", r)
		of := map[string]any{
			"reason": r.Reason, "detail": r.Detail, "record": r.Record, "shard": r.Shard, "sequence": r.Sequence, "sub": r.Sub, "arrival": r.Arrival,
		}
		if r.HasEventTime {
			of["event_time"] = r.EventTime
		}
		add(of, "v2-", d, nil)
		hot := lines[2*i].(documentVector)
		d = document.UnwritableReject(hot.Prefix, opensearch.Document{Index: hot.Index, ID: hot.ID, Source: []byte(hot.Source)}, r.Detail, time.UnixMilli(r.Arrival))
		add(map[string]any{"unwritable": hot.Source, "index": hot.Index, "id": hot.ID, "detail": r.Detail, "timestamp": r.Arrival}, hot.Prefix, d, nil)
	}
	vectors.Hold(t, "documents.jsonl", lines)
}

// rejectForms are rejects whose parts are hard to write as JSON.
func rejectForms() (all []document.Reject) {
	for i, text := range []string{
		"", "plain", `quotes " and \ and /`, "lines\r\n\tand \b\f", "\x00\x01\x1f\x7f", "<a href='x'>&amp;</a>", "é ü 中 \U0001f695", "\u2028\u2029\ufeff\ufffd", "\u0085\u00a0",
	} {
		all = append(all, document.Reject{
			Reason: trip.ReasonMalformed, Detail: text, Record: []byte(text + text), Shard: "shardId-" + fmt.Sprintf("%012d", i), Sequence: "4959" + fmt.Sprint(i) + "\"", Sub: i * 100,
			EventTime: 1_452_000_000_000 - int64(i)*1e12, HasEventTime: i%2 == 1, Arrival: 1_454_284_799_998 + int64(i),
		})
	}
	all[2].Record, all[3].Record = []byte{0xff, 0xfe, 0, 1, 2}, nil
	return all
}

// Ensure index templates, character for character, and what is to be done about each item of a bulk answer.
func TestVectors_OpenSearch(t *testing.T) {
	var lines []any
	for _, meta := range []map[string]string{{}, {"event_time": "bounded=250µs", "max_ahead": "87600h", "allowed_lateness": "1m30s", "a": "0s"}} {
		for _, prefix := range []string{"", "v2-"} {
			for _, alias := range results.Aliases() {
				template, err := results.Template(prefix, alias, meta)
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, map[string]any{"prefix": prefix, "alias": alias, "meta": meta, "template": string(template)})
			}
		}
	}
	kinds := []string{
		"", "version_conflict_engine_exception", "cluster_block_exception", "resource_already_exists_exception", "validation_exception", "mapper_parsing_exception",
		"index_not_found_exception", "security_exception", "strict_dynamic_mapping_exception", "es_rejected_execution_exception",
	}
	for _, status := range []int{0, 100, 199, 200, 201, 299, 300, 400, 401, 403, 404, 408, 409, 413, 429, 500, 501, 503} {
		for _, kind := range kinds {
			for _, reason := range []string{"", "this cluster would exceed [1000]/[1000] maximum shards open", "no such index [x] and [action.auto_create_index] is [false]"} {
				class, _ := opensearch.ClassifyItem(status, kind, reason)
				verdict := map[opensearch.Class]string{opensearch.Done: "DONE", opensearch.Repeat: "REPEAT", opensearch.Retry: "RETRY", opensearch.Poison: "POISON", opensearch.Fatal: "FATAL"}[class]
				lines = append(lines, map[string]any{"status": status, "type": kind, "reason": reason, "verdict": verdict})
			}
		}
	}
	vectors.Hold(t, "opensearch.jsonl", lines)
}
