package objects

import (
	_ "embed"
	"encoding/json"

	"taxistream/internal/names"
)

const schema = "https://vega.github.io/schema/vega-lite/v5.json"

// maxCells is the most hexagons of one map: the city has some 2,500 cells with
// pickups in a day.
const maxCells = 4000

// outlines are four boroughs, by the zones that make them; generated from
// data/zones, which names the source. Staten Island, where next to no trip
// begins, would take half the panel.
//
//go:embed outlines.json
var outlines []byte

// view is what every picture shares: it fills its panel.
func view(spec m) m {
	spec["$schema"] = schema
	spec["width"], spec["height"] = "container", "container"
	spec["autosize"] = m{"type": "fit", "contains": "padding"}
	spec["padding"] = 8
	return spec
}

// ask is the data of a picture: one search, of which property is kept. With
// context the dashboard's filters apply; pictures of other indexes than that of
// the airports leave them out, or a choice of airport would empty them.
func (s set) ask(alias string, context bool, aggs m, property string) m {
	url := m{"index": s.prefix + alias, "body": m{"size": 0, "aggs": aggs}}
	if context {
		url["%context%"], url["%timefield%"] = true, "timestamp"
	} else {
		url["body"].(m)["query"] = m{"range": m{"timestamp": m{"%timefilter%": true}}}
	}
	return m{"url": url, "format": m{"property": property}}
}

func sum(field string) m { return m{"sum": m{"field": field}} }

// hotspotMap draws each cell in its place over the boroughs, the redder the more
// trips began there. H3's rings run counter-clockwise; d3 fills what lies to the
// other side, so they are turned round.
func (s set) hotspotMap() m {
	return view(m{
		"projection": m{"type": "mercator"},
		"layer": []m{
			{
				"data": m{"name": "outlines", "values": json.RawMessage(outlines)},
				// One opaque colour for zones and borders: together they are the borough, on a light page and on a dark one.
				"mark": m{"type": "geoshape", "fill": "#b3bac3", "stroke": "#b3bac3", "strokeWidth": 1.5, "strokeJoin": "round"},
			},
			{
				"data": s.ask(names.PickupCount, false, m{"cells": m{
					"terms": m{"field": "cell", "size": maxCells, "order": m{"pickups": "desc"}},
					"aggs":  m{"pickups": sum("pickup_count"), "shape": m{"top_hits": m{"size": 1, "_source": []string{"boundary"}}}},
				}}, "aggregations.cells.buckets"),
				"transform": []m{
					{"calculate": "'Feature'", "as": "type"},
					{"calculate": "{type: 'Polygon', coordinates: [reverse(datum.shape.hits.hits[0]._source.boundary.coordinates[0])]}", "as": "geometry"},
					{"calculate": "datum.pickups.value", "as": "count"},
				},
				"mark": m{"type": "geoshape", "fillOpacity": 0.85, "stroke": "white", "strokeWidth": 0.15},
				"encoding": m{
					"color":   m{"field": "count", "type": "quantitative", "title": "pickups", "scale": m{"type": "sqrt", "scheme": "yelloworangered", "zero": true}, "legend": m{"orient": "top-left"}},
					"tooltip": []m{{"field": "key", "type": "nominal", "title": "cell"}, {"field": "count", "type": "quantitative", "title": "pickups", "format": ","}},
				},
			},
		},
	})
}

