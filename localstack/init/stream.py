"""Creates the stream of localstack/compose.yaml once LocalStack is ready, and the bucket of its checkpoints: both are forgotten together."""

import boto3

def client(service):
    return boto3.client(
        service,
        endpoint_url="http://localhost:4566",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


client("s3").create_bucket(Bucket="checkpoints")
kinesis = client("kinesis")
kinesis.create_stream(StreamName="taxi-trip-events", ShardCount=4)
kinesis.get_waiter("stream_exists").wait(StreamName="taxi-trip-events", WaiterConfig={"Delay": 1})
