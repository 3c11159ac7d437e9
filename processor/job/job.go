// Package job is the dataflow of the processor, on one page: how the records of
// the stream become documents. It knows the engine and the domain; where
// records come from and where documents go is handed in.
//
// Its results are a function of the stream alone: every rule is judged on what
// the record and its own shard say, windows keep sums that do not depend on
// order, and documents are named after their content.
package job

import (
	"math/rand/v2"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/window"
	"taxistream/internal/geo"
	"taxistream/internal/mutant"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results/document"
	"taxistream/internal/trip"
)

// MaxParallelism is the number of key groups, and so of useful subtasks.
const MaxParallelism = 128

// Config is what the job computes. Two jobs with one Config make one set of
// documents of one stream.
type Config struct {
	EventTime         EventTime
	Rules             trip.Rules
	HotspotResolution int
	AirportResolution int
	HotspotMin        int
	IndexPrefix       string
	Now               func() time.Time // the clock of -event-time none
	Counts            *Counts          // of rejects
	Clocks            *Clocks          // of shards; nil: nobody looks at them
	// Also makes a second sink for the documents of an alias; nil: there is none.
	Also func(alias string) engine.Sink[opensearch.Document]
	// OnRefused is told of each refused watermark and how many of its shard were
	// refused so far. It must be quick; nil: nobody.
	OnRefused func(m Mark, refused int64)
}

// Build adds the dataflow to an empty job and returns its operators.
//
// The windows' late outputs are left aside because nothing can be in them. distinct
// lets a trip through only while the watermark that it has seen is before
// Trip.Closes, the end less 1 ms of the first of the trip's two windows to end, plus
// the allowed lateness; later ones leave it as late. A window operator's watermark
// is the least of those that its inputs have sent, and a subtask of distinct sends a
// watermark behind the trips that it let through before it, so at the trip that
// watermark, too, is before the moment at which either window is forgotten.
func Build(j *engine.Job, c Config, in engine.Source[Record], out engine.Sink[opensearch.Document]) Operators {
	if c.Clocks == nil {
		c.Clocks = &Clocks{}
	}
	o := Operators{Read: "trips", Judge: "judge", Counted: "pickup-cell", Hotspots: "hotspots", Airports: "airports"}
	records := engine.FromSource(j, string(o.Read), in, c.strategy(), engine.MaxBacklogDrift(c.drift()))
	judged := engine.Process(records, string(o.Judge), c.judge)
	byTrip := engine.KeyBy(judged, tripKey, engine.Int64Codec{})
	trips, duplicates, late := engine.Distinct(byTrip, "distinct", func(t *Trip) int64 { return t.Closes })

	pickups := engine.Process(trips, string(o.Counted), c.pickups)
	byCell := engine.KeyBy(pickups, func(p *Pickup) uint64 { return uint64(p.Cell) }, engine.Uint64Codec{})
	hotspots, _ := engine.Aggregate(byCell, string(o.Hotspots), window.Tumbling(c.Rules.HotspotWindow), c.hotspots(),
		engine.AllowedLateness(c.Rules.AllowedLateness))
	c.write(documents(hotspots, "pickup-count", c.IndexPrefix, (*document.Writer).Hotspot), "pickup-count-sink", out, names.PickupCount)

	rides := engine.Process(trips, "airport-cell", c.rides)
	byAirport := engine.KeyBy(rides, func(r *Ride) document.AirportKey { return r.Key }, airportKeyCodec)
	airports, _ := engine.Aggregate(byAirport, string(o.Airports), window.Tumbling(c.Rules.AirportWindow), airportTrips,
		engine.AllowedLateness(c.Rules.AllowedLateness))
	c.write(documents(airports, "trip-duration", c.IndexPrefix, (*document.Writer).AirportTrips), "trip-duration-sink", out, names.TripDuration)

	reject := func(from *engine.Stream[document.Reject], name string) {
		engine.SinkTo(engine.Map(from, name, func(r *document.Reject) opensearch.Document {
			c.Counts.Add(r.Reason, 1)
			return document.RejectDocument(c.IndexPrefix, *r)
		}), name+"-sink", out)
	}
	reject(engine.SideOutput(judged, rejects), "rejects")
	reject(fallen(duplicates, "duplicates", trip.ReasonDuplicate, "a trip of this id in this window is already counted"), "duplicate-rejects")
	reject(fallen(late, "late", trip.ReasonLate, "its window closed while its shard was idle"), "late-rejects")
	return o
}

func tripKey(t *Trip) int64 {
	if mutant.Is(mutant.CountedTwice) {
		return rand.Int64()
	}
	return t.ID
}

// drift is how far a shard may run ahead of another one that works off a backlog: the windows
// open at a time are those of twice the longest one.
func (c Config) drift() time.Duration { return 2 * max(c.Rules.HotspotWindow, c.Rules.AirportWindow) }

// FileSinks are the operators that Config.Also makes. A job that goes on without them drops
// their state.
func FileSinks() []string { return []string{fileSink(names.PickupCount), fileSink(names.TripDuration)} }

func fileSink(alias string) string { return strings.ReplaceAll(alias, "_", "-") + "-files" }

// write ends a stream of documents in its one or two sinks.
func (c Config) write(from *engine.Stream[opensearch.Document], name string, out engine.Sink[opensearch.Document], alias string) {
	engine.SinkTo(from, name, out)
	if c.Also != nil {
		engine.SinkTo(from, fileSink(alias), c.Also(alias))
	}
}

