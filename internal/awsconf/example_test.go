package awsconf_test

import (
	"context"
	"fmt"

	"taxistream/internal/awsconf"
)

func ExampleLoad() {
	_, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: "localhost:4566"})
	fmt.Println(err)
	// Output: -endpoint "localhost:4566" is not a URL: write http://host:port
}
