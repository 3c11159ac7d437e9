package objects

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"taxistream/internal/names"
	"taxistream/internal/results"
)

// maxCells is the most hexagons of one map: the city has some 2,500 cells with
// pickups in a day, and 9,300 in all.
const maxCells = 10_000

// outlines are the land of four boroughs, what lies around it, the airports, and
// the names of places; generated from data/zones, which names the source, and
// from the control room's own surroundings.
//
//go:embed outlines.json
var outlines []byte

// outline is the data of one part of outlines.
func outline(part string) m {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(outlines, &parts); err != nil {
		panic("objects: outlines.json: " + err.Error())
	}
	return m{"name": part, "values": parts[part]}
}

// The map shows Manhattan up to Washington Heights and both airports, as large
// as the panel allows: degrees of its middle, and radians that must be in view.
const (
	middleLon, middleLat = -73.8935, 40.732
	viewWide, viewHigh   = 0.00455, 0.00464 // as the Mercator projection has them
)

// radian is a degree.
const radian = "0.017453293"

// pixels is an expression for those of a radian.
var pixels = fmt.Sprintf("min(width / %g, height / %g)", viewWide, viewHigh)

// hotspotMap draws each cell in its place, in the class of its busiest ten
// minutes: a sum over the days chosen would fit no class that stays.
func (s set) hotspotMap() m {
	cells := m{
		"data": s.ask(names.PickupCount, false, m{"cells": m{
			"terms": m{"field": results.FieldCell, "size": maxCells, "order": m{"pickups": "desc"}},
			"aggs": m{"pickups": sum(results.FieldPickupCount), "busiest": m{"top_hits": m{
				"size": 1, "sort": []m{{results.FieldPickupCount: "desc"}, {results.FieldWindowStart: "asc"}},
				"_source": []string{results.FieldBoundary, results.FieldLocation, results.FieldPickupCount, results.FieldWindowStart},
			}}},
		}}),
		"layer": append(orWords(hexagons(), "cells", "No pickups in these days"), outside()),
	}
	spec := view(m{
		"projection": m{
			"type": "mercator", "center": []float64{middleLon, middleLat},
			"scale": m{"expr": pixels}, "translate": m{"expr": "[width / 2, height / 2]"},
		},
		"layer": append(append(ground(), cells), placeNames()...),
	})
	spec["config"].(m)["view"] = m{"stroke": nil, "fill": water}
	return spec
}

// ground is what lies under the hexagons.
func ground() []m {
	area := func(part, fill, stroke string) m {
		return m{"data": outline(part), "mark": m{"type": "geoshape", "clip": true, "fill": fill, "stroke": stroke, "strokeWidth": 0.75}}
	}
	return []m{
		area("around", otherLand, shore), area("land", cityLand, shore), area("park", park, park), area("airports", airport, edge),
		{"data": outline("borders"), "mark": m{"type": "geoshape", "clip": true, "filled": false, "stroke": shore, "strokeWidth": 1}},
	}
}

// busiest is an expression for a part of the document of a cell's busiest window.
func busiest(field string) string { return "datum.bucket.busiest.hits.hits[0]._source." + field }

