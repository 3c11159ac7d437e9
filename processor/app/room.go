package app

import (
	"context"
	"sync"

	"taxistream/dashboards/jobpage"
	"taxistream/dashboards/live"
	"taxistream/engine"
	"taxistream/internal/geo"
	"taxistream/internal/trip"
)

// jobName is the job's in checkpoints, metrics and REST.
const jobName = "taxi-trips"

// openRoom puts the control room's pages and the job's REST on the port.
func (p *Processor) openRoom() {
	p.room = live.New(live.Options{
		Store: p.search, Prefix: p.c.IndexPrefix, Clock: p.now, Status: p.roomStatus,
		Least: p.c.HotspotMin, Inside: insideAirport, Around: around(p.c.AirportResolution), City: trip.NewYorkZone(),
		Notify: func(m string) { p.log.Warn(m) },
	})
	p.openREST()
	p.http.Mux.HandleFunc("POST /caughtup", p.serveCaughtUp)
	p.http.Mux.HandleFunc("GET /status", p.serveStatus)
	p.http.Mux.Handle("GET /{$}", p.room.Handler())
	page := jobpage.Handler(p.pageState)
	p.http.Mux.Handle("GET /job", page)
	p.http.Mux.Handle("GET /job/", page)
	for _, path := range []string{"/assets/", "/api/", "/events"} {
		p.http.Mux.Handle("GET "+path, p.room.Handler())
	}
}

// insideAirport reports whether a cell's centre lies in the box of an airport.
func insideAirport(cell, airport string) bool {
	c, err := geo.ParseCell(cell)
	if err != nil {
		return false
	}
	lat, lon, err := c.Center()
	return err == nil && airport != "" && geo.AirportAt(lat, lon).String() == airport
}

// around gives the cells of a resolution that any cell is or lies in, and those around
// them; of a cell that is larger than theirs those that it is made of.
func around(resolution int) func(cell string) (own, near []string, err error) {
	return func(cell string) (own, near []string, err error) {
		c, err := geo.ParseCell(cell)
		if err != nil {
			return nil, nil, err
		}
		mine, err := c.At(resolution)
		if err != nil {
			return nil, nil, err
		}
		middle := c
		if resolution < c.Resolution() {
			middle = mine[0]
		}
		neighbours, err := middle.Neighbours()
		if err != nil {
			return nil, nil, err
		}
		for _, n := range neighbours {
			cells, err := n.At(resolution)
			if err != nil {
				return nil, nil, err
			}
			near = append(near, idsOf(cells)...)
		}
		return idsOf(mine), near, nil
	}
}

func idsOf(cells []geo.Cell) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = c.String()
	}
	return out
}

// runRoom feeds the pages until the function that it returns is called.
func (p *Processor) runRoom() (stop func()) {
	ctx, cancel := context.WithCancel(p.life)
	var group sync.WaitGroup
	group.Go(func() { p.room.Run(ctx) })
	return func() { cancel(); group.Wait() }
}

// roomStatus is what the control room says of the pipeline.
func (p *Processor) roomStatus() live.Status {
	s, health := p.Status(), p.Health()
	out := live.Status{
		Condition: health.Condition, Since: health.Since, Why: health.Why, Cause: health.Cause, Effect: health.Effect, Troubles: health.Troubles,
		State: string(s.State), Started: p.started, Running: s.State != engine.JobCreated, Watermark: s.Watermark,
		Rejects: make(map[string]int64), Documents: p.Documents().Written, Refused: p.Documents().Poisoned,
		Checkpoint: live.Checkpoint{
			ID: s.Checkpoints.LastID, At: s.Checkpoints.LastTime, Duration: s.Checkpoints.LastDuration, Bytes: s.Checkpoints.LastBytes,
			Completed: s.Checkpoints.Completed, Failed: s.Checkpoints.Failed, FailedInRow: s.Checkpoints.FailedInRow,
		},
	}
	out.Attempts, out.Resumed, out.Parallelism = s.Attempts, s.Checkpoints.RestoredID > 0, s.Parallelism
	r := readingOf(s)
	out.Shards, out.Known, out.Behind, out.Newest = r.shards, r.known, max(r.lag, 0), r.highest
	if _, failing := p.reads.look(p.now()); len(failing) > 0 {
		out.Behind = -1
	}
	out.Events = p.parts().Read.In(s)
	out.Trips = p.parts().Counted.In(s)
	for reason, n := range p.Rejects() {
		out.Rejects[string(reason)] = n
	}
	return out
}
