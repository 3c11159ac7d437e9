package calls

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Statement is one of a policy, its references already replaced by names and ARNs.
type Statement struct {
	Effect             string
	Actions, Resources []string
	Conditions         map[string]map[string][]string // operator, key, values
}

// Statements reads a policy document as JSON decodes it. What this package
// cannot judge (NotAction, NotResource) is an error.
func Statements(document map[string]any) ([]Statement, error) {
	var all []Statement
	for _, one := range list(document["Statement"]) {
		m, ok := one.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("a statement is %T, not an object", one)
		}
		s := Statement{Conditions: map[string]map[string][]string{}}
		s.Effect, _ = m["Effect"].(string)
		var err [2]error
		s.Actions, err[0] = words(m["Action"])
		s.Resources, err[1] = words(m["Resource"])
		if err[0] != nil || err[1] != nil || s.Effect == "" || len(s.Actions) == 0 {
			return nil, fmt.Errorf("statement %v: it needs Effect, Action and Resource, of names only", m)
		}
		conditions, _ := m["Condition"].(map[string]any)
		for _, operator := range slices.Sorted(maps.Keys(conditions)) {
			s.Conditions[operator] = map[string][]string{}
			of, _ := conditions[operator].(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(of)) {
				texts, err := words(of[key])
				if err != nil {
					return nil, fmt.Errorf("condition %s of %s: %w", key, operator, err)
				}
				s.Conditions[operator][key] = texts
			}
		}
		all = append(all, s)
	}
	return all, nil
}

func list(v any) []any {
	if many, ok := v.([]any); ok {
		return many
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

func words(v any) ([]string, error) {
	var all []string
	for _, one := range list(v) {
		s, ok := one.(string)
		if !ok {
			return nil, fmt.Errorf("%v is no text", one)
		}
		all = append(all, s)
	}
	return all, nil
}

// Allowed reports whether a role with these statements may make the call, and
// names the ones that allow it. An explicit denial wins.
func Allowed(statements []Statement, c Call, region, account string) (by []int, ok bool) {
	arn := c.ARN(region, account)
	for i, s := range statements {
		denies := s.Effect == "Deny"
		if !covers(s.Actions, strings.ToLower(c.Action), true) || !covers(s.Resources, arn, false) || !s.holds(c.Context, denies) {
			continue
		}
		if denies {
			return nil, false
		}
		by = append(by, i)
	}
	return by, len(by) > 0
}

// ARN is the whole name of the call's resource.
func (c Call) ARN(region, account string) string {
	service, _, _ := strings.Cut(c.Action, ":")
	if service == "s3" {
		return "arn:aws:s3:::" + c.Resource
	}
	return "arn:aws:" + service + ":" + region + ":" + account + ":" + c.Resource
}

// holds judges the conditions by what a request says of itself. One that this
// package does not know counts against the caller: it fails where the statement
// allows and holds where it denies.
func (s *Statement) holds(context map[string]string, unknown bool) bool {
	for operator, keys := range s.Conditions {
		for key, values := range keys {
			value, there := context[key]
			switch operator {
			case "StringEquals":
				if !there || !slices.Contains(values, value) {
					return false
				}
			case "StringLike":
				if !there || !covers(values, value, false) {
					return false
				}
			default:
				if !unknown {
					return false
				}
			}
		}
	}
	return true
}

// covers reports whether one of the patterns matches; actions are compared in lower case.
func covers(patterns []string, value string, lower bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if lower {
			p = strings.ToLower(p)
		}
		return Match(p, value)
	})
}

// Match reports whether a value is what a pattern of IAM says: * is any text,
// ? any character.
func Match(pattern, value string) bool {
	star, from := -1, 0 // the last star, and where what it takes ends
	p, v := 0, 0
	for v < len(value) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, v
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == value[v]):
			p++
			v++
		case star >= 0: // the star takes one more
			from++
			p, v = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
