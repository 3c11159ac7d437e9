package objects

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"taxistream/internal/results"
)

// Fault is one thing that is wrong with a set of objects.
type Fault struct {
	Object string // type and id
	What   string
}

// String names object and fault.
func (f Fault) String() string { return f.Object + ": " + f.What }

// Check finds what OpenSearch Dashboards would refuse, and what it would take and
// draw wrongly: references that lead nowhere, forms that are too new, JSON that
// is none, pictures that ask an index or a field that the templates do not
// have, that are of another size than their panel, that go to another host, or
// whose rings flood the panel. prefix is the one that the objects are for.
func Check(all []Object, prefix string) []Fault {
	c := checker{prefix: prefix, there: map[string]bool{}, fields: map[string]map[string]string{}}
	for _, alias := range results.Aliases() {
		c.fields[prefix+alias] = map[string]string{}
		for _, f := range results.Fields(alias) {
			c.fields[prefix+alias][f.Name] = f.Type
		}
	}
	for _, o := range all {
		if c.there[o.Type+"/"+o.ID] {
			c.fault(o, "two objects have this id")
		}
		c.there[o.Type+"/"+o.ID] = true
	}
	for _, o := range all {
		c.object(o)
	}
	return c.faults
}

type checker struct {
	prefix string
	there  map[string]bool
	fields map[string]map[string]string // by index, by field: the mapping type
	faults []Fault
}

func (c *checker) fault(o Object, format string, args ...any) {
	c.faults = append(c.faults, Fault{o.Type + " " + o.ID, fmt.Sprintf(format, args...)})
}

func (c *checker) object(o Object) {
	newest, known := migrations[o.Type]
	switch {
	case !known:
		c.fault(o, "a saved object of this type is not part of the set")
		return
	case o.MigrationVersion[o.Type] != newest:
		c.fault(o, "migrationVersion %q: OpenSearch Dashboards 2.x and 3.x take %q", o.MigrationVersion[o.Type], newest)
	}
	named := map[string]bool{}
	for _, r := range o.References {
		named[r.Name] = true
		if !c.there[r.Type+"/"+r.ID] {
			c.fault(o, "the reference %s leads to %s %s, which is not there", r.Name, r.Type, r.ID)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Attributes)) { // of several faults, always the same is named
		v := o.Attributes[name]
		if s, ok := v.(string); ok && strings.HasSuffix(name, "JSON") || name == "visState" || name == "fields" {
			if !json.Valid([]byte(s)) {
				c.fault(o, "the attribute %s is not JSON", name)
				return
			}
		}
	}
	switch o.Type {
	case IndexPattern:
		c.pattern(o)
	case Visualization:
		c.visualization(o, named)
	case Dashboard:
		c.panels(o, named)
	}
}

func (c *checker) pattern(o Object) {
	title, _ := o.Attributes["title"].(string)
	fields := c.fields[title]
	if fields == nil {
		c.fault(o, "the pattern %q is none of the aliases %v", title, slices.Sorted(maps.Keys(c.fields)))
		return
	}
	if name, _ := o.Attributes["timeFieldName"].(string); fields[name] != "date" {
		c.fault(o, "the time field %q is no date of %s", name, title)
	}
	var listed []struct{ Name string }
	decode(o.Attributes["fields"], &listed)
	for _, f := range listed {
		if fields[f.Name] == "" {
			c.fault(o, "the field %s is not in the template of %s", f.Name, title)
		}
	}
}

// decode reads an attribute that holds JSON; one that does not fit stays empty,
// and what it should hold is then missed.
func decode(attribute, v any) {
	s, _ := attribute.(string)
	_ = json.Unmarshal([]byte(s), v)
}

func (c *checker) panels(o Object, named map[string]bool) {
	var panels []struct {
		PanelRefName string `json:"panelRefName"`
		GridData     struct{ X, Y, W, H int }
	}
	decode(o.Attributes["panelsJSON"], &panels)
	if len(panels) == 0 {
		c.fault(o, "it has no panels")
	}
	for i, p := range panels {
		if !named[p.PanelRefName] {
			c.fault(o, "panel %d refers to %q, which is not among its references", i+1, p.PanelRefName)
		}
		g := p.GridData
		if g.W <= 0 || g.H <= 0 || g.X < 0 || g.X+g.W > 48 {
			c.fault(o, "panel %d lies outside the grid of 48 columns", i+1)
		}
		for j, q := range panels[:i] {
			h := q.GridData
			if g.X < h.X+h.W && h.X < g.X+g.W && g.Y < h.Y+h.H && h.Y < g.Y+g.H {
				c.fault(o, "panels %d and %d overlap", j+1, i+1)
			}
		}
	}
}

func (c *checker) visualization(o Object, named map[string]bool) {
	var state struct {
		Type   string
		Params struct {
			Spec     string
			Controls []struct {
				FieldName           string `json:"fieldName"`
				IndexPatternRefName string `json:"indexPatternRefName"`
			}
		}
	}
	decode(o.Attributes["visState"], &state)
	switch state.Type {
	case "vega":
		var spec any
		if err := json.Unmarshal([]byte(state.Params.Spec), &spec); err != nil {
			c.fault(o, "its specification is not JSON: %v", err)
			return
		}
		c.picture(o, spec)
	case "input_control_vis":
		for _, control := range state.Params.Controls {
			if !named[control.IndexPatternRefName] {
				c.fault(o, "a control refers to %q, which is not among its references", control.IndexPatternRefName)
			}
			for _, r := range o.References {
				index := c.prefix + strings.TrimPrefix(r.ID, set{c.prefix}.id(""))
				if r.Name == control.IndexPatternRefName && c.fields[index][control.FieldName] != "keyword" {
					c.fault(o, "the control's field %q is no keyword of %s", control.FieldName, index)
				}
			}
		}
	case "markdown":
	default:
		c.fault(o, "a visualization of type %q is not part of the set", state.Type)
	}
}
