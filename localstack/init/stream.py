"""Creates the stream of localstack/compose.yaml once LocalStack is ready."""

import boto3

kinesis = boto3.client(
    "kinesis",
    endpoint_url="http://localhost:4566",
    region_name="us-east-1",
    aws_access_key_id="local",
    aws_secret_access_key="local",
)
kinesis.create_stream(StreamName="taxi-trip-events", ShardCount=4)
kinesis.get_waiter("stream_exists").wait(StreamName="taxi-trip-events", WaiterConfig={"Delay": 1})
