package source_test

import (
	"fmt"

	"taxistream/processor/source"
)

func ExampleParsePosition() {
	p, err := source.ParsePosition("AT_TIMESTAMP=2016-01-05T12:00:00Z")
	fmt.Println(p.Kind, p.Time.UTC(), err)
	_, err = source.ParsePosition("START")
	fmt.Println(err)
	// Output:
	// AT_TIMESTAMP 2016-01-05 12:00:00 +0000 UTC <nil>
	// choose TRIM_HORIZON, LATEST or AT_TIMESTAMP=2016-01-05T12:00:00Z
}