// hexagons are the cells. H3's rings run counter-clockwise; d3 fills what lies to
// the other side, so they are turned round.
func hexagons() m {
	labels, colours := []string{}, []string{}
	class := fmt.Sprintf("'%s'", classes[0].label)
	for i, c := range classes {
		labels, colours = append(labels, c.label), append(colours, c.colour)
		if i > 0 {
			class = fmt.Sprintf("datum.most >= %d ? '%s' : (%s)", c.from, c.label, class)
		}
	}
	return m{
		"transform": rows("cells", append([]m{
			{"calculate": "'Feature'", "as": "type"},
			{"calculate": "{type: 'Polygon', coordinates: [reverse(" + busiest(results.FieldBoundary) + ".coordinates[0])]}", "as": "geometry"},
			{"calculate": "datum.bucket.pickups.value", "as": "count"},
			{"calculate": busiest(results.FieldPickupCount), "as": "most"},
			{"calculate": class, "as": "class"},
			{"calculate": "toDate(" + busiest(results.FieldWindowStart) + ")", "as": "at"},
		}, newYork("at", "when")...)...),
		"mark": m{"type": "geoshape", "clip": true, "stroke": cityLand, "strokeWidth": 0.75},
		"encoding": m{
			"color": m{
				"field": "class", "type": "ordinal", "scale": m{"domain": labels, "range": colours},
				"legend": m{
					"title": []string{"Pickups in a cell's busiest ten minutes", "Single pickups are not shown.", "The classes never change."},
					// Between Brooklyn and JFK, where next to no trip begins.
					"orient": "none", "legendX": m{"expr": "width / 2 - 0.0009 * (" + pixels + ")"}, "legendY": m{"expr": "height - 100"}, "padding": 8,
					"fillColor": paper, "strokeColor": shore, "cornerRadius": 6, "columns": 3,
					"titleColor": ink, "titleFontWeight": "normal", "titleFontSize": 12, "titleLimit": 400, "titleLineHeight": 15, "labelColor": ink, "labelFontSize": 12,
					"symbolType": "M0,-1L0.87,-0.5L0.87,0.5L0,1L-0.87,0.5L-0.87,-0.5Z", "symbolSize": 160, "symbolStrokeWidth": 0,
				},
			},
			"tooltip": []m{
				{"field": "most", "type": "quantitative", "title": "busiest ten minutes", "format": ","},
				{"field": "when", "type": "nominal", "title": "they began (New York)"},
				{"field": "count", "type": "quantitative", "title": "pickups in all", "format": ","},
				{"field": "key", "type": "nominal", "title": "cell"},
			},
		},
	}
}

// outside says how many pickups the view leaves out.
func outside() m {
	beyond := fmt.Sprintf("abs(%[1]s.lon - (%[2]g)) * %[3]s > width / 2 / (%[4]s) || abs(%[1]s.lat - %[5]g) * %[3]s / cos(%[5]g * %[3]s) > height / 2 / (%[4]s)",
		busiest(results.FieldLocation), middleLon, radian, pixels, middleLat)
	return m{
		"transform": rows("cells",
			m{"calculate": beyond + " ? datum.bucket.pickups.value : 0", "as": "beyond"},
			m{"aggregate": []m{{"op": "sum", "field": "beyond", "as": "beyond"}}},
			m{"filter": "datum.beyond > 0"},
			m{"calculate": "format(datum.beyond, ',') + (datum.beyond === 1 ? ' pickup lies' : ' pickups lie') + ' outside this view'", "as": "words"},
		),
		"mark": m{"type": "text", "align": "right", "baseline": "top", "fontSize": 12, "color": muted},
		"encoding": m{
			"text": m{"field": "words", "type": "nominal"},
			"x":    m{"value": m{"expr": "width - 8"}}, "y": m{"value": 8},
		},
	}
}

// inside is a filter: no name is cut by the edge of the panel.
func inside() m {
	return m{"filter": fmt.Sprintf("abs(datum.lon - (%g)) * %s * (%s) < width / 2 - 4.5 * length(datum.words)", middleLon, radian, pixels)}
}

// placeNames are written twice: the first, wide and pale, parts the second from
// the hexagons below it.
func placeNames() []m {
	var layers []m
	for _, kind := range []struct {
		name   string
		colour string
		mark   m
	}{
		{"water", onWater, m{"fontSize": 11, "fontStyle": "italic"}},
		{"town", muted, m{"fontSize": 11}},
		{"place", ink, m{"fontSize": 11}},
		{"airport", ink, m{"fontSize": 13, "fontWeight": "bold"}},
		{"borough", muted, m{"fontSize": 13, "fontWeight": "bold"}},
	} {
		write := func(more m) m {
			mark := m{"type": "text", "clip": true, "color": kind.colour}
			for _, from := range []m{kind.mark, more} {
				for k, v := range from {
					mark[k] = v
				}
			}
			return m{"transform": []m{inside(), {"filter": "datum.kind === '" + kind.name + "'"}}, "mark": mark}
		}
		layers = append(layers, write(m{"stroke": paper, "strokeWidth": 3, "strokeJoin": "round", "strokeOpacity": 0.85}), write(m{}))
	}
	return []m{{
		"data": outline("names"), "layer": layers,
		"encoding": m{
			"longitude": m{"field": "lon", "type": "quantitative"}, "latitude": m{"field": "lat", "type": "quantitative"},
			"text": m{"field": "words", "type": "nominal"},
		},
	}}
}
