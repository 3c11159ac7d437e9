//go:build infra

package app

import "strings"

// A statement is one of a policy in a template.
type statement struct {
	of                 string // the resource that carries it
	effect             string
	actions, resources []string
	keyPolicy          bool // a key's own policy: its resource is always "*", the key itself; or an endpoint's, which grants nothing
}

// statements are those of all policies in a stack, wherever they stand.
func (tmpl template) statements() []statement {
	var all []statement
	for _, r := range tmpl.resources("") {
		visit(r.Properties, func(m map[string]any) {
			actions, effect := m["Action"], m["Effect"]
			if actions == nil || effect == nil {
				return
			}
			own := strings.HasPrefix(r.Type, "AWS::KMS::") || r.Type == "AWS::EC2::VPCEndpoint"
			all = append(all, statement{r.ID, effect.(string), texts(actions), texts(m["Resource"]), own})
		})
	}
	return all
}

// visit calls f for every object in v.
func visit(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(v)
		for _, part := range v {
			visit(part, f)
		}
	case []any:
		for _, part := range v {
			visit(part, f)
		}
	}
}

// texts are the strings of a string or list; references to resources are passed over.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, part := range v {
			all = append(all, texts(part)...)
		}
		return all
	}
	return nil
}
