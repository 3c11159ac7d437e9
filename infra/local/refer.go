package local

import (
	"maps"
	"regexp"
	"slices"
)

// A reference is what a value of a template points at: a resource of its stack
// or an export of another.
type reference struct{ id, export string }

// references finds all in a value, those in texts of Fn::Sub too, in the same
// order each time: the first that leads nowhere is the reason that people read.
func references(v any) []reference {
	var found []reference
	switch v := v.(type) {
	case []any:
		for _, part := range v {
			found = append(found, references(part)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			part := v[name]
			switch name {
			case "Ref":
				if id, ok := part.(string); ok {
					found = append(found, reference{id: id})
				}
			case "Fn::GetAtt":
				if of, ok := part.([]any); ok && len(of) > 0 {
					if id, ok := of[0].(string); ok {
						found = append(found, reference{id: id})
					}
				}
			case "Fn::ImportValue":
				if export, ok := part.(string); ok {
					found = append(found, reference{export: export})
				}
			case "Fn::Sub":
				found = append(found, substituted(part)...)
			}
			found = append(found, references(part)...)
		}
	}
	return found
}

var inText = regexp.MustCompile(`\$\{(\w+)(?:\.[\w.]+)?\}`)

// substituted are the ids in the text of Fn::Sub, alone or before its variables.
func substituted(v any) []reference {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	text, _ := v.(string)
	var found []reference
	for _, m := range inText.FindAllStringSubmatch(text, -1) {
		found = append(found, reference{id: m[1]})
	}
	return found
}
