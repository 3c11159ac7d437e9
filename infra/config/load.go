package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"taxistream/internal/flags"
)

// An Option is one line of the table of options.
type Option struct {
	Key     string // in the context, such as "stream.shards"
	Default string
	Doc     string
	Change  string // what changing it does to a deployment that is there
}

// InPlace is the change of an option that replaces nothing and loses nothing.
const InPlace = "in place"

// Options lists all options in the order of the declaration.
func Options() []Option {
	var all []Option
	c := Default()
	walk(reflect.ValueOf(&c).Elem(), "", func(key string, tag reflect.StructTag, v reflect.Value) {
		change := cmp.Or(tag.Get("change"), InPlace)
		all = append(all, Option{Key: key, Default: fmt.Sprint(v.Interface()), Doc: tag.Get("doc"), Change: change})
	})
	return all
}

// Load gives the default configuration changed by values, which are strings,
// numbers and booleans as a command line or a JSON file has them, and checked. Keys that
// belong to the CDK itself ("@aws-cdk/...", "aws:cdk:...", "cdk-...", all that
// is no lower-case name with dots) are passed over; any other unknown key is an error.
func Load(values map[string]any) (Config, error) {
	c := Default()
	values = WithPreset(values)
	var known []string
	var bad []error
	walk(reflect.ValueOf(&c).Elem(), "", func(key string, _ reflect.StructTag, field reflect.Value) {
		known = append(known, key)
		if v, given := values[key]; given {
			if err := set(field, fmt.Sprint(v)); err != nil {
				bad = append(bad, fmt.Errorf("%s=%v: %w", key, v, err))
			}
		}
	})
	for key := range values {
		if !slices.Contains(known, key) && ours(key) {
			bad = append(bad, fmt.Errorf("%s is no option%s: `go run ./infra options` lists them", key, flags.DidYouMean("", key, known)))
		}
	}
	if len(bad) > 0 {
		slices.SortFunc(bad, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return c, bad[0]
	}
	return c, c.Check()
}

// ours tells whether a context key can only have been meant for this app.
func ours(key string) bool {
	return !strings.ContainsAny(key, "/:@") && !strings.HasPrefix(key, "aws-cdk") && !strings.HasPrefix(key, "cdk-")
}

func walk(v reflect.Value, prefix string, visit func(key string, tag reflect.StructTag, v reflect.Value)) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key := prefix + field.Tag.Get("key")
		if field.Type.Kind() == reflect.Struct {
			walk(v.Field(i), key+".", visit)
			continue
		}
		visit(key, field.Tag, v.Field(i))
	}
}

func set(field reflect.Value, text string) error {
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("write a whole number")
		}
		field.SetInt(int64(n))
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("write a number")
		}
		field.SetFloat(f)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("write true or false")
		}
		field.SetBool(b)
	default:
		panic("config: an option of type " + field.Type().String())
	}
	return nil
}

// Changed lists the options that differ from their defaults, those of the preset where
// there is one, as -c takes them: a deployment of elsewhere with these is the same.
func (c Config) Changed() []string {
	var changed []string
	defaults := map[string]string{}
	for _, o := range Options() {
		defaults[o.Key] = o.Default
	}
	for key, value := range presets[c.Preset] {
		defaults[key] = fmt.Sprint(value)
	}
	walk(reflect.ValueOf(&c).Elem(), "", func(key string, _ reflect.StructTag, v reflect.Value) {
		if text := fmt.Sprint(v.Interface()); text != defaults[key] {
			changed = append(changed, key+"="+text)
		}
	})
	return changed
}
