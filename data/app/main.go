// Package app is the data program: it says what is in trip files (describe),
// sorts them once into a file that streams ever after (prepare), makes days up
// (generate) and downloads the TLC's (fetch).
//
// Files are written under another name and renamed when they are whole; what a
// stopped or failed run leaves is a download's part, which the next one goes on
// with. All verbs work in bounded memory.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"taxistream/internal/flags"
	"taxistream/internal/stop"
)

const help = `data: describes, prepares, generates and fetches taxi trips

usage: data VERB [flags] ...

  describe SOURCE...              rows, time span, defects and small histograms
  prepare -o FILE SOURCE...       any input as one sorted, compressed file that streams without being sorted again
  generate -o FILE DATE[/DAYS]    the same of generated New York days
  fetch YEAR-MONTH                a month of the TLC's trip records

A SOURCE is a file, a folder with all below it, a glob, s3://bucket/prefix, an http(s) address or generate:DATE[/DAYS].
Of folders, globs and prefixes names that begin with _ or . are left out; each file is read once.
data help VERB, or VERB -h, lists a verb's flags; data completion bash|zsh|fish prints what completes them.
`

// Main runs the program and returns its exit status. The end of ctx is an
// orderly stop, like the first SIGINT or SIGTERM; a second signal ends at once.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	args, done, code := flags.Ask("data", args, stdout, stderr)
	if done {
		return code
	}
	program := flags.Program{Name: "data", Help: help, Verbs: []string{"describe", "prepare", "generate", "fetch"}}
	verb, code := program.Verb(args, stdout, stderr)
	if verb == "" {
		return code
	}
	run := map[string]func(context.Context, []string, io.Writer, io.Writer) int{
		"describe": describe, "prepare": prepare, "generate": generate, "fetch": fetch,
	}[verb]
	return stop.Run(ctx, stop.Program{Name: "data", Stderr: stderr, AtOnce: "what it was writing is not whole"}, func(ctx, _ context.Context) int {
		return run(ctx, args[1:], stdout, stderr)
	})
}

// finish turns the outcome of a verb into a status. To be stopped is no
// failure; left says what there is now.
func finish(ctx context.Context, set *flags.Set, stderr io.Writer, err error, left string) int {
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintf(stderr, "data: stopped; %s\n", left)
		return 0
	}
	return set.Fail(stderr, err)
}

// newSet is a verb's command line. Its errors begin with the program's name.
func newSet(verb, synopsis string) *flags.Set { return flags.New("data "+verb, synopsis) }
