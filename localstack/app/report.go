package app

import (
	"context"
	"fmt"
	"text/tabwriter"

	"taxistream/data/zones"
	"taxistream/internal/geo"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/trip"
)

// spot is a cell with its pickups over the whole run.
type spot struct {
	cell     string
	lat, lon float64
	pickups  int64
}

// hottest is how many cells the report lists.
const hottest = 10

// hour sums the airport trips that ended in one hour of the city's day.
type hour struct {
	trips   int64
	minutes float64
}

func (h hour) mean() string {
	if h.trips == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f min", h.minutes/float64(h.trips))
}

// report prints the hottest cells and the rides to the airports by hour, as the
// results store has them.
func (d *demoRun) report(ctx context.Context) error {
	spots, err := d.spots(ctx)
	if err != nil {
		return err
	}
	hours, err := d.hours(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(d.stdout, "\nThe hottest cells\n\n")
	w := tabwriter.NewWriter(d.stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "pickups\tneighbourhood\tcell")
	for _, s := range spots {
		name, borough, ok := zones.Zone(s.lat, s.lon)
		if !ok {
			name, borough = "outside the taxi zones", "–"
		}
		fmt.Fprintf(w, "%s\t%s, %s\t%s\n", group(s.pickups), name, borough, s.cell)
	}
	fmt.Fprint(w, "\n")
	w.Flush()
	fmt.Fprint(d.stdout, "The ride to the airports, by hour of arrival (New York)\n\n")
	fmt.Fprintln(w, "hour\tJFK\ttrips\tLGA\ttrips")
	for h := range 24 {
		jfk, lga := hours["JFK"][h], hours["LGA"][h]
		if jfk.trips+lga.trips > 0 {
			fmt.Fprintf(w, "%02d:00\t%s\t%s\t%s\t%s\n", h, jfk.mean(), group(jfk.trips), lga.mean(), group(lga.trips))
		}
	}
	return w.Flush()
}

// refreshed names an alias's index under the run's prefix, once all that was
// written to it can be found.
func (d *demoRun) refreshed(ctx context.Context, alias string) (index string, err error) {
	index = d.processorConfig.IndexPrefix + alias
	if err := d.search.Refresh(ctx, index); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return index, nil
}

func (d *demoRun) spots(ctx context.Context) ([]spot, error) {
	index, err := d.refreshed(ctx, names.PickupCount)
	if err != nil {
		return nil, err
	}
	top, err := d.search.Top(ctx, index, results.FieldCell, results.FieldPickupCount, hottest)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	spots := make([]spot, 0, len(top))
	for _, g := range top {
		cell, err := geo.ParseCell(g.Key)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		lat, lon, err := cell.Center()
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		spots = append(spots, spot{g.Key, lat, lon, int64(g.Sum)})
	}
	return spots, nil
}

func (d *demoRun) hours(ctx context.Context) (map[string]*[24]hour, error) {
	hours := map[string]*[24]hour{"JFK": {}, "LGA": {}}
	index, err := d.refreshed(ctx, names.TripDuration)
	if err != nil {
		return nil, err
	}
	scan := opensearch.Scan{Index: index, Sort: results.UniqueSort(names.TripDuration), Fields: []string{results.FieldAirport, results.FieldWindowStart, results.FieldTripCount, results.FieldSumDuration}, PageSize: 5000}
	for hit, err := range d.search.All(ctx, scan) {
		if err != nil {
			return nil, err
		}
		doc, err := results.ReadSource(hit.Source)
		if err != nil {
			return nil, err
		}
		if byHour := hours[doc.Airport]; byHour != nil && doc.SumDuration != nil {
			h := &byHour[doc.WindowStart.In(trip.NewYorkZone()).Hour()]
			h.trips += doc.TripCount
			h.minutes += *doc.SumDuration
		}
	}
	return hours, nil
}
