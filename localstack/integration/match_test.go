package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// match compares a decoded JSON value with a pattern and gives what differs.
//
// An object must have the pattern's members, and may have others; a list must
// have as many elements. Texts of the pattern with a meaning of their own:
//
//   - anything that is there
//   - the member is absent
//     >N       a number above N, or a text of digits
//     @name    anything; it becomes the variable ${name}
//     /re/     a text that the expression matches wholly
//     #3       a list of three
func match(path string, got, pattern any, vars map[string]string) []string {
	switch p := pattern.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: got %s, want an object", path, text(got))}
		}
		var wrong []string
		for _, name := range slices.Sorted(maps.Keys(p)) {
			v, there := g[name]
			if absent := p[name] == "-"; absent || !there {
				if absent == there {
					wrong = append(wrong, fmt.Sprintf("%s.%s: got %s, want %s", path, name, text(v), text(p[name])))
				}
				continue
			}
			wrong = append(wrong, match(path+"."+name, v, p[name], vars)...)
		}
		return wrong
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(p) {
			return []string{fmt.Sprintf("%s: got %s, want %d elements", path, text(got), len(p))}
		}
		var wrong []string
		for i := range p {
			wrong = append(wrong, match(fmt.Sprintf("%s[%d]", path, i), g[i], p[i], vars)...)
		}
		return wrong
	case string:
		if !matchText(got, p, vars) {
			return []string{fmt.Sprintf("%s: got %s, want %s", path, text(got), p)}
		}
		return nil
	}
	if text(got) != text(pattern) {
		return []string{fmt.Sprintf("%s: got %s, want %s", path, text(got), text(pattern))}
	}
	return nil
}

func matchText(got any, pattern string, vars map[string]string) bool {
	switch {
	case pattern == "*":
		return got != nil
	case strings.HasPrefix(pattern, ">"):
		n, ok := new(big.Float).SetPrec(256).SetString(strings.Trim(text(got), `"`))
		bound, ok2 := new(big.Float).SetPrec(256).SetString(pattern[1:])
		return ok && ok2 && n.Cmp(bound) > 0
	case strings.HasPrefix(pattern, "@"):
		vars[pattern[1:]] = strings.Trim(text(got), `"`)
		return got != nil && got != ""
	case strings.HasPrefix(pattern, "#"):
		list, ok := got.([]any)
		return ok && fmt.Sprintf("#%d", len(list)) == pattern
	case len(pattern) > 1 && strings.HasPrefix(pattern, "/") && strings.HasSuffix(pattern, "/"):
		s, ok := got.(string)
		return ok && regexp.MustCompile("^(?:"+pattern[1:len(pattern)-1]+")$").MatchString(s)
	}
	return got == pattern
}

// text is a value as JSON, shortened.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	if len(b) > 400 {
		return string(b[:400]) + "…"
	}
	return string(b)
}

// decodeJSON keeps numbers as they are written.
func decodeJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// Ensure that a pattern refuses what it should: a suite that accepts all proves nothing.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		name, got, pattern string
		ok                 bool
	}{
		{"others are allowed", `{"a":1,"b":2}`, `{"a":1}`, true},
		{"a member lacks", `{"b":2}`, `{"a":"*"}`, false},
		{"a member is absent", `{"b":2}`, `{"a":"-"}`, true},
		{"a member is there", `{"a":null}`, `{"a":"-"}`, false},
		{"another number", `{"a":2}`, `{"a":1}`, false},
		{"a text for a number", `{"a":"1"}`, `{"a":1}`, false},
		{"a longer list", `[1,2]`, `[1]`, false},
		{"another order", `[1,2]`, `[2,1]`, false},
		{"nested", `{"a":[{"b":"x"}]}`, `{"a":[{"b":"y"}]}`, false},
		{"above 0", `5`, `">0"`, true},
		{"not above 0", `0`, `">0"`, false},
		{"above another", `"4960000000000000000000000000000000000000000000000001"`, `">4960000000000000000000000000000000000000000000000000"`, true},
		{"not above itself", `"4960000000000000000000000000000000000000000000000000"`, `">4960000000000000000000000000000000000000000000000000"`, false},
		{"expression", `"shard-7"`, `"/shard-\\d/"`, true},
		{"expression on a part", `"shard-77"`, `"/shard-\\d/"`, false},
		{"length", `[1,2]`, `"#2"`, true},
		{"other length", `[1,2]`, `"#3"`, false},
		{"no object", `[]`, `{}`, false},
		{"an empty text binds nothing", `""`, `"@x"`, false},
	} {
		got, err := decodeJSON(c.got)
		if err != nil {
			t.Fatal(err)
		}
		pattern, err := decodeJSON(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := match("", got, pattern, map[string]string{}); (len(wrong) == 0) != c.ok {
			t.Errorf("%s: %v", c.name, wrong)
		}
	}
}
