package kinesis_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis"
)

// User records that are packed into one Kinesis record come out of it in their order.
func ExampleAggregator() {
	a := kinesis.NewAggregator(1<<20, "0")
	for _, user := range []string{"one", "two"} {
		a.Add([]byte("key"), []byte(user))
	}
	record := a.AppendTo(nil)
	kinesis.Seal([][]byte{record})
	fmt.Println(kinesis.IsAggregate(record))
	show := func(_ int, users [][]byte, err error) { fmt.Printf("%q %v\n", users, err) }
	kinesis.Deaggregate([]types.Record{{Data: record}, {Data: []byte("alone")}}, show)
	record[20] ^= 1
	kinesis.Deaggregate([]types.Record{{Data: record}}, show)
	// Output:
	// true
	// ["one" "two"] <nil>
	// ["alone"] <nil>
	// [] bad KPL aggregate: the checksum is wrong
}

// A stream may be given by its name or by its ARN.
func ExampleStreamName() {
	for _, text := range []string{"trips", "arn:aws:kinesis:eu-west-1:123456789012:stream/trips"} {
		fmt.Println(kinesis.StreamName(text), kinesis.StreamRegion(text), kinesis.CheckStream(text, ""))
	}
	// Output:
	// trips  <nil>
	// trips eu-west-1 <nil>
}
