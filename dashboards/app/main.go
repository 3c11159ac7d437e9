// Package app is the dashboards command: it checks the saved objects of the
// "Taxi-Trips-Dashboard" and puts them in place.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"taxistream/dashboards/objects"
	"taxistream/internal/fault"
	"taxistream/internal/flags"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/stop"
)

const help = `dashboards: the dashboard in OpenSearch Dashboards

usage: dashboards VERB [flags]

  check [FILE]  whether the saved objects, or those of an NDJSON file, are sound
  import        put index templates and saved objects in place

dashboards help VERB, or VERB -h, lists a verb's flags; dashboards completion bash|zsh|fish prints what completes them.
`

// Main runs the program and returns its exit status.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	args, done, code := flags.Ask("dashboards", args, stdout, stderr)
	if done {
		return code
	}
	program := flags.Program{Name: "dashboards", Help: help, Verbs: []string{"check", "import"}}
	verb, code := program.Verb(args, stdout, stderr)
	switch verb {
	case "check":
		return check(args[1:], stdout, stderr)
	case "import":
		const atOnce = "not all may be in place; import again"
		return stop.Run(ctx, stop.Program{Name: "dashboards", Stderr: stderr, AtOnce: atOnce}, func(ctx, _ context.Context) int {
			return put(ctx, args[1:], stdout, stderr)
		})
	}
	return code
}

func check(args []string, stdout, stderr io.Writer) int {
	set := flags.New("dashboards check", "finds what OpenSearch Dashboards would refuse or draw wrongly")
	prefix := set.String("index-prefix", "", "`text` before every index name")
	set.TakeArgs("FILE")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	all := objects.Build(*prefix)
	switch files := set.Args(); len(files) {
	case 0:
	case 1:
		text, err := os.ReadFile(files[0])
		if err == nil {
			all, err = objects.Decode(text)
		}
		if err != nil {
			return set.Fail(stderr, fmt.Errorf("%s: %w", files[0], err))
		}
	default:
		return set.Usage(stderr, errors.New("name one file at most"))
	}
	faults := objects.Check(all, *prefix)
	for _, f := range faults {
		fmt.Fprintln(stdout, f)
	}
	if len(faults) > 0 {
		return set.Fail(stderr, fmt.Errorf("%d faults in %d objects", len(faults), len(all)))
	}
	fmt.Fprintf(stdout, "%d objects, no fault\n", len(all))
	return 0
}

func put(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("dashboards import", "puts index templates and saved objects in place, reads them back, and prints the dashboard's address")
	endpoint := set.String("endpoint", "", "`URL` of OpenSearch Dashboards, on AWS with its /_dashboards; user:password@ in it is basic authentication")
	set.Need("endpoint")
	search := set.String("opensearch-endpoint", "", "`URL` of OpenSearch, to put the index templates too")
	prefix := set.String("index-prefix", "", "`text` before every index name")
	sign := set.String("sign", "", "sign requests for the AWS service `es` or aoss; by default by the endpoint's name")
	region := set.String("region", "", "AWS `region`, to sign for")
	from := set.String("from", "", "the `time` that the dashboard begins with, RFC 3339 or relative as in now-24h; by default the generated day of make up")
	to := set.String("to", "now", "the `time` that it ends with, where -from is given")
	set.Help(opensearch.Help)
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	all := objects.Build(*prefix)
	if *from != "" {
		if err := objects.Between(all, *from, *to); err != nil {
			return set.Usage(stderr, fmt.Errorf("-from, -to: %w", err))
		}
	}
	if err := results.ValidatePrefix(*prefix); err != nil {
		return set.Usage(stderr, fmt.Errorf("-index-prefix: %w", err))
	}
	connect := func(url string) (*opensearch.Client, error) {
		o := opensearch.Options{Endpoint: url, Sign: *sign, OnTrouble: func(m string) { fmt.Fprintln(stderr, "dashboards import: "+m) }}
		return opensearch.Open(ctx, o, *region)
	}
	waiting, cancel := fault.Start(ctx, 0)
	defer cancel()
	address, err := place(waiting, connect, *endpoint, *search, *prefix, all)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(stderr, "dashboards import: stopped; not all may be in place: import again")
		return 0
	}
	if err != nil {
		return set.Fail(stderr, err)
	}
	fmt.Fprintln(stdout, address)
	return 0
}

// place puts templates and objects in place and returns the dashboard's address.
func place(ctx context.Context, connect func(string) (*opensearch.Client, error), endpoint, search, prefix string, all []objects.Object) (string, error) {
	dashboards, err := connect(endpoint)
	if err != nil {
		return "", err
	}
	defer dashboards.Close()
	if search != "" {
		store, err := connect(search)
		if err != nil {
			return "", err
		}
		defer store.Close()
		if err := results.PutTemplates(ctx, store, prefix, nil, nil); err != nil {
			return "", err
		}
	}
	if err := objects.Import(ctx, dashboards, all); err != nil {
		return "", err
	}
	return objects.Address(dashboards.Endpoint(), prefix), nil
}
