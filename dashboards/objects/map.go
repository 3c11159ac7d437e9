package objects

import (
	_ "embed"
	"encoding/json"

	"taxistream/internal/names"
	"taxistream/internal/results"
)

// maxCells is the most hexagons of one map: the city has some 2,500 cells with
// pickups in a day, and 9,300 in all.
const maxCells = 10_000

// outlines are the land of four boroughs and the borders between them; generated
// from data/zones, which names the source.
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

// hotspotMap draws each cell in its place over the boroughs, the redder the more
// trips began there. H3's rings run counter-clockwise; d3 fills what lies to the
// other side, so they are turned round.
func (s set) hotspotMap() m {
	hexagons := m{
		"transform": rows("cells",
			m{"calculate": "'Feature'", "as": "type"},
			m{"calculate": "{type: 'Polygon', coordinates: [reverse(datum.bucket.shape.hits.hits[0]._source." + results.FieldBoundary + ".coordinates[0])]}", "as": "geometry"},
			m{"calculate": "datum.bucket.pickups.value", "as": "count"},
		),
		"mark": m{"type": "geoshape", "fillOpacity": 0.9, "stroke": "white", "strokeWidth": 0.15},
		"encoding": m{
			"color":   m{"field": "count", "type": "quantitative", "title": "pickups", "scale": m{"type": "sqrt", "scheme": "yelloworangered", "zero": true}},
			"tooltip": []m{{"field": "key", "type": "nominal", "title": "cell"}, {"field": "count", "type": "quantitative", "title": "pickups", "format": ","}},
		},
	}
	return view(m{
		"projection": m{"type": "mercator"},
		"layer": []m{
			{"data": outline("land"), "mark": m{"type": "geoshape", "fill": grey, "fillOpacity": 0.25, "stroke": grey, "strokeWidth": 0.5}},
			{"data": outline("borders"), "mark": m{"type": "geoshape", "filled": false, "stroke": grey, "strokeWidth": 1}},
			{
				"data": s.ask(names.PickupCount, false, m{"cells": m{
					"terms": m{"field": results.FieldCell, "size": maxCells, "order": m{"pickups": "desc"}},
					"aggs":  m{"pickups": sum(results.FieldPickupCount), "shape": m{"top_hits": m{"size": 1, "_source": []string{results.FieldBoundary}}}},
				}}),
				"layer": orWords(hexagons, "cells", "No pickups in these days"),
			},
		},
	})
}
