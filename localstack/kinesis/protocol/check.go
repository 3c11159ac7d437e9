package protocol

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A pattern is shown as the service shows it, and must match the whole value.
type pattern struct {
	shown string
	whole *regexp.Regexp
}

func patternOf(text string) pattern { return pattern{text, regexp.MustCompile(`^(?:` + text + `)$`)} }

// patterns are those of the API's model, by the names that tags use.
var patterns = map[string]pattern{
	"name":     patternOf(`[a-zA-Z0-9_.-]+`),
	"hashkey":  patternOf(`0|([1-9]\d{0,38})`),
	"sequence": patternOf(`0|([1-9]\d{0,128})`),
	"stream":   patternOf(`arn:aws.*:kinesis:.*:\d{12}:stream/\S+`),
	"consumer": patternOf(`^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+`),
	"resource": patternOf(`arn:aws.*:kinesis:.*:\d{12}:.*stream/\S+`),
}

type bounds struct{ least, most int }

func (b *bounds) breaks(n int) bool { return b != nil && (n < b.least || n > b.most) }

// lengths is how the service words the bounds of elements.
func (b *bounds) lengths() string {
	return fmt.Sprintf("[Member must have length less than or equal to %d, Member must have length greater than or equal to %d]", b.most, b.least)
}

// rules are one member's tag.
type rules struct {
	required           bool
	unless             []string
	length, value      *bounds
	each, keys, values *bounds
	pattern            *pattern
	enum               []string
	shown              string
}

func parseRules(tag string) rules {
	var r rules
	for _, word := range strings.Fields(tag) {
		name, text, _ := strings.Cut(word, "=")
		switch name {
		case "required":
			r.required = true
		case "unless":
			r.unless = strings.Split(text, "|")
		case "len":
			r.length = parseBounds(text)
		case "range":
			r.value = parseBounds(text)
		case "each":
			r.each = parseBounds(text)
		case "keys":
			r.keys = parseBounds(text)
		case "values":
			r.values = parseBounds(text)
		case "pattern":
			p, ok := patterns[text]
			if !ok {
				panic("embedded kinesis: no pattern " + text)
			}
			r.pattern = &p
		case "enum":
			r.enum = strings.Split(text, "|")
		case "shown":
			r.shown = text
		default:
			panic("embedded kinesis: the tag " + word + " means nothing")
		}
	}
	return r
}

func parseBounds(text string) *bounds {
	least, most, _ := strings.Cut(text, "..")
	b := &bounds{math.MinInt, math.MaxInt}
	for _, end := range []struct {
		text string
		to   *int
	}{{least, &b.least}, {most, &b.most}} {
		if end.text == "" {
			continue
		}
		n, err := strconv.Atoi(end.text)
		if err != nil {
			panic("embedded kinesis: the bounds " + text + " are none")
		}
		*end.to = n
	}
	return b
}

// needed says whether the member must be there beside the others.
func (r *rules) needed(members map[string]any) bool {
	if len(r.unless) == 0 {
		return r.required
	}
	return !slices.ContainsFunc(r.unless, func(other string) bool { return members[other] != nil })
}

func (b *binder) violate(value, path, constraint string) {
	if len(b.violations) < mostViolations {
		b.violations = append(b.violations, "Value "+value+" at '"+path+"' failed to satisfy constraint: "+constraint)
	}
}

// check holds a member that is there to its bounds.
func (b *binder) check(r *rules, v reflect.Value, path string) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	complain := func(constraint string) { b.violate("'"+shown(v, r)+"'", path, constraint) }
	size, limit := 0, r.length
	kind := "length"
	switch v.Kind() {
	case reflect.String:
		size = utf8.RuneCountInString(v.String())
		if r.pattern != nil && !r.pattern.whole.MatchString(v.String()) {
			complain("Member must satisfy regular expression pattern: " + r.pattern.shown)
		}
		if r.enum != nil && !slices.Contains(r.enum, v.String()) {
			complain("Member must satisfy enum value set: [" + strings.Join(r.enum, ", ") + "]")
		}
	case reflect.Int:
		size, limit, kind = int(v.Int()), r.value, "value"
	case reflect.Slice, reflect.Map:
		size = v.Len()
	default:
		return
	}
	if limit != nil && size < limit.least {
		complain(fmt.Sprintf("Member must have %s greater than or equal to %d", kind, limit.least))
	}
	if limit != nil && size > limit.most {
		complain(fmt.Sprintf("Member must have %s less than or equal to %d", kind, limit.most))
	}
	switch all := v.Interface().(type) {
	case []string:
		b.checkList(r, all, complain)
	case map[string]string:
		for key := range all {
			if r.keys.breaks(utf8.RuneCountInString(key)) {
				complain("Map keys must satisfy constraint: " + r.keys.lengths())
				break
			}
		}
		for _, value := range all {
			if r.values.breaks(utf8.RuneCountInString(value)) {
				complain("Map value must satisfy constraint: " + r.values.lengths())
				break
			}
		}
	}
}

func (b *binder) checkList(r *rules, all []string, complain func(string)) {
	for _, element := range all {
		if r.each.breaks(utf8.RuneCountInString(element)) {
			complain("Member must satisfy constraint: " + r.each.lengths())
			break
		}
	}
	for _, element := range all {
		if r.enum != nil && !slices.Contains(r.enum, element) {
			complain("Member must satisfy constraint: [Member must satisfy enum value set: [" + strings.Join(r.enum, ", ") + "]]")
			break
		}
	}
}

// shown is a value as the service's texts have it, which is Java's way.
func shown(v reflect.Value, r *rules) string {
	switch all := v.Interface().(type) {
	case []byte:
		return fmt.Sprintf("java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]", len(all), len(all))
	case []string:
		return "[" + strings.Join(all, ", ") + "]"
	case map[string]string:
		var pairs []string
		for _, key := range slices.Sorted(maps.Keys(all)) {
			pairs = append(pairs, key+"="+all[key])
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	}
	if v.Kind() == reflect.Slice {
		return "[" + strings.Join(slices.Repeat([]string{r.shown}, v.Len()), ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}
