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
	"taxistream/infra/replay"
	"taxistream/internal/flags"
	"taxistream/internal/stop"
)

const usage = `infra: the pipeline on AWS, its options and its cost

usage: infra            the CDK app; cdk calls it (npx cdk deploy --all, in infra/)
       infra options    every option for -c name=value, with its default
       infra cost       what a deployment costs, and what each lever changes (-c name=value)
       infra replay     starts the producer on the deployed stream (-source, -speedup)
`

// Main runs the program and gives its exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		if err := synth(stderr); err != nil {
			return flags.Fail("infra", stderr, err)
		}
		return 0
	}
	program := flags.Program{Name: "infra", Help: usage, Verbs: []string{"options", "cost", "replay"}}
	verb, code := program.Verb(args, stdout, stderr)
	switch verb {
	case "options":
		return options(args[1:], stdout, stderr)
	case "cost":
		return cost.Main(args[1:], stdout, stderr)
	case "replay":
		const atOnce = "a task may have been started: aws ecs list-tasks shows it"
		return stop.Run(context.Background(), stop.Program{Name: "infra", Stderr: stderr, AtOnce: atOnce}, func(ctx, _ context.Context) int {
			return replay.Main(ctx, args[1:], stdout, stderr)
		})
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
