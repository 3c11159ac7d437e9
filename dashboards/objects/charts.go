package objects

import (
	"taxistream/internal/names"
	"taxistream/internal/results"
)

// hour is the axis of time. The scale has the instants; New York's clocks stand at it.
func hour(title string) m {
	return m{"field": "key", "type": "temporal", "scale": m{"type": "utc"}, "axis": timeAxis(title)}
}

var hourTip = m{"field": "hour", "type": "nominal", "title": "hour that begins (New York)"}

func countTip(title string) m {
	return m{"field": "count", "type": "quantitative", "title": title, "format": ","}
}

// byHour cuts windows by the hour in which they begin.
func byHour(aggs m) m {
	return m{"hours": m{"date_histogram": m{"field": results.FieldWindowStart, "fixed_interval": "1h", "min_doc_count": 1}, "aggs": aggs}}
}

func (s set) hourBars() m {
	bars := m{
		"transform": rows("hours", append(newYork("key", "hour"),
			m{"calculate": "datum.key + 3600000", "as": "end"},
			m{"calculate": "datum.bucket.pickups.value", "as": "count"},
		)...),
		// A bar between two times would be one line at its height: a rectangle is drawn from zero.
		"mark": m{"type": "rect", "color": grey, "stroke": paper, "strokeWidth": 0.5},
		"encoding": m{
			"x": hour("New York time"), "x2": m{"field": "end"},
			"y":       m{"field": "count", "type": "quantitative", "title": "pickups", "scale": m{"zero": true}, "axis": m{"format": "~s"}},
			"y2":      m{"datum": 0},
			"tooltip": []m{hourTip, countTip("pickups")},
		},
	}
	return view(m{
		"data":  s.ask(names.PickupCount, false, byHour(m{"pickups": sum(results.FieldPickupCount)})),
		"layer": orWords(bars, "hours", "No pickups in these days"),
	})
}

// ranks are horizontal bars, the longest first.
func ranks(name, count, colour string, title any, of string, axis m) m {
	return m{
		"transform": rows(name, m{"calculate": count, "as": "count"}),
		"mark":      m{"type": "bar", "color": colour},
		"encoding": m{
			"y":       m{"field": "key", "type": "nominal", "title": title, "sort": "-x"},
			"x":       m{"field": "count", "type": "quantitative", "title": of, "axis": axis},
			"tooltip": []m{{"field": "key", "type": "nominal", "title": title}, countTip(of)},
		},
	}
}

func (s set) cellBars() m {
	return view(m{
		"data": s.ask(names.PickupCount, false, m{"cells": m{
			"terms": m{"field": results.FieldCell, "size": 12, "order": m{"pickups": "desc"}},
			"aggs":  m{"pickups": sum(results.FieldPickupCount)},
		}}),
		"layer": orWords(ranks("cells", "datum.bucket.pickups.value", grey, "cell", "pickups", m{"format": "~s"}), "cells", "No pickups in these days"),
	})
}

// rejectBars have no time range: a reject's time is that of its arrival, and the
// dashboard's days are those of the trips.
func (s set) rejectBars() m {
	bars := ranks("reasons", "datum.bucket.doc_count", grey, "reason", "records, all times", m{"format": "~s", "tickMinStep": 1})
	return view(m{
		"data":  m{"url": m{"index": s.prefix + names.TaxiRejects, "body": m{"size": 0, "aggs": m{"reasons": m{"terms": m{"field": results.FieldReason, "size": 20}}}}}},
		"layer": orWords(bars, "reasons", "No record was rejected"),
	})
}
