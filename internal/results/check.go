package results

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"taxistream/internal/opensearch"
)

// Check finds at the start of a writer under prefix what would refuse its
// documents later: no right to write, an index that has an alias's name, a monthly
// index whose fields have other types, another template that comes before ours. An
// unreachable server is waited for until ctx ends. What the caller may not look at
// is left out.
func Check(ctx context.Context, c *opensearch.Client, prefix string) error {
	if err := c.CheckWrite(ctx); err != nil {
		return err
	}
	for _, alias := range Aliases() {
		if err := checkIndexes(ctx, c, prefix, alias); err != nil {
			return err
		}
	}
	return checkOtherTemplates(ctx, c, prefix)
}

// look asks for what may not be there, or not be ours to see: nothing then.
func look(ctx context.Context, c *opensearch.Client, op, where string, into any) error {
	err := c.Get(ctx, op, where, into)
	if opensearch.NotFound(err) || opensearch.Status(err) == http.StatusForbidden {
		return nil
	}
	return err
}

type mapping struct {
	Mappings struct {
		Dynamic    any `json:"dynamic"` // "strict", or what other templates chose
		Properties map[string]struct {
			Type string `json:"type"`
		} `json:"properties"`
	} `json:"mappings"`
}

func checkIndexes(ctx context.Context, c *opensearch.Client, prefix, alias string) error {
	name := prefix + alias
	there := map[string]mapping{}
	where := "/" + url.PathEscape(name) + "," + url.PathEscape(name+"-*") + "/_mapping?ignore_unavailable=true&allow_no_indices=true"
	if err := look(ctx, c, "look at the indexes of "+name, where, &there); err != nil {
		return err
	}
	for _, index := range slices.Sorted(maps.Keys(there)) {
		if index == name {
			return fmt.Errorf("%s at %s is an index, and is to be the alias of %s-<month>: move its documents and delete it, or choose another -index-prefix", name, c.Endpoint(), name)
		}
		if !monthly(index, name) {
			continue
		}
		m := there[index]
		switch field, kind := m.differs(alias); {
		case field.Name == "":
		case kind == "":
			return fmt.Errorf("index %s at %s lacks the field %s, %s, and would refuse every document: an older template made it; choose another -index-prefix, or add the field (docs/upgrade.md)", index, c.Endpoint(), field.Name, field.Type)
		default:
			return fmt.Errorf("index %s at %s has the field %s as %s, not as %s: it was not made by this template: delete it, or choose another -index-prefix", index, c.Endpoint(), field.Name, kind, field.Type)
		}
	}
	return nil
}

// differs gives the first field of the alias that has another type there, and that type, or "" where an index that
// takes no other fields lacks it.
func (m *mapping) differs(alias string) (Field, string) {
	for _, f := range Fields(alias) {
		there, known := m.Mappings.Properties[f.Name]
		if !known && m.Mappings.Dynamic == "strict" {
			return f, ""
		}
		if there.Type == "" {
			there.Type = "object" // OpenSearch does not say it
		}
		if known && there.Type != f.Type {
			return f, there.Type
		}
	}
	return Field{}, ""
}

// monthly tells an index of an alias from one whose name only begins so.
func monthly(index, name string) bool {
	month, ok := strings.CutPrefix(index, name+"-")
	match, _ := path.Match("[0-9][0-9][0-9][0-9].[0-9][0-9]", month)
	return ok && match
}

// checkOtherTemplates looks for one of a higher priority, which would make our
// indexes without our fields.
func checkOtherTemplates(ctx context.Context, c *opensearch.Client, prefix string) error {
	var there struct {
		Templates []struct {
			Name string `json:"name"`
			Body struct {
				Patterns []string `json:"index_patterns"`
				Priority int      `json:"priority"`
			} `json:"index_template"`
		} `json:"index_templates"`
	}
	if err := look(ctx, c, "look at the index templates", "/_index_template", &there); err != nil {
		return err
	}
	for _, t := range there.Templates {
		for _, alias := range Aliases() {
			name := prefix + alias
			if t.Body.Priority <= templatePriority || t.Name == name {
				continue
			}
			for _, pattern := range t.Body.Patterns {
				if match, _ := path.Match(pattern, name+"-2016.01"); match {
					return fmt.Errorf("index template %s at %s (%s, priority %d) comes before %s (priority %d): give it a lower priority, or choose another -index-prefix",
						t.Name, c.Endpoint(), pattern, t.Body.Priority, name, templatePriority)
				}
			}
		}
	}
	return nil
}
