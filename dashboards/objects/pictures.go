package objects

import (
	"fmt"

	"taxistream/internal/results"
)

const schema = "https://vega.github.io/schema/vega-lite/v5.json"

// view is what every picture shares: it fills its panel. Vega's warnings, such
// as that an empty picture has no extent, are not for the reader; errors are shown.
func view(spec m) m {
	spec["$schema"] = schema
	spec["width"], spec["height"] = "container", "container"
	spec["autosize"] = m{"type": "fit", "contains": "padding"}
	spec["padding"] = 8
	spec["config"] = m{"kibana": m{"hideWarnings": true}, "view": m{"stroke": nil}}
	return spec
}

// ask is the data of a picture: one search, whose answer is one row. With context
// the dashboard's filters apply; pictures of other indexes than that of the
// airports leave them out, or a choice of airport would empty them.
func (s set) ask(alias string, context bool, aggs m) m {
	url := m{"index": s.prefix + alias, "body": m{"size": 0, "aggs": aggs}}
	if context {
		url["%context%"], url["%timefield%"] = true, results.FieldTimestamp
	} else {
		url["body"].(m)["query"] = m{"range": m{results.FieldTimestamp: m{"%timefilter%": true}}}
	}
	return m{"url": url}
}

func sum(field string) m { return m{"sum": m{"field": field}} }

// buckets is an expression for those of an aggregation. An index that does not
// exist yet, as that of the rejects before the first one, answers without
// aggregations.
func buckets(name string) string {
	return fmt.Sprintf("(datum.aggregations ? datum.aggregations.%s.buckets : [])", name)
}

// rows are the buckets of an aggregation, one a row, and what more is made of them.
func rows(name string, more ...m) []m {
	return append([]m{
		{"calculate": buckets(name), "as": "bucket"},
		{"flatten": []string{"bucket"}},
		{"calculate": "datum.bucket.key", "as": "key"},
	}, more...)
}

// orWords lays words over a picture that has no rows.
func orWords(picture m, name, words string) []m {
	middle := func(side string) m { return m{"value": m{"expr": side + " / 2"}} }
	return []m{picture, {
		"transform": []m{{"filter": "length" + buckets(name) + " === 0"}},
		"mark":      m{"type": "text", "text": words, "fontSize": 14, "color": grey},
		"encoding":  m{"x": middle("width"), "y": middle("height")},
	}}
}
