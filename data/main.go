// Command data describes, prepares, generates and fetches taxi trips.
package main

import (
	"context"
	"os"

	"taxistream/data/app"
)

func main() { os.Exit(app.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
