// Package app runs the whole pipeline on one machine: embedded Kinesis, embedded
// results store, producer and processor, in one process or as servers for
// others.
package app

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"taxistream/internal/flags"
)

const help = `localstack: the whole pipeline on one machine

usage: localstack VERB [flags]

  demo    everything in one process: Kinesis, results store, producer, processor
  serve   only the embedded servers, for programs of their own
  export  pickup_count and trip_duration of any server, as sorted NDJSON

localstack VERB -h lists a verb's flags.
`

// Main runs the program and returns its exit status.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	program := flags.Program{Name: "localstack", Help: help, Verbs: []string{"demo", "serve", "export"}}
	verb, code := program.Verb(args, stdout, stderr)
	switch verb {
	case "demo":
		return demo(ctx, args[1:], stdout, stderr)
	case "serve":
		return serve(ctx, args[1:], stdout, stderr)
	case "export":
		return export(ctx, args[1:], stdout, stderr)
	}
	return code
}

// interrupts is told of SIGINT and SIGTERM until stop.
func interrupts() (signals chan os.Signal, stop func()) {
	signals = make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return signals, func() { signal.Stop(signals) }
}
