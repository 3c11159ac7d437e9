package objects

import (
	"fmt"

	"taxistream/internal/names"
	"taxistream/internal/results"
)

// few is how many trips make a mean that is shown as any other.
const few = 10

// rideLines are the weighted means: all minutes over all trips of the hour. At the
// foot of the same picture are the trips that they are of.
func (s set) rideLines() m {
	picture := m{
		"transform": rideRows(),
		"encoding": m{
			"x": hour("hour of arrival, New York time"),
			"color": m{
				"field": "name", "type": "nominal", "legend": m{"title": nil, "orient": "top", "symbolType": "circle", "symbolOpacity": 1},
				"scale": m{"domain": []string{"JFK", "LaGuardia"}, "range": []string{jfk, laGuardia}},
			},
			"tooltip": []m{
				{"field": "name", "type": "nominal", "title": "to"},
				hourTip,
				{"field": "mean", "type": "quantitative", "title": "minutes, mean", "format": ".1f"},
				{"field": "trips", "type": "quantitative", "title": "trips", "format": ","},
			},
		},
		"layer": []m{tripBars(), meanLine(), meanPoints()},
	}
	return view(m{
		"data": s.ask(names.TripDuration, true, byHour(m{"airports": m{
			"terms": m{"field": results.FieldAirport, "size": 2},
			"aggs":  m{"minutes": sum(results.FieldSumDuration), "trips": sum(results.FieldTripCount)},
		}})),
		"layer": orWords(picture, "hours", "No rides in these days"),
	})
}

// enough and tooFew are how the legend calls the two kinds of points.
var enough, tooFew = fmt.Sprintf("mean of %d trips and more", few), fmt.Sprintf("of fewer than %d", few)

// rideRows are the airports' hours: one row each.
func rideRows() []m {
	return rows("hours", append(newYork("key", "hour"),
		m{"calculate": "datum.bucket.airports.buckets", "as": "airport"},
		m{"flatten": []string{"airport"}},
		m{"calculate": "datum.airport.key", "as": "code"},
		m{"calculate": "datum.code === 'LGA' ? 'LaGuardia' : datum.code", "as": "name"},
		m{"calculate": "datum.airport.trips.value", "as": "trips"},
		m{"calculate": "datum.trips > 0 ? datum.airport.minutes.value / datum.trips : null", "as": "mean"},
		m{"calculate": fmt.Sprintf("datum.trips < %d ? '%s' : '%s'", few, tooFew, enough), "as": "of"},
		m{"joinaggregate": []m{{"op": "max", "field": "mean", "as": "longest"}, {"op": "max", "field": "trips", "as": "most"}}},
	)...)
}

// minutes is the axis of all three layers.
func minutes(field string) m {
	return m{"field": field, "type": "quantitative", "title": "minutes, mean of all trips; bars: trips", "scale": m{"zero": true}}
}

// tripBars are a sixth of the picture high, on the scale of the minutes: a second
// axis would invite to compare what cannot be. JFK's are left of the hour's
// points, LaGuardia's right. The most are written at the bar.
func tripBars() m {
	bar := []m{
		{"calculate": "datum.key + (datum.code === 'JFK' ? -1500000 : 60000)", "as": "left"},
		{"calculate": "datum.left + 1440000", "as": "right"},
		{"calculate": "datum.longest / 6 * datum.trips / datum.most", "as": "foot"},
	}
	most := append(bar[:len(bar):len(bar)],
		m{"window": []m{{"op": "row_number", "as": "rank"}}, "sort": []m{{"field": "trips", "order": "descending"}}},
		m{"filter": "datum.rank === 1"},
		m{"calculate": "format(datum.trips, ',') + (datum.trips === 1 ? ' trip' : ' trips')", "as": "words"})
	return m{"layer": []m{
		{
			"transform": bar,
			"mark":      m{"type": "rect", "opacity": 0.45},
			"encoding":  m{"x": m{"field": "left", "type": "temporal"}, "x2": m{"field": "right"}, "y": minutes("foot"), "y2": m{"datum": 0}},
		},
		{
			"transform": most,
			"mark":      m{"type": "text", "dy": -7, "fontSize": 11},
			"encoding":  m{"x": m{"field": "left", "type": "temporal"}, "y": minutes("foot"), "text": m{"field": "words", "type": "nominal"}},
		},
	}}
}

func meanLine() m {
	return m{"mark": m{"type": "line", "strokeWidth": 2}, "encoding": m{"y": minutes("mean")}}
}

// ring is a point with a hole: the inner circle runs the other way.
const ring = "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0ZM-0.55,0A0.55,0.55,0,1,0,0.55,0A0.55,0.55,0,1,0,-0.55,0Z"

// meanPoints are hollow where the mean is of few trips.
func meanPoints() m {
	return m{
		"mark": m{"type": "point", "size": 64, "filled": true, "opacity": 1},
		"encoding": m{
			"y": minutes("mean"),
			"shape": m{
				"field": "of", "type": "nominal", "scale": m{"domain": []string{enough, tooFew}, "range": []string{"circle", ring}},
				"legend": m{"title": nil, "orient": "top", "symbolFillColor": grey, "symbolStrokeWidth": 0},
			},
		},
	}
}
