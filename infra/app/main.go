// Package app is the CDK app: the pipeline on AWS as stacks that can be deployed
// one by one, in the order of New. Each construct has a file of its own; every
// option is in infra/config.
//
// The CDK runs in a Node process that jsii starts; New and what it calls panic
// where the CDK refuses something, and Main turns that into one line.
package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
	"taxistream/infra/cost"
	"taxistream/infra/operate"
	"taxistream/infra/preflight"
	"taxistream/infra/replay"
	"taxistream/internal/flags"
	"taxistream/internal/stop"
)

const usage = `infra: the pipeline on AWS, its options and its cost

usage: infra            the CDK app; cdk calls it (npx cdk deploy --all, in infra/)
       infra options    every option for -c name=value, with its default
       infra cost       what a deployment costs, and what each lever changes (-c name=value)
       infra preflight  whether account and region would refuse the deployment (-c name=value)
       infra replay     starts the producer on the deployed stream (-source, -speedup)
       infra stop       no task and the fewest shards; start brings both back
       infra start      what stop has stopped
       infra room       the deployed control room on this machine, by a port forward
       infra search     one signed request to the domain (GET /_cat/allocation)
`

// Main runs the program and gives its exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		if err := synth(stderr); err != nil {
			return flags.Fail("infra", stderr, err)
		}
		return 0
	}
	args, done, code := flags.Ask("infra", args, stdout, stderr)
	if done {
		return code
	}
	program := flags.Program{Name: "infra", Help: usage, Verbs: []string{"options", "cost", "preflight", "replay", "stop", "start", "search", "room"}}
	verb, code := program.Verb(args, stdout, stderr)
	// What asks AWS can be interrupted; atOnce says what may then be half done.
	asking := func(atOnce string, run func(ctx context.Context) int) int {
		return stop.Run(context.Background(), stop.Program{Name: "infra", Stderr: stderr, AtOnce: atOnce}, func(ctx, _ context.Context) int { return run(ctx) })
	}
	const again = "what AWS was told goes on; call it again"
	switch verb {
	case "options":
		return options(args[1:], stdout, stderr)
	case "cost":
		return cost.Main(args[1:], stdout, stderr)
	case "preflight":
		return asking("nothing was changed but service-linked roles", func(ctx context.Context) int { return preflight.Main(ctx, args[1:], stdout, stderr) })
	case "replay":
		return asking("a task may have been started: aws ecs list-tasks shows it", func(ctx context.Context) int { return replay.Main(ctx, args[1:], stdout, stderr) })
	case "stop":
		return asking(again, func(ctx context.Context) int { return operate.Stop(ctx, args[1:], stdout, stderr) })
	case "start":
		return asking(again, func(ctx context.Context) int { return operate.Start(ctx, args[1:], stdout, stderr) })
	case "room":
		return asking("the forward has ended", func(ctx context.Context) int { return operate.Room(ctx, args[1:], stdout, stderr) })
	case "search":
		return asking("the request may have been done", func(ctx context.Context) int { return operate.Search(ctx, args[1:], os.Stdin, stdout, stderr) })
	}
	return code
}

// closeRuntime ends the Node process. jsii waits for it twice and reports the
// second time on os.Stderr as an abnormal end, which it is not; Main writes to
// the stderr that it was given.
func closeRuntime() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

// synth writes the templates where the cdk command wants them.
func synth(stderr io.Writer) (err error) {
	defer closeRuntime()
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("synthesis: %v", fault)
		}
	}()
	app := awscdk.NewApp(nil)
	cfg, err := loadContext(app)
	if err == nil {
		err = checkFunctions(cfg)
	}
	if err != nil {
		return err
	}
	New(app, cfg)
	app.Synth(nil)
	if cfg.Local {
		return leaveOut(*app.Outdir(), stderr)
	}
	return nil
}

// loadContext reads the configuration from cdk.json's context and from -c.
func loadContext(app awscdk.App) (config.Config, error) {
	values, _ := app.Node().GetAllContext(nil).(map[string]any)
	cfg, err := config.Load(values)
	if cfg.Region == "" {
		cfg.Region = os.Getenv("CDK_DEFAULT_REGION")
	}
	return cfg, err
}

func options(args []string, stdout, stderr io.Writer) int {
	set := flags.New("infra options", "lists every option for -c name=value, with its default")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, o := range config.Options() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", o.Key, o.Default, o.Doc, o.Change)
	}
	w.Flush()
	return 0
}
