// Command localstack runs the whole pipeline on one machine.
package main

import (
	"context"
	"os"

	"taxistream/localstack/app"
)

func main() { os.Exit(app.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
