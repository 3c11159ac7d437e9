package kinesis_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis"
)

// User records that are packed into one Kinesis record come out of it in their order.
func ExampleAggregator() {
	a := kinesis.NewAggregator(1 << 20)
	for _, user := range []string{"one", "two"} {
		a.Add([]byte("key"), []byte(user))
	}
	record := a.AppendTo(nil)
	fmt.Println(kinesis.IsAggregate(record))
	err := kinesis.Deaggregate(record, func(data []byte) { fmt.Printf("%s\n", data) })
	fmt.Println(err)
	record[20] ^= 1
	fmt.Println(kinesis.Deaggregate(record, func([]byte) {}))
	// Output:
	// true
	// one
	// two
	// <nil>
	// bad KPL aggregate: the checksum is wrong
}

func ExampleClassify() {
	fmt.Println(kinesis.Classify(&types.ExpiredIteratorException{}) == kinesis.Expired)
	fmt.Println(kinesis.Classify(&types.ResourceNotFoundException{}) == kinesis.Fatal)
	// Output:
	// true
	// true
}
