// Package replay starts the producer's task on a deployment, by the AWS CLI: the
// stacks' outputs say where. It promises that one producer at a time runs, as far
// as ECS knows, and that what is missing is said in one line. It changes nothing
// but to start the task, and waits for nothing: the task goes on without it.
//
// The package calls no AWS API by itself, so the credentials are the CLI's.
package replay

import (
	"context"
	"fmt"
	"io"

	"taxistream/infra/awscli"
	"taxistream/infra/config"
	"taxistream/internal/flags"
)

// options are the command line.
type options struct {
	name, region    string
	source, speedup string   // empty: as deployed
	more            []string // further flags of the producer
}

// Main runs the verb with the arguments after it and gives its exit status.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("infra replay", "starts the producer on the deployed stream, with the AWS CLI")
	name := set.String("name", config.Default().Name, "what begins the stacks' `names`")
	region := set.String("region", "", "AWS `region`; by default the AWS CLI's")
	source := set.String("source", "", "s3://bucket/prefix, https://… or generate:DATE[/DAYS]; by default producer.source of the deployment, whose bucket alone the task may read")
	speedup := set.String("speedup", "", "event `time` over wall-clock time; by default producer.speedup of the deployment")
	set.TakeArgs("-- FLAG...")
	set.Help("What follows -- are further flags of the producer, such as -- -until 2016-01-05T12:00.\n" +
		"Trips older than those already sent count as late: a second replay sends later days, or goes to another stream.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	o := options{name: *name, region: *region, source: *source, speedup: *speedup, more: set.Args()}
	started, err := start(ctx, awscli.In(o.region), o)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(stderr, "infra replay: stopped; aws ecs list-tasks shows whether a task was started")
		return 0
	}
	if err != nil {
		return set.Fail(stderr, err)
	}
	fmt.Fprintf(stdout, "started  %s\nits log  aws logs tail %s --follow\nstop it  aws ecs stop-task --cluster %s --task %s\n",
		started.task, started.logs, started.cluster, started.task)
	return 0
}
