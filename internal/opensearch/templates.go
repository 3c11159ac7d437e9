package opensearch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"taxistream/internal/names"
)

// TemplateVersion grows when the mappings change. An index keeps the mapping it
// was created with, so a change must be one that old documents bear.
const TemplateVersion = 1

// TemplateOptions are the settings of the indexes to come.
type TemplateOptions struct {
	// Shards of each monthly index; 0: 1, which serves a month of New York.
	Shards int
	// Replicas is a range for auto_expand_replicas; "": 0-1, which is no copy on
	// a single node (which then is green) and one on more.
	Replicas string
	// Defaults are the values of rules that an older template does not name.
	Defaults map[string]string
}

type field struct {
	name, kind string
}

// fieldsOf lists the fields of an alias with their mapping types, in the order
// of the contract's table, which is that of documents and exports.
func fieldsOf(alias string) []field {
	cell := []field{{"cell", "keyword"}, {"resolution", "byte"}, {"location", "geo_point"}, {"boundary", "object"}}
	window := []field{{"window_start", "date"}, {"window_end", "date"}, {"timestamp", "date"}}
	switch alias {
	case names.PickupCount:
		return slices.Concat(cell, []field{{"pickup_count", "long"}}, window)
	case names.TripDuration:
		return slices.Concat(cell, []field{
			{"airport_code", "keyword"},
			{"trip_count", "long"},
			{"sum_trip_duration", "double"},
			{"avg_trip_duration", "double"},
			{"min_trip_duration", "double"},
			{"max_trip_duration", "double"},
		}, window)
	case names.TaxiRejects:
		return []field{
			{"reason", "keyword"},
			{"detail", "text"},
			{"record", "binary"},
			{"shard", "keyword"},
			{"sequence_number", "keyword"},
			{"event_time", "date"},
			{"timestamp", "date"},
		}
	}
	return nil
}

// Field is a field of an alias and its mapping type.
type Field struct{ Name, Type string }

// Fields are an alias's, in the order of the contract's table; none for any
// other name. A field of type object is kept and not indexed.
func Fields(alias string) []Field {
	var all []Field
	for _, f := range fieldsOf(alias) {
		all = append(all, Field{f.name, f.kind})
	}
	return all
}

// Aliases are the names without prefix, each with its own template.
func Aliases() []string {
	return []string{names.PickupCount, names.TripDuration, names.TaxiRejects}
}

// ValidatePrefix checks that index names can begin with prefix.
func ValidatePrefix(prefix string) error {
	switch {
	case strings.ToLower(prefix) != prefix:
		return fmt.Errorf("index prefix %q: write it in lower case", prefix)
	case strings.ContainsAny(prefix, "\\/*?\"<>| ,#:\t\n\r"):
		return fmt.Errorf("index prefix %q: leave out blanks and each of \\ / * ? \" < > | , # : in it", prefix)
	case prefix != "" && strings.ContainsAny(prefix[:1], "-_+."):
		return fmt.Errorf("index prefix %q: begin with a letter or a digit", prefix)
	case len(prefix) > 200:
		return errors.New("index prefix: longer than 200 bytes")
	}
	return nil
}

// Template is the index template of one alias, as JSON. The same meta stands in
// the template and in the mapping of each index that is made of it.
func Template(prefix, alias string, meta map[string]string, o TemplateOptions) ([]byte, error) {
	var b bytes.Buffer
	for i, f := range fieldsOf(alias) {
		if i > 0 {
			b.WriteString(",\n")
		}
		extra := ""
		if f.kind == "object" {
			extra = `, "enabled": false` // kept in the source, not indexed
		}
		fmt.Fprintf(&b, "\t\t\t\t%q: {\"type\": %q%s}", f.name, f.kind, extra)
	}
	if meta == nil {
		meta = map[string]string{} // OpenSearch takes no null
	}
	metaJSON, err := json.Marshal(meta) // sorts the names
	if err != nil {
		return nil, fmt.Errorf("template %s%s: %w", prefix, alias, err)
	}
	name := prefix + alias
	return fmt.Appendf(nil, `{
	"index_patterns": [%q],
	"priority": 100,
	"version": %d,
	"_meta": %s,
	"template": {
		"settings": {"index": {"number_of_shards": %d, "auto_expand_replicas": %q}},
		"aliases": {%q: {}},
		"mappings": {
			"dynamic": "strict",
			"_meta": %s,
			"properties": {
%s
			}
		}
	}
}
`, name+"-*", TemplateVersion, metaJSON, cmp.Or(o.Shards, 1), cmp.Or(o.Replicas, "0-1"), name, metaJSON, b.String()), nil
}

