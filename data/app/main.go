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
	"os"
	"os/signal"
	"syscall"

	"taxistream/internal/flags"
)

const help = `data: describes, prepares, generates and fetches taxi trips

usage: data VERB [flags] ...

  describe SOURCE...              rows, time span, defects and small histograms
  prepare -o FILE SOURCE...       any input as one sorted, compressed file that streams without being sorted again
  generate -o FILE DATE[/DAYS]    the same of generated New York days
  fetch YEAR-MONTH                a month of the TLC's trip records

A SOURCE is a file, folder, glob, s3://bucket/prefix, http(s) address or generate:DATE[/DAYS].
data VERB -h lists a verb's flags.
`

// Main runs the program and returns its exit status. The end of ctx is an
// orderly stop, like the first SIGINT or SIGTERM; a second signal ends at once.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	run := map[string]func(context.Context, []string, io.Writer, io.Writer) int{
		"describe": describe, "prepare": prepare, "generate": generate, "fetch": fetch,
	}[verb]
	switch {
	case run != nil:
		ctx, end := untilSignal(ctx)
		defer end()
		return run(ctx, args[1:], stdout, stderr)
	case verb == "-h" || verb == "--help" || verb == "-help" || verb == "help":
		fmt.Fprint(stdout, help)
		return 0
	case verb == "":
		fmt.Fprintln(stderr, "data: name a verb: describe, prepare, generate or fetch; see -h")
	default:
		fmt.Fprintf(stderr, "data: unknown verb %q; see -h\n", verb)
	}
	return flags.StatusUsage
}

// untilSignal ends the context at the first signal and the process at the
// second. Its goroutine ends with end.
func untilSignal(ctx context.Context) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-signals:
				if n > 0 {
					os.Exit(flags.StatusFailure)
				}
				cancel()
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
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
