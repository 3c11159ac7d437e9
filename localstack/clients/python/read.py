"""Reads a whole stream with boto3 and prints the trip ids, one a line: read.py KINESIS STREAM.

Aggregates are taken apart by aws-kinesis-agg; what lies outside the shard's range of hash keys
is dropped, as KCL does it.
"""

import base64
import hashlib
import json
import sys

import boto3
from aws_kinesis_agg.deaggregator import iter_deaggregate_records

url, stream = sys.argv[1:]
client = boto3.client(
    "kinesis", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
)


def records(shard):
    """All records of a shard."""
    start = client.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    where = start["ShardIterator"]
    while where:
        answer = client.get_records(ShardIterator=where)
        yield from answer["Records"]
        if not answer["Records"] and answer["MillisBehindLatest"] == 0:
            return
        where = answer.get("NextShardIterator")


for page in client.get_paginator("list_shards").paginate(StreamName=stream):
    for shard in page["Shards"]:
        first, last = (int(shard["HashKeyRange"][end]) for end in ("StartingHashKey", "EndingHashKey"))
        for user in iter_deaggregate_records(list(records(shard["ShardId"])), data_format="Boto3"):
            user, data = user["kinesis"], user["kinesis"]["data"]
            if user.get("aggregated"):
                data = base64.b64decode(data)
                key = user["explicitHashKey"] or int(hashlib.md5(user["partitionKey"].encode()).hexdigest(), 16)
                if not first <= int(key) <= last:
                    continue
            event = json.loads(data)
            if event["type"] == "trip":
                print(event["trip_id"])