// PutTemplates puts the templates of the three aliases under prefix, unless they
// are there. meta holds the caller's rules and windows; a caller without any
// takes the templates as they are, and templates without any are taken over by
// the first caller that has some. Where the templates hold others nothing is changed and the error is an *OtherRulesError. Two callers
// that start at once are parted by the server: a template is created, not
// overwritten. An unreachable server is waited for until ctx ends.
func (c *Client) PutTemplates(ctx context.Context, prefix string, meta map[string]string, o TemplateOptions) error {
	if err := ValidatePrefix(prefix); err != nil {
		return err
	}
	present := make(map[string]int)
	for _, alias := range Aliases() {
		version, err := c.checkTemplate(ctx, prefix, alias, meta, o.Defaults)
		if err != nil {
			return err
		}
		present[alias] = version
	}
	for _, alias := range Aliases() {
		if present[alias] >= TemplateVersion {
			continue
		}
		if err := c.putTemplate(ctx, prefix, alias, meta, o, present[alias] == 0); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) putTemplate(ctx context.Context, prefix, alias string, meta map[string]string, o TemplateOptions, create bool) error {
	body, err := Template(prefix, alias, meta, o)
	if err != nil {
		return err
	}
	path := templatePath(prefix, alias)
	if create {
		path += "?create=true"
	}
	_, err = c.call(ctx, &request{op: "put template " + prefix + alias, method: http.MethodPut, path: path, body: body})
	if e := (*Error)(nil); create && errors.As(err, &e) && e.Status == http.StatusBadRequest {
		// Perhaps another processor, or an attempt of ours whose answer was lost, was first.
		if version, check := c.checkTemplate(ctx, prefix, alias, meta, o.Defaults); check != nil || version > 0 {
			return check
		}
	}
	return err
}

func templatePath(prefix, alias string) string {
	return "/_index_template/" + url.PathEscape(prefix+alias)
}

// checkTemplate returns the version of the template that is there, 0 for none,
// below 0 for one that is to be taken over. defaults stand for rules that it does not name.
func (c *Client) checkTemplate(ctx context.Context, prefix, alias string, meta, defaults map[string]string) (int, error) {
	op := "read template " + prefix + alias
	body, err := c.call(ctx, &request{op: op, method: http.MethodGet, path: templatePath(prefix, alias)})
	if NotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var there struct {
		Templates []struct {
			Body struct {
				Version int               `json:"version"`
				Meta    map[string]string `json:"_meta"`
			} `json:"index_template"`
		} `json:"index_templates"`
	}
	if err := json.Unmarshal(body, &there); err != nil {
		return 0, &Error{Op: op, Server: c.base, Err: err, Hint: "delete the template, or choose another -index-prefix"}
	}
	if len(there.Templates) == 0 {
		return 0, nil
	}
	t := there.Templates[0].Body
	if len(t.Meta) == 0 && len(meta) > 0 {
		return -1, nil // put without rules, by who only prepared the server
	}
	for name := range meta {
		if _, named := t.Meta[name]; !named && defaults[name] != "" {
			t.Meta[name] = defaults[name]
		}
	}
	if len(meta) > 0 && !maps.Equal(t.Meta, meta) {
		return 0, newOtherRules(prefix+alias, meta, t.Meta)
	}
	return max(t.Version, 1), nil
}

// Difference is one rule that differs. An absent value is empty.
type Difference struct {
	Name, Ours, Theirs string
}

// OtherRulesError says which rules differ from those of the index prefix.
// errors.Is(err, ErrOtherRules) holds.
type OtherRulesError struct {
	Template    string
	Differences []Difference
}

func newOtherRules(template string, ours, theirs map[string]string) *OtherRulesError {
	all := maps.Clone(theirs)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, ours)
	e := &OtherRulesError{Template: template}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if ours[name] != theirs[name] {
			e.Differences = append(e.Differences, Difference{name, ours[name], theirs[name]})
		}
	}
	return e
}

func (e *OtherRulesError) Error() string {
	var parts []string
	for _, d := range e.Differences {
		parts = append(parts, fmt.Sprintf("%s is %s there and %s here", d.Name, cmp.Or(d.Theirs, "absent"), cmp.Or(d.Ours, "absent")))
	}
	return fmt.Sprintf("index template %s: %v (%s); choose another -index-prefix", e.Template, ErrOtherRules, strings.Join(parts, ", "))
}

// Unwrap makes errors.Is(err, ErrOtherRules) hold.
func (e *OtherRulesError) Unwrap() error { return ErrOtherRules }
