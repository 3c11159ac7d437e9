// Package grafana is the pipeline in Prometheus and Grafana: a dashboard, which is made from the
// tables here (make generate writes taxi-trips.json), how Grafana finds it (provisioning), what
// Prometheus scrapes (prometheus.yaml), and the alerts, which name the runbooks (alerts.yaml).
package grafana

import (
	"encoding/json"
	"fmt"
)

// Title is the dashboard's, UID its id in an address: /d/taxi-trips.
const (
	Title = "Taxi trips: the pipeline"
	UID   = "taxi-trips"
)

// Panel is one picture: lines over time, or a figure where it is a stat.
type Panel struct {
	Title, Says string
	Unit        string // Grafana's name of it
	Kind        string // timeseries or stat
	Most        float64
	Lines       []Line
}

// Line is one expression, and how each of its series is named. In an expression $__rate_interval
// stands for four times the time between two scrapes, or more.
type Line struct{ Expr, Legend string }

type m = map[string]any

// The grid is 24 wide.
const (
	width, height         = 8, 8
	statWidth, statHeight = 4, 4
)

// Build gives the dashboard as Grafana provisions it.
func Build() ([]byte, error) {
	panels, y := []m{}, 0
	add := func(p m, x, w, h int) {
		p["id"] = len(panels) + 1
		p["gridPos"] = m{"x": x, "y": y, "w": w, "h": h}
		panels = append(panels, p)
	}
	for _, row := range Rows() {
		add(m{"type": "row", "title": row.Title, "collapsed": false, "panels": []m{}}, 0, 24, 1)
		y++
		w, h := width, height
		if row.Panels[0].Kind == stat {
			w, h = statWidth, statHeight
		}
		x := 0
		for _, p := range row.Panels {
			if x+w > 24 {
				x, y = 0, y+h
			}
			add(p.model(), x, w, h)
			x += w
		}
		y += h
	}
	return json.MarshalIndent(m{
		"uid": UID, "title": Title, "tags": []string{"taxistream"}, "schemaVersion": 39, "version": 1, "editable": true, "graphTooltip": 1,
		"description": "Generated from dashboards/grafana by make generate. Do not edit.",
		"timezone":    "browser", "refresh": "10s", "time": m{"from": "now-30m", "to": "now"},
		"templating": m{"list": []m{{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}}},
		"panels":     panels,
	}, "", " ")
}

// source is the data source that the reader chose.
var source = m{"type": "prometheus", "uid": "${datasource}"}

func (p Panel) model() m {
	targets := []m{}
	for i, l := range p.Lines {
		targets = append(targets, m{"refId": fmt.Sprintf("%c", 'A'+i), "expr": l.Expr, "legendFormat": l.Legend, "datasource": source, "instant": p.Kind == stat, "range": p.Kind != stat})
	}
	defaults := m{"unit": p.Unit, "min": 0}
	if p.Unit == instant {
		delete(defaults, "min")
	}
	if p.Most > 0 {
		defaults["max"] = p.Most
	}
	model := m{
		"type": p.Kind, "title": p.Title, "description": p.Says, "datasource": source, "targets": targets,
		"fieldConfig": m{"defaults": defaults, "overrides": []m{}},
	}
	if p.Kind == stat {
		model["options"] = m{"reduceOptions": m{"calcs": []string{"lastNotNull"}}, "colorMode": "none", "graphMode": "area"}
	} else {
		model["options"] = m{"legend": m{"displayMode": "list", "placement": "bottom"}, "tooltip": m{"mode": "multi", "sort": "desc"}}
	}
	return model
}
