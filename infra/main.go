// Command infra is the CDK app of the pipeline on AWS, and its cost estimate.
package main

import (
	"os"

	"taxistream/infra/app"
)

func main() {
	os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr))
}
