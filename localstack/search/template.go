package search

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/query"
	"taxistream/localstack/search/schema"
)

// definition is what an index is made of.
type definition struct {
	mapping *schema.Mapping
	aliases []string
}

// template is a composable index template, kept as it is shown.
type template struct {
	definition
	name     string
	body     json.RawMessage // as it was put
	raw      json.RawMessage // as it is shown
	patterns []string
	priority int64
}

func (t *template) matches(index string) bool {
	return slices.ContainsFunc(t.patterns, func(p string) bool { return query.MatchName(p, index) })
}

// parseDefinition reads settings, mappings and aliases. Settings are kept by
// nobody: one process has no shards and no replicas.
func parseDefinition(raw json.RawMessage) (definition, *fail.Error) {
	var body struct {
		Settings json.RawMessage            `json:"settings"`
		Mappings json.RawMessage            `json:"mappings"`
		Aliases  map[string]json.RawMessage `json:"aliases"`
	}
	d := definition{}
	if len(raw) > 0 {
		if err := fail.Strict(raw, &body); err != nil {
			return d, err
		}
	}
	var err *fail.Error
	if d.mapping, err = schema.Parse(body.Mappings); err != nil {
		return d, err
	}
	for _, alias := range slices.Sorted(maps.Keys(body.Aliases)) {
		if s := strings.Join(strings.Fields(string(body.Aliases[alias])), ""); s != "{}" {
			return d, fail.Unsupportedf("options of the alias %s: %s", alias, s)
		}
		d.aliases = append(d.aliases, alias)
	}
	return d, nil
}

func parseTemplate(name string, raw json.RawMessage) (*template, *fail.Error) {
	var body templateBody
	if err := fail.Strict(raw, &body); err != nil {
		return nil, err
	}
	if len(body.Composed) > 0 {
		return nil, fail.Unsupportedf("composed_of: %s", strings.Join(body.Composed, ", "))
	}
	body.Composed = nil
	if string(body.Meta) == "null" {
		return nil, fail.Newf(http.StatusBadRequest, "x_content_parse_exception", "[index_template] _meta doesn't support values of type: VALUE_NULL")
	}
	if len(body.Patterns) == 0 {
		return nil, fail.Illegalf("Required [index_patterns]")
	}
	d, err := parseDefinition(body.Template)
	if err != nil {
		return nil, err
	}
	shown, err := body.shown()
	if err != nil {
		return nil, err
	}
	return &template{definition: d, name: name, body: slices.Clone(raw), raw: shown, patterns: body.Patterns, priority: body.rank()}, nil
}

// putTemplate stores a template; with create it must be new.
func (s *store) putTemplate(t *template, create bool) *fail.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if create && s.templates[t.name] != nil {
		return fail.Illegalf("index template [%s] already exists", t.name)
	}
	if s.templates[t.name] == nil && len(s.templates) >= s.maxTemplates {
		return fail.Newf(http.StatusTooManyRequests, "circuit_breaking_exception", "the limit of [%d] index templates is reached", s.maxTemplates)
	}
	for _, known := range slices.Sorted(maps.Keys(s.templates)) {
		other := s.templates[known]
		if other.name != t.name && other.priority == t.priority && overlap(other.patterns, t.patterns) {
			return fail.Illegalf("index template [%s] has index patterns %v matching patterns from existing templates [%s] with patterns (%s => %v) that have the same priority [%d], multiple index templates may not match during index creation, please use a different priority",
				t.name, t.patterns, other.name, other.name, other.patterns, t.priority)
		}
	}
	if err := s.save(change{Templates: []savedTemplate{{t.name, t.body}}}); err != nil {
		return err
	}
	s.templates[t.name] = t
	return nil
}

// overlap tells whether some name could match a pattern of both. It is exact for
// patterns with one * at the end, and may be wrong for others only in that it
// misses an overlap.
func overlap(a, b []string) bool {
	for _, p := range a {
		for _, q := range b {
			if query.MatchName(p, strings.ReplaceAll(q, "*", "")) || query.MatchName(q, strings.ReplaceAll(p, "*", "")) {
				return true
			}
		}
	}
	return false
}

// findTemplates lists the templates that a name or a pattern names, by name.
func (s *store) findTemplates(pattern string) []*template {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.matching(pattern)
}

// matching is findTemplates under the store's lock.
func (s *store) matching(pattern string) []*template {
	var found []*template
	for name, t := range s.templates {
		if query.MatchName(pattern, name) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *template) int { return strings.Compare(a.name, b.name) })
	return found
}