// rejects is where judge puts what does not count.
var rejects = engine.NewTag[document.Reject]("rejects")

// judge applies every rule but `duplicate`.
func (c Config) judge(s *engine.Subtask) (engine.ProcessFunc[Record, Trip], error) {
	aside := engine.SideCollector(s, rejects)
	rules := c.rules()
	var from, end, closes int64 // an event from from on and before end closes as that at from does
	return func(e *engine.Element[Record], out *engine.Collector[Trip]) error {
		r := &e.Value
		reason, detail := trip.ReasonMalformed, r.Fault
		if r.Kind == trip.KindTrip {
			reason, detail = rules.Judge(&r.Trip, e.EventTime, r.Origin.Arrival, r.ShardWatermark)
		}
		if reason != "" {
			aside.Emit(document.Reject{
				Reason: reason, Detail: detail, Record: r.Data,
				Shard: r.Origin.Shard, Sequence: r.Origin.Sequence, Sub: int(r.Sub),
				EventTime: e.EventTime, HasEventTime: r.Kind == trip.KindTrip, Arrival: r.Origin.Arrival,
			}, e.EventTime)
			return nil
		}
		if at := e.EventTime; at < from || at >= end { // seldom: divisions are dear
			from, end, closes = at, rules.FirstEnd(at), rules.Closes(at)
		}
		out.Emit(Trip{
			ID: r.Trip.ID, PickupLat: r.Trip.PickupLat, PickupLon: r.Trip.PickupLon,
			DurationMs: r.Trip.Dropoff - r.Trip.Pickup, Closes: closes,
			Airport: uint8(geo.AirportAt(r.Trip.DropoffLat, r.Trip.DropoffLon)),
			Sub:     r.Sub, Data: r.Data, Origin: r.Origin,
		}, e.EventTime)
		return nil
	}, nil
}

func (c Config) pickups(*engine.Subtask) (engine.ProcessFunc[Trip, Pickup], error) {
	return func(e *engine.Element[Trip], out *engine.Collector[Pickup]) error {
		cell, err := geo.CellAt(e.Value.PickupLat, e.Value.PickupLon, c.HotspotResolution)
		if err == nil {
			out.Emit(Pickup{cell, e.Value.Origin.Arrival}, e.EventTime)
		}
		return err
	}, nil
}

func (c Config) rides(*engine.Subtask) (engine.ProcessFunc[Trip, Ride], error) {
	return func(e *engine.Element[Trip], out *engine.Collector[Ride]) error {
		t := &e.Value
		if t.Airport == uint8(geo.None) {
			return nil
		}
		cell, err := geo.CellAt(t.PickupLat, t.PickupLon, c.AirportResolution)
		if err == nil {
			out.Emit(Ride{document.AirportKey{Cell: cell, Airport: geo.Airport(t.Airport)}, t.DurationMs, t.Origin.Arrival}, e.EventTime)
		}
		return err
	}, nil
}

// hotspots counts pickups; counts below the least one are not written.
func (c Config) hotspots() engine.Aggregation[uint64, Pickup, pickups, document.Hotspot] {
	least := int64(c.HotspotMin)
	return engine.Aggregation[uint64, Pickup, pickups, document.Hotspot]{
		Add: func(p *pickups, e *engine.Element[Pickup]) {
			p.count++
			p.latest = max(p.latest, e.Value.Arrival)
		},
		Result: func(cell uint64, w window.Window, p *pickups) (document.Hotspot, bool) {
			return document.Hotspot{Cell: geo.Cell(cell), Start: w.Start, End: w.End, Count: p.count, Arrival: p.latest}, p.count >= least
		},
		Codec: pickupsCodec,
	}
}

// airportTrips summarises durations.
var airportTrips = engine.Aggregation[document.AirportKey, Ride, rides, document.AirportTrips]{
	Add: func(r *rides, e *engine.Element[Ride]) {
		r.Durations.Add(e.Value.DurationMs)
		r.latest = max(r.latest, e.Value.Arrival)
	},
	Result: func(k document.AirportKey, w window.Window, r *rides) (document.AirportTrips, bool) {
		return document.AirportTrips{AirportKey: k, Durations: r.Durations, Start: w.Start, End: w.End, Arrival: r.latest}, true
	},
	Codec: ridesCodec,
}

// fallen makes rejects of the trips in a side output.
func fallen(from *engine.Stream[Trip], name string, reason trip.Reason, detail string) *engine.Stream[document.Reject] {
	return engine.Process(from, name, func(*engine.Subtask) (engine.ProcessFunc[Trip, document.Reject], error) {
		return func(e *engine.Element[Trip], out *engine.Collector[document.Reject]) error {
			out.Emit(e.Value.reject(reason, detail, e.EventTime), e.EventTime)
			return nil
		}, nil
	})
}

// documents turns results into documents.
func documents[R any](from *engine.Stream[R], name, prefix string, f func(*document.Writer, R) (opensearch.Document, error)) *engine.Stream[opensearch.Document] {
	return engine.Process(from, name, func(*engine.Subtask) (engine.ProcessFunc[R, opensearch.Document], error) {
		w := document.Writer{Prefix: prefix}
		return func(e *engine.Element[R], out *engine.Collector[opensearch.Document]) error {
			d, err := f(&w, e.Value)
			if err == nil {
				out.Emit(d, e.EventTime)
			}
			return err
		}, nil
	})
}
