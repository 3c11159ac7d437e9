package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"taxistream/internal/flags"
)

// Flags adds -c to the command line of a verb that reads a deployment's options beside the
// CDK. The function that it returns is called after the parse: it gives what Load takes, the
// context of cdk.json under the values given.
func Flags(set *flags.Set) func() (map[string]any, error) {
	given := map[string]any{}
	set.Func("c", "`name=value` of an option, as cdk takes it; may be repeated", func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("write name=value")
		}
		given[name] = value
		return nil
	})
	set.Alias("context", "c")
	return func() (map[string]any, error) {
		values, err := contextOf("cdk.json", "infra/cdk.json")
		maps.Copy(values, given)
		return values, err
	}
}

// contextOf is the context of the first of the files that is there.
func contextOf(files ...string) (map[string]any, error) {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var app struct{ Context map[string]any }
		if err == nil {
			err = json.Unmarshal(text, &app)
		}
		if err != nil {
			return map[string]any{}, fmt.Errorf("read the context in %s: %w", file, err)
		}
		if app.Context != nil {
			return app.Context, nil
		}
	}
	return map[string]any{}, nil
}
