// Command programs is producer, processor, localstack, data and dashboards in one file, as the container image
// has them: what they share is there once. The name that it is called by says which one it is; each has a link.
package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	dashboards "taxistream/dashboards/app"
	data "taxistream/data/app"
	localstack "taxistream/localstack/app"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

var programs = map[string]func(ctx context.Context, args []string, stdout, stderr io.Writer) int{
	"dashboards": dashboards.Main,
	"data":       data.Main,
	"localstack": localstack.Main,
	"processor":  processor.Main,
	"producer":   producer.Main,
}

func main() { os.Exit(run(os.Args, os.Stdout, os.Stderr)) }

func run(line []string, stdout, stderr io.Writer) int {
	name := filepath.Base(line[0])
	if program := programs[name]; program != nil {
		return program(context.Background(), line[1:], stdout, stderr)
	}
	fmt.Fprintf(stderr, "%s: no program has this name: call it as %s\n", name, strings.Join(slices.Sorted(maps.Keys(programs)), ", "))
	return 2
}
