// Scenario runs scenario files of the engine, prints each difference between what a file
// says and what came, and exits 1 if there is any. Their form is in
// engine/enginetest/scenarios.md.
//
//	go run ./engine/enginetest/scenario [-rewrite] FILE…
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"taxistream/engine/enginetest"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) (code int) {
	flags := flag.NewFlagSet("scenario", flag.ContinueOnError)
	write := flags.Bool("rewrite", false, "write what came of each step into the file, instead of comparing")
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "Usage: scenario [-rewrite] FILE…\n\nRuns scenario files of the engine, prints each difference and exits 1 if there is any.\n"+
			"The form of a file is in engine/enginetest/scenarios.md. A case begins with one of\n  %s\n\n", strings.Join(enginetest.Kinds(), "\n  "))
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	differ := 0
	for _, path := range flags.Args() {
		n, err := runOne(path, *write)
		if err != nil {
			fmt.Fprintln(os.Stderr, "scenario:", err)
			n++
		}
		if n > 0 {
			differ++
		}
	}
	fmt.Printf("%d of %d files as they say\n", flags.NArg()-differ, flags.NArg())
	if differ > 0 {
		return 1
	}
	return 0
}

func runOne(path string, write bool) (differences int, err error) {
	if write {
		return 0, enginetest.RewriteFile(context.Background(), path)
	}
	found, err := enginetest.RunFile(context.Background(), path)
	for _, d := range found {
		fmt.Println(d)
	}
	return len(found), err
}
