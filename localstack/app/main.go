// Package app runs the whole pipeline on one machine: embedded Kinesis, embedded
// results store, producer and processor, in one process or as servers for
// others.
package app

import (
	"context"
	"io"

	"taxistream/internal/flags"
	"taxistream/internal/stop"
)

const help = `localstack: the whole pipeline on one machine

usage: localstack VERB [flags]

  demo    everything in one process: Kinesis, results store, producer, processor
  serve   only the embedded servers, for programs of their own
  tail    the stream's records, decoded, by shard
  query   answers from the results: top cells, one cell's day, a ride from a place
  export  pickup_count and trip_duration of any server, as sorted NDJSON

localstack help VERB, or VERB -h, lists a verb's flags; localstack completion bash|zsh|fish prints what completes them.
`

// Main runs the program and returns its exit status. The end of ctx is an orderly
// stop, like the first SIGINT or SIGTERM; a second signal ends at once.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	args, done, code := flags.Ask("localstack", args, stdout, stderr)
	if done {
		return code
	}
	program := flags.Program{Name: "localstack", Help: help, Verbs: []string{"demo", "serve", "tail", "query", "export"}}
	verb, code := program.Verb(args, stdout, stderr)
	if verb == "" {
		return code
	}
	const atOnce = "the next start goes on from the last checkpoint"
	return stop.Run(ctx, stop.Program{Name: "localstack", Stderr: stderr, AtOnce: atOnce}, func(told, life context.Context) int {
		switch verb {
		case "demo":
			return demo(told, life, args[1:], stdout, stderr)
		case "serve":
			return serve(told, args[1:], stdout, stderr)
		case "tail":
			return tail(told, args[1:], stdout, stderr)
		case "query":
			return query(told, args[1:], stdout, stderr)
		}
		return export(told, args[1:], stdout, stderr)
	})
}
