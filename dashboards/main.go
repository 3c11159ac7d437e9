// Command dashboards checks the saved objects of OpenSearch Dashboards and puts
// them in place.
package main

import (
	"context"
	"os"

	"taxistream/dashboards/app"
)

func main() { os.Exit(app.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
