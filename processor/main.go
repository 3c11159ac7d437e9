// Command processor counts taxi trips from a Kinesis stream into OpenSearch.
package main

import (
	"context"
	"os"

	"taxistream/processor/app"
)

func main() { os.Exit(app.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
