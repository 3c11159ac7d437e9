// Package preflight looks, before anything is deployed, for what an account or a region
// would refuse half-way: each finding is a line with its remedy. It changes nothing, but
// for service-linked roles, which it makes where they are missing: AWS makes them with
// the first use, too late for that first use.
package preflight

import (
	"context"
	"fmt"
	"io"

	"taxistream/infra/awscli"
	"taxistream/infra/config"
	"taxistream/internal/flags"
)

// Main runs the verb with the arguments after it and gives its exit status.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("infra preflight", "looks at account and region for what would refuse a deployment, with the AWS CLI")
	options := config.Flags(set)
	set.Help("Give the options of the deployment; the context of cdk.json counts as well. It makes missing service-linked roles, and nothing else.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	values, err := options()
	if err != nil {
		return set.Fail(stderr, err)
	}
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
