package objects

import (
	"maps"
	"slices"
	"strings"

	"taxistream/internal/results"
)

// picture checks a Vega-Lite specification as far as it goes without Vega; that
// it compiles and what it draws is tested in dashboards/render.
func (c *checker) picture(o Object, spec any) {
	top, ok := spec.(m)
	if !ok {
		c.fault(o, "its specification is no object")
		return
	}
	if top["$schema"] != schema {
		c.fault(o, "its $schema is %v, want %s", top["$schema"], schema)
	}
	for _, side := range []string{"width", "height"} {
		if top[side] != "container" {
			c.fault(o, "its %s is %v: write \"container\", or it has another size than its panel", side, top[side])
		}
	}
	for _, composed := range []string{"hconcat", "vconcat", "concat", "facet", "repeat"} {
		if top[composed] != nil {
			c.fault(o, "%s does not fill a panel: use one view or layers", composed)
		}
	}
	c.walk(o, spec)
}

// walk looks at every object of a specification.
func (c *checker) walk(o Object, v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			c.walk(o, one)
		}
	case m:
		if data, ok := v["data"].(m); ok {
			c.data(o, data)
		}
		if v["type"] == "Polygon" || v["type"] == "MultiPolygon" {
			c.rings(o, v["coordinates"])
		}
		if s, ok := v["calculate"].(string); ok && strings.Contains(s, results.FieldBoundary) && !strings.Contains(s, "reverse(") {
			c.fault(o, "the rings of the documents run counter-clockwise: without reverse() one of them floods the panel")
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			c.walk(o, v[name])
		}
	}
}

func (c *checker) data(o Object, data m) {
	url, given := data["url"]
	if !given {
		return
	}
	query, ok := url.(m)
	if !ok {
		c.fault(o, "it asks another host (%v)", url)
		return
	}
	index, _ := query["index"].(string)
	fields := c.fields[index]
	if fields == nil {
		c.fault(o, "it asks the index %q, which is none of the aliases", index)
		return
	}
	if name, ok := query["%timefield%"].(string); ok && fields[name] != "date" {
		c.fault(o, "its time field %q is no date of %s", name, index)
	}
	c.query(o, index, query["body"], "")
}

// query checks the fields of a search's body. The parent's name says what a
// name in an object is: a field, or anything else.
func (c *checker) query(o Object, index string, v any, parent string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			if name, ok := one.(string); ok && parent == "_source" {
				c.field(o, index, name)
			}
			c.query(o, index, one, parent)
		}
	case m:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			one := v[name]
			field, isText := one.(string)
			switch {
			case name == "field" && isText:
				c.field(o, index, field)
				if kind := c.fields[index][field]; parent != "" && (kind == "text" || kind == "object" || kind == "binary") {
					c.fault(o, "%s of the field %q: OpenSearch cannot aggregate a field of type %s", parent, field, kind)
				}
			case parent == "range" || parent == "term" || parent == "sort":
				c.field(o, index, name)
			}
			c.query(o, index, one, name)
		}
	}
}

func (c *checker) field(o Object, index, name string) {
	if c.fields[index][name] == "" {
		c.fault(o, "it asks for the field %q, which the template of %s does not have", name, index)
	}
}

// rings finds outer rings that run counter-clockwise: d3 fills their other side.
func (c *checker) rings(o Object, v any) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return
	}
	var sum float64
	for i := range list {
		p, isPoint := point(list[i])
		q, _ := point(list[(i+1)%len(list)])
		if !isPoint {
			c.rings(o, list[0])
			if _, polygon := point(first(list[0])); !polygon { // of a MultiPolygon: every polygon has an outer ring
				for _, one := range list[1:] {
					c.rings(o, one)
				}
			}
			return
		}
		sum += p[0]*q[1] - q[0]*p[1]
	}
	if sum > 0 {
		c.fault(o, "a ring runs counter-clockwise: d3 floods the panel with it")
	}
}

func first(v any) any {
	if list, ok := v.([]any); ok && len(list) > 0 {
		return list[0]
	}
	return nil
}

func point(v any) (p [2]float64, ok bool) {
	list, ok := v.([]any)
	if !ok || len(list) != 2 {
		return p, false
	}
	x, okX := list[0].(float64)
	y, okY := list[1].(float64)
	return [2]float64{x, y}, okX && okY
}
