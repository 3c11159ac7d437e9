// Package preflight looks, before anything is deployed, for what an account or a region
// would refuse half-way: each finding is a line with its remedy. It changes nothing, but
// for service-linked roles, which it makes where they are missing: AWS makes them with
// the first use, too late for that first use.
package preflight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"strings"

	"taxistream/infra/awscli"
	"taxistream/infra/config"
	"taxistream/internal/flags"
)

// Main runs the verb with the arguments after it and gives its exit status.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("infra preflight", "looks at account and region for what would refuse a deployment, with the AWS CLI")
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
	set.Help("Give the options of the deployment; the context of cdk.json counts as well. It makes missing service-linked roles, and nothing else.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	values, err := contextOf("cdk.json", "infra/cdk.json")
	if err != nil {
		return set.Fail(stderr, err)
	}
	maps.Copy(values, given)
	cfg, err := config.Load(values)
	if err != nil {
		return set.Fail(stderr, err)
	}
	a := &account{cfg: cfg, call: awscli.In(cfg.Region)}
	bad := 0
	for _, c := range checks {
		found, err := c.look(ctx, a)
		if err != nil {
			bad++
			fmt.Fprintf(stdout, "no   %-14s %v\n", c.name, err)
			if c.needed {
				break
			}
			continue
		}
		fmt.Fprintf(stdout, "ok   %-14s %s\n", c.name, found)
	}
	if bad > 0 {
		return set.Fail(stderr, fmt.Errorf("%d of what a deployment needs is not so: see above", bad))
	}
	return 0
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
			return nil, fmt.Errorf("read the context in %s: %w", file, err)
		}
		if app.Context != nil {
			return app.Context, nil
		}
	}
	return map[string]any{}, nil
}