// rideLines are the weighted means: all minutes over all trips of the hour.
func (s set) rideLines() m {
	return view(m{
		"data": s.ask(names.TripDuration, true, m{"hours": m{
			"date_histogram": m{"field": "window_start", "fixed_interval": "1h", "min_doc_count": 1},
			"aggs": m{"airports": m{
				"terms": m{"field": "airport_code", "size": 2},
				"aggs":  m{"minutes": sum("sum_trip_duration"), "trips": sum("trip_count")},
			}},
		}}, "aggregations.hours.buckets"),
		"transform": []m{
			{"calculate": "datum.airports.buckets", "as": "airport"},
			{"flatten": []string{"airport"}},
			{"calculate": "datum.airport.key", "as": "code"},
			{"calculate": "datum.airport.trips.value", "as": "trips"},
			{"calculate": "datum.trips > 0 ? datum.airport.minutes.value / datum.trips : null", "as": "mean"},
		},
		"mark": m{"type": "line", "point": m{"size": 28}, "strokeWidth": 2},
		"encoding": m{
			"x":     m{"field": "key", "type": "temporal", "title": nil, "scale": m{"type": "utc"}, "axis": m{"format": "%a %H:%M", "labelOverlap": true, "grid": false}},
			"y":     m{"field": "mean", "type": "quantitative", "title": "minutes, mean of all trips", "scale": m{"zero": true}},
			"color": m{"field": "code", "type": "nominal", "title": nil, "scale": m{"domain": []string{"JFK", "LGA"}, "range": []string{"#d1495b", "#2e86ab"}}},
			"tooltip": []m{
				{"field": "code", "type": "nominal", "title": "to"}, {"field": "key", "type": "temporal", "title": "hour (UTC)", "scale": m{"type": "utc"}, "format": "%Y-%m-%d %H:%M"},
				{"field": "mean", "type": "quantitative", "title": "minutes", "format": ".1f"}, {"field": "trips", "type": "quantitative", "format": ","},
			},
		},
	})
}

func (s set) hourBars() m {
	return view(m{
		"data": s.ask(names.PickupCount, false, m{"hours": m{
			"date_histogram": m{"field": "window_start", "fixed_interval": "1h", "min_doc_count": 1},
			"aggs":           m{"pickups": sum("pickup_count")},
		}}, "aggregations.hours.buckets"),
		"transform": []m{{"calculate": "datum.key + 3600000", "as": "end"}, {"calculate": "datum.pickups.value", "as": "count"}},
		"mark":      m{"type": "bar", "color": "#2e86ab", "binSpacing": 1},
		"encoding": m{
			"x":  m{"field": "key", "type": "temporal", "title": nil, "scale": m{"type": "utc"}, "axis": m{"format": "%a %H:%M", "labelOverlap": true, "grid": false}},
			"x2": m{"field": "end"},
			"y":  m{"field": "count", "type": "quantitative", "title": "pickups", "axis": m{"format": "~s"}},
			"tooltip": []m{
				{"field": "key", "type": "temporal", "title": "hour (UTC)", "scale": m{"type": "utc"}, "format": "%Y-%m-%d %H:%M"},
				{"field": "count", "type": "quantitative", "title": "pickups", "format": ","},
			},
		},
	})
}

func (s set) cellBars() m {
	return view(m{
		"data": s.ask(names.PickupCount, false, m{"cells": m{
			"terms": m{"field": "cell", "size": 12, "order": m{"pickups": "desc"}},
			"aggs":  m{"pickups": sum("pickup_count")},
		}}, "aggregations.cells.buckets"),
		"transform": []m{{"calculate": "datum.pickups.value", "as": "count"}},
		"mark":      m{"type": "bar", "color": "#d1495b"},
		"encoding": m{
			"y":       m{"field": "key", "type": "nominal", "title": "cell", "sort": "-x"},
			"x":       m{"field": "count", "type": "quantitative", "title": "pickups", "axis": m{"format": "~s"}},
			"tooltip": []m{{"field": "key", "type": "nominal", "title": "cell"}, {"field": "count", "type": "quantitative", "title": "pickups", "format": ","}},
		},
	})
}

// rejectBars have no time range: a reject's time is that of its arrival, and the
// dashboard's days are those of the trips.
func (s set) rejectBars() m {
	return view(m{
		"data": m{
			"url":    m{"index": s.prefix + names.TaxiRejects, "body": m{"size": 0, "aggs": m{"reasons": m{"terms": m{"field": "reason", "size": 20}}}}},
			"format": m{"property": "aggregations.reasons.buckets"},
		},
		"mark": m{"type": "bar", "color": "#7b8794"},
		"encoding": m{
			"y":       m{"field": "key", "type": "nominal", "title": nil, "sort": "-x"},
			"x":       m{"field": "doc_count", "type": "quantitative", "title": "records, all times", "axis": m{"format": "~s", "tickMinStep": 1}},
			"tooltip": []m{{"field": "key", "type": "nominal", "title": "reason"}, {"field": "doc_count", "type": "quantitative", "title": "records", "format": ","}},
		},
	})
}
