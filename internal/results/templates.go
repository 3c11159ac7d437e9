package results

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// TemplateVersion grows when the mappings change. An index keeps the mapping it
// was created with, so a change must be one that old documents bear.
const TemplateVersion = 1

// templatePriority is that of the templates among others that match.
const templatePriority = 100

// rejectMonths is how long rejects are kept where there is a retention.
const rejectMonths = 1

// Template is the index template of one alias, as JSON. The same meta stands in
// the template and in the mapping of each index that is made of it. One shard serves a
// month of New York; a single node has no copy of it (and is green), more have one.
func Template(prefix, alias string, meta map[string]string) ([]byte, error) {
	var b bytes.Buffer
	for i, f := range Fields(alias) {
		if i > 0 {
			b.WriteString(",\n")
		}
		extra := ""
		if f.Type == "object" {
			extra = `, "enabled": false` // kept in the source, not indexed
		}
		fmt.Fprintf(&b, "\t\t\t\t%q: {\"type\": %q%s}", f.Name, f.Type, extra)
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
	"priority": %d,
	"version": %d,
	"_meta": %s,
	"template": {
		"settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
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
`, name+"-*", templatePriority, TemplateVersion, metaJSON, name, metaJSON, b.String()), nil
}

// PutTemplates puts the templates of the three aliases under prefix, unless they
// are there. meta holds the caller's rules and windows, defaults the values of rules
// that an older template does not name. A caller without any
// takes the templates as they are, and templates without any are taken over by
// the first caller that has some. Where the templates hold others nothing is changed
// and the error is an *OtherRulesError. Two callers
// that start at once are parted by the server: a template is created, not
// overwritten. An unreachable server is waited for until ctx ends.
func PutTemplates(ctx context.Context, c *opensearch.Client, prefix string, meta, defaults map[string]string) error {
	if err := ValidatePrefix(prefix); err != nil {
		return err
	}
	present := make(map[string]int)
	for _, alias := range Aliases() {
		version, err := checkTemplate(ctx, c, prefix, alias, meta, defaults)
		if err != nil {
			return err
		}
		present[alias] = version
	}
	for _, alias := range Aliases() {
		if present[alias] >= TemplateVersion {
			continue
		}
		if err := putTemplate(ctx, c, prefix, alias, meta, defaults, present[alias] == 0); err != nil {
			return err
		}
	}
	return nil
}

// PutRetention has OpenSearch delete the monthly indexes under prefix once they hold
// nothing that is younger than so many months, those of rejects than one: an index's
// age counts from its creation, which for live data is the beginning of its month. A
// replay of old trips is kept as long from the day on which it is written.
func PutRetention(ctx context.Context, c *opensearch.Client, prefix string, months int) error {
	for _, alias := range Aliases() {
		keep := months
		if alias == names.TaxiRejects {
			keep = min(keep, rejectMonths)
		}
		name := prefix + alias
		r := opensearch.Retention{Policy: name, Indexes: name + "-*", Priority: templatePriority, Days: 31 * (keep + 1)}
		if err := c.PutRetention(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func putTemplate(ctx context.Context, c *opensearch.Client, prefix, alias string, meta, defaults map[string]string, create bool) error {
	body, err := Template(prefix, alias, meta)
	if err != nil {
		return err
	}
	err = c.PutTemplate(ctx, prefix+alias, body, create)
	if create && opensearch.Status(err) == http.StatusBadRequest {
		// Perhaps another processor, or an attempt of ours whose answer was lost, was first.
		if version, check := checkTemplate(ctx, c, prefix, alias, meta, defaults); check != nil || version > 0 {
			return check
		}
	}
	return err
}

// checkTemplate returns the version of the template that is there, 0 for none,
// below 0 for one that is to be taken over. defaults stand for rules that it does not name.
func checkTemplate(ctx context.Context, c *opensearch.Client, prefix, alias string, meta, defaults map[string]string) (int, error) {
	t, err := c.Template(ctx, prefix+alias)
	if opensearch.NotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
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

// ErrOtherRules is returned when the templates of an index prefix hold other
// rules or windows than the caller's. The error is an *OtherRulesError.
var ErrOtherRules = errors.New("the index prefix belongs to other rules")

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
	return fmt.Sprintf("index template %s: %v (%s); choose another -index-prefix (docs/upgrade.md)", e.Template, ErrOtherRules, strings.Join(parts, ", "))
}

// Unwrap makes errors.Is(err, ErrOtherRules) hold.
func (e *OtherRulesError) Unwrap() error { return ErrOtherRules }
