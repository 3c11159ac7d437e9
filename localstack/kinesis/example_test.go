package kinesis_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/localstack/kinesis"
)

func Example() {
	server, err := kinesis.New(kinesis.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = server.Close() }()
	if err := server.CreateStream("taxi-trip-events", 8); err != nil {
		fmt.Println(err)
		return
	}
	url, err := server.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	client := sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	out, err := client.PutRecord(context.Background(), &sdk.PutRecordInput{
		StreamName: aws.String("taxi-trip-events"), PartitionKey: aws.String("4711"), Data: []byte("a trip\n"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*out.ShardId, server.Stats().PutRecords)
	// Output: shardId-000000000005 1
}
