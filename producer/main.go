// The producer replays taxi trips into a Kinesis stream; see package app.
package main

import (
	"context"
	"os"

	"taxistream/producer/app"
)

func main() {
	os.Exit(app.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
