package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"taxistream/data/zones"
	"taxistream/internal/geo"
	"taxistream/internal/names"
	"taxistream/internal/results"
	"taxistream/internal/trip"
)

// topCell is a line of the answer to top.
type topCell struct {
	Cell          string  `json:"cell"`
	Lat           float64 `json:"lat"`
	Lon           float64 `json:"lon"`
	Neighbourhood string  `json:"neighbourhood"` // empty: outside the taxi zones
	Borough       string  `json:"borough"`
	Pickups       int64   `json:"pickups"`
}

// pickupsOf is a window of the answer to cell.
type pickupsOf struct {
	Start   time.Time `json:"from"`
	Pickups int64     `json:"pickups"`
}

// rideOf is an airport's hour of the answer to ride; times in minutes.
type rideOf struct {
	Start   time.Time `json:"from"`
	Airport string    `json:"airport"`
	Trips   int64     `json:"trips"`
	Mean    float64   `json:"mean_minutes"`
	Least   float64   `json:"quickest_minutes"`
	Most    float64   `json:"slowest_minutes"`

	sum float64
}

func (q *queryRun) top(ctx context.Context, _ place) error {
	counts := make(map[string]int64)
	if err := q.documents(ctx, names.PickupCount, nil, func(d *results.Source) { counts[d.Cell] += d.PickupCount }); err != nil {
		return err
	}
	ids := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	rows := make([]topCell, 0, q.limit)
	for _, id := range ids[:min(q.limit, len(ids))] {
		cell, err := geo.ParseCell(id)
		if err != nil {
			return err
		}
		row := topCell{Cell: id, Pickups: counts[id]}
		if row.Lat, row.Lon, err = cell.Center(); err != nil {
			return err
		}
		row.Neighbourhood, row.Borough, _ = zones.Zone(row.Lat, row.Lon)
		rows = append(rows, row)
	}
	return answer(q, "The cells with the most pickups, "+q.day+" (New York)", "pickups\tneighbourhood\tcell", rows, func(r topCell) string {
		where := "outside the taxi zones"
		if r.Neighbourhood != "" {
			where = r.Neighbourhood + ", " + r.Borough
		}
		return fmt.Sprintf("%s\t%s\t%s", group(r.Pickups), where, r.Cell)
	})
}

func (q *queryRun) pickups(ctx context.Context, at place) error {
	cells, err := q.cellsOf(ctx, names.PickupCount, at)
	if err != nil {
		return err
	}
	windows := make(map[int64]*pickupsOf)
	err = q.documents(ctx, names.PickupCount, cells, func(d *results.Source) {
		ms := d.WindowStart.UnixMilli()
		if windows[ms] == nil {
			windows[ms] = &pickupsOf{Start: d.WindowStart}
		}
		windows[ms].Pickups += d.PickupCount
	})
	if err != nil {
		return err
	}
	var rows []pickupsOf
	for _, ms := range slices.Sorted(maps.Keys(windows)) {
		rows = append(rows, *windows[ms])
	}
	title := fmt.Sprintf("Pickups at %s, %s (New York), %s", at.name, q.day, cellsInWords(cells))
	return answer(q, title, "from\tpickups", rows, func(r pickupsOf) string {
		return r.Start.In(trip.NewYorkZone()).Format("15:04") + "\t" + group(r.Pickups)
	})
}

func (q *queryRun) rides(ctx context.Context, at place) error {
	cells, err := q.cellsOf(ctx, names.TripDuration, at)
	if err != nil {
		return err
	}
	type key struct {
		ms      int64
		airport string
	}
	hours := make(map[key]*rideOf)
	err = q.documents(ctx, names.TripDuration, cells, func(d *results.Source) {
		if d.SumDuration == nil || d.MinDuration == nil || d.MaxDuration == nil || d.TripCount == 0 {
			return
		}
		k := key{d.WindowStart.UnixMilli(), d.Airport}
		h := hours[k]
		if h == nil {
			h = &rideOf{Start: d.WindowStart, Airport: d.Airport, Least: *d.MinDuration, Most: *d.MaxDuration}
			hours[k] = h
		}
		h.Trips += d.TripCount
		h.sum += *d.SumDuration
		h.Mean = h.sum / float64(h.Trips)
		h.Least, h.Most = min(h.Least, *d.MinDuration), max(h.Most, *d.MaxDuration)
	})
	if err != nil {
		return err
	}
	var rows []rideOf
	for _, k := range slices.SortedFunc(maps.Keys(hours), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.ms, b.ms), strings.Compare(a.airport, b.airport))
	}) {
		rows = append(rows, *hours[k])
	}
	title := fmt.Sprintf("The ride from %s, by hour of arrival, %s (New York), %s", at.name, q.day, cellsInWords(cells))
	return answer(q, title, "hour\tto\tminutes\tquickest\tslowest\ttrips", rows, func(r rideOf) string {
		return fmt.Sprintf("%s\t%s\t%.0f\t%.0f\t%.0f\t%s", r.Start.In(trip.NewYorkZone()).Format("15:04"), r.Airport, r.Mean, r.Least, r.Most, group(r.Trips))
	})
}

func cellsInWords(cells []string) string {
	if len(cells) == 1 {
		return "cell " + cells[0]
	}
	return group(int64(len(cells))) + " cells"
}

// answer prints the rows, as a table under a title or as JSON, a line each.
func answer[R any](q *queryRun, title, columns string, rows []R, line func(R) string) error {
	if len(rows) == 0 {
		return fmt.Errorf("no result for this: %s", title)
	}
	if q.asJSON {
		w := json.NewEncoder(q.out)
		for _, r := range rows {
			if err := w.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintf(q.out, "%s\n\n", title)
	w := tabwriter.NewWriter(q.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, columns)
	for _, r := range rows {
		fmt.Fprintln(w, line(r))
	}
	return w.Flush()
}
