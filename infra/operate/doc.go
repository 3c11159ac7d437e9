// Package operate has the verbs for a deployment that is there: stop and start, a request
// to its domain, a look at its control room. They act by the AWS CLI; the stacks' outputs
// say where.
package operate

import (
	"context"
	"fmt"
	"io"
	"time"

	"taxistream/infra/awscli"
	"taxistream/infra/config"
	"taxistream/internal/flags"
)

// A deployment is one as the command line names it.
type deployment struct {
	name, region string
	call         awscli.Call
	say          io.Writer
	pause        time.Duration // between two looks at what changes
}

// place adds the flags that name a deployment; the function is called once they are parsed.
func place(set *flags.Set, stdout io.Writer) func() *deployment {
	name := set.String("name", config.Default().Name, "what begins the stacks' `names`")
	region := set.String("region", "", "AWS `region`; by default the AWS CLI's")
	return func() *deployment {
		return &deployment{name: *name, region: *region, call: awscli.In(*region), say: stdout, pause: 10 * time.Second}
	}
}

func (d *deployment) printf(format string, args ...any) { fmt.Fprintf(d.say, format+"\n", args...) }

// verb runs one that needs no arguments but the deployment's name.
func verb(ctx context.Context, name, does, help string, args []string, stdout, stderr io.Writer, run func(context.Context, *deployment) error) int {
	set := flags.New("infra "+name, does)
	where := place(set, stdout)
	set.Help(help)
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	err := run(ctx, where())
	if err != nil && ctx.Err() != nil {
		fmt.Fprintf(stderr, "infra %s: stopped half-way; call it again to go on\n", name)
		return flags.StatusFailure
	}
	if err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}
