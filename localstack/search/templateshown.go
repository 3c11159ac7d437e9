package search

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"taxistream/localstack/search/fail"
)

// templateBody is a template as it is put.
type templateBody struct {
	Patterns []string        `json:"index_patterns"`
	Template json.RawMessage `json:"template,omitempty"`
	Priority *int64          `json:"priority,omitempty"`
	Version  json.RawMessage `json:"version,omitempty"`
	Meta     json.RawMessage `json:"_meta,omitempty"`
	Composed []string        `json:"composed_of,omitempty"` // none, as GET shows it: components are not supported
}

// rank is the priority, 0 without one.
func (t templateBody) rank() int64 {
	if t.Priority == nil {
		return 0
	}
	return *t.Priority
}

// shown is the template as GET answers it: with the components that it lacks,
// and with settings below "index", as texts.
func (t templateBody) shown() (json.RawMessage, *fail.Error) {
	if len(t.Template) > 0 {
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(t.Template, &parts); err != nil {
			return nil, fail.Parsingf("malformed template: %v", err)
		}
		if parts["settings"] != nil {
			settings, err := shownSettings(parts["settings"])
			if err != nil {
				return nil, err
			}
			parts["settings"] = settings
			if t.Template, _ = json.Marshal(parts); t.Template == nil {
				return nil, fail.Parsingf("malformed template")
			}
		}
	}
	out, err := json.Marshal(struct {
		templateBody
		ComposedOf []string `json:"composed_of"`
	}{t, []string{}})
	if err != nil {
		return nil, fail.Parsingf("malformed template: %v", err)
	}
	return out, nil
}

func shownSettings(raw json.RawMessage) (json.RawMessage, *fail.Error) {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var settings map[string]any
	if err := d.Decode(&settings); err != nil {
		return nil, fail.Parsingf("malformed settings: %v", err)
	}
	out := tree{}
	nest(out, "", settings)
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fail.Parsingf("malformed settings: %v", err)
	}
	return b, nil
}

// nest writes settings, however deep or dotted their names, as texts into a
// tree below "index".
func nest(out tree, prefix string, settings map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(settings)) { // of two spellings of one setting, always the same wins
		v := settings[name]
		if in, ok := v.(map[string]any); ok {
			nest(out, prefix+name+".", in)
			continue
		}
		if v == nil {
			continue
		}
		path := strings.Split(strings.TrimPrefix(prefix+name, "index."), ".")
		at := out
		for _, part := range append([]string{"index"}, path[:len(path)-1]...) {
			below, ok := at[part].(tree)
			if !ok {
				below = tree{}
				at[part] = below
			}
			at = below
		}
		at[path[len(path)-1]] = settingText(v)
	}
}

func settingText(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return v
}
