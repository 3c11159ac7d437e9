package objects

import (
	"taxistream/internal/names"
	"taxistream/internal/results"
)

// Title is the dashboard's.
const Title = "Taxi-Trips-Dashboard"

// Build gives the objects of an index prefix. Their ids begin with the prefix, so
// that several sets live side by side.
func Build(prefix string) []Object {
	s := set{prefix}
	all := []Object{
		s.pattern(names.PickupCount), s.pattern(names.TripDuration), s.pattern(names.TaxiRejects),
		s.picture("map", "Where the trips begin", s.hotspotMap()),
		s.picture("rides", "The ride to the airports", s.rideLines()),
		s.picture("hours", "Pickups an hour", s.hourBars()),
		s.picture("cells", "The busiest cells", s.cellBars()),
		s.picture("rejects", "Records that do not count", s.rejectBars()),
		s.controls(), s.help(),
	}
	return append(all, s.dashboard())
}

// set is the objects of one index prefix.
type set struct{ prefix string }

// DashboardID is the id of a prefix's dashboard.
func DashboardID(prefix string) string { return set{prefix}.id("dashboard") }

func (s set) id(name string) string { return s.prefix + "taxi-trips-" + name }

func (s set) title(name string) string {
	if s.prefix == "" {
		return name
	}
	return name + " (" + s.prefix + ")"
}

// pattern is the index pattern of an alias, with the fields of its template, so
// that Dashboards need not ask for them.
func (s set) pattern(alias string) Object {
	types := map[string]string{"byte": "number", "long": "number", "double": "number", "date": "date", "keyword": "string", "text": "string", "geo_point": "geo_point", "binary": "unknown_field"}
	fields := []m{}
	for _, f := range results.Fields(alias) {
		if f.Type == "object" {
			continue // not indexed
		}
		columnar := f.Type != "text" && f.Type != "binary"
		fields = append(fields, m{
			"name": f.Name, "type": types[f.Type], "esTypes": []string{f.Type}, "count": 0, "scripted": false,
			"searchable": f.Type != "binary", "aggregatable": columnar, "readFromDocValues": columnar,
		})
	}
	return newObject(IndexPattern, s.id(alias), m{"title": s.prefix + alias, "timeFieldName": results.FieldTimestamp, "fields": text(fields)})
}

// picture is a visualization of a Vega-Lite specification.
func (s set) picture(name, title string, spec m) Object {
	return s.visualization(name, title, m{"title": s.title(title), "type": "vega", "params": m{"spec": text(spec)}, "aggs": []m{}})
}

func (s set) visualization(name, title string, state m, references ...Reference) Object {
	return newObject(Visualization, s.id(name), m{
		"title": s.title(title), "description": "", "version": 1, "uiStateJSON": "{}", "visState": text(state),
		"kibanaSavedObjectMeta": m{"searchSourceJSON": text(m{"query": m{"query": "", "language": "kuery"}, "filter": []m{}})},
	}, references...)
}

// controls let the reader choose the airport.
func (s set) controls() Object {
	const reference = "control_0_index_pattern"
	return s.visualization("controls", "Choose the airport", m{
		"title": s.title("Choose the airport"), "type": "input_control_vis", "aggs": []m{},
		"params": m{
			"controls": []m{{
				"id": "airport", "type": "list", "label": "Airport of the ride", "parent": "", "fieldName": results.FieldAirport, "indexPatternRefName": reference,
				"options": m{"type": "terms", "multiselect": true, "dynamicOptions": false, "size": 5, "order": "asc"},
			}},
			"updateFiltersOnChange": true, "useTimeFilter": false, "pinFilters": false,
		},
	}, Reference{reference, IndexPattern, s.id(names.TripDuration)})
}

const helpText = `### What you see
**Left**: where trips began, one hexagon an H3 cell of some 200 metres' side, in the class of its busiest ten minutes; the darker, the
busier. **Right**: how long the ride to JFK and LaGuardia took, by the hour of arrival: all minutes over all trips, whatever the cell. A
hollow point is the mean of fewer than 10 trips; the bars are the trips.

- The time at the top right chooses the days; the airport is chosen above. The pictures' times are New York's; those at the top right are
  your browser's, unless *dateFormat:tz* in the advanced settings is America/New_York.
- A cell with one pickup in ten minutes is not written; airport rides are, all of them.
- *Records that do not count* are those that the processor rejected, by the first rule they break; each is kept in ` + "`taxi_rejects`" + `.`

func (s set) help() Object {
	return s.visualization("help", "About this dashboard", m{
		"title": s.title("About this dashboard"), "type": "markdown", "aggs": []m{}, "params": m{"markdown": helpText, "fontSize": 11, "openLinksInNewTab": false},
	})
}

// dashboard puts the map at the left and the lines at the right, as people who
// know this pair expect it. Dashboards' grid is 48 wide.
func (s set) dashboard() Object {
	type place struct {
		name       string
		x, y, w, h int
	}
	var panels []m
	var references []Reference
	for i, p := range []place{
		{"controls", 0, 0, 24, 6},
		{"help", 24, 0, 24, 6},
		{"map", 0, 6, 24, 26},
		{"rides", 24, 6, 24, 13},
		{"hours", 24, 19, 24, 13},
		{"cells", 0, 32, 24, 14},
		{"rejects", 24, 32, 24, 14},
	} {
		index := text(i + 1)
		panels = append(panels, m{
			"version": "7.9.3", "panelIndex": index, "panelRefName": "panel_" + index, "embeddableConfig": m{},
			"gridData": m{"x": p.x, "y": p.y, "w": p.w, "h": p.h, "i": index},
		})
		references = append(references, Reference{"panel_" + index, Visualization, s.id(p.name)})
	}
	return newObject(Dashboard, s.id("dashboard"), m{
		"title": s.title(Title), "description": "Pickups by cell and the ride to the airports", "hits": 0, "version": 1,
		"panelsJSON": text(panels), "optionsJSON": text(m{"useMargins": true, "hidePanelTitles": false}),
		"timeRestore": true, "timeFrom": defaultFrom, "timeTo": defaultTo,
		"refreshInterval":       m{"pause": false, "value": 5000},
		"kibanaSavedObjectMeta": m{"searchSourceJSON": text(m{"query": m{"query": "", "language": "kuery"}, "filter": []m{}})},
	}, references...)
}
