package integration

// Shards of a stream of two.
const (
	lastKey  = `"340282366920938463463374607431768211455"`
	halfKey  = `"170141183460469231731687303715884105728"`
	underKey = `"170141183460469231731687303715884105727"`
	lessKey  = `"170141183460469231731687303715884105726"`
)

func streamCases() []kinesisCase {
	return []kinesisCase{
		{"create describe and delete a stream", 0, []step{
			ask("CreateStream", `{"StreamName":"${s}","ShardCount":2}`, ok("")),
			soon(ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"StreamStatus":"CREATING"}}`))),
			settle(),
			ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"StreamName":"${s}","StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/${s}",
				"StreamStatus":"ACTIVE","StreamModeDetails":{"StreamMode":"PROVISIONED"},"RetentionPeriodHours":24,"StreamCreationTimestamp":">0",
				"EnhancedMonitoring":[{"ShardLevelMetrics":[]}],"EncryptionType":"NONE","OpenShardCount":2,"ConsumerCount":0}}`)),
			ask("DescribeStream", `{"StreamName":"${s}"}`, twoShards(underKey, halfKey), on(localStack, twoShards(lessKey, underKey), undivided)),
			ask("DeleteStream", `{"StreamName":"${s}"}`, ok("")),
			gone("${s}"),
			ask("DescribeStream", `{"StreamName":"${s}"}`, fails(notFound)),
		}},
		{"a stream that is being created", 0, []step{
			ask("CreateStream", `{"StreamName":"${s}","ShardCount":1}`, ok("")),
			soon(ask("CreateStream", `{"StreamName":"${s}","ShardCount":1}`, fails(inUse))),
			soon(ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"5"}`, fails(inUse))),
			soon(ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`, fails(inUse))),
		}},
		{"bounds of CreateStream", 1, []step{
			ask("CreateStream", `{"ShardCount":1,"StreamName":"${s}"}`, fails(inUse)),
			ask("CreateStream", `{"StreamName":"a b","ShardCount":1}`, fails(validation), asArgument),
			ask("CreateStream", `{"StreamName":"","ShardCount":1}`, fails(validation), asArgument),
			ask("CreateStream", `{"StreamName":"${key:129}","ShardCount":1}`, fails(validation), asArgument),
			ask("CreateStream", `{"StreamName":"${s}-a","ShardCount":0}`, fails(validation), on(localStack, fails(limitExceeded), "kinesis-mock takes any wrong count for one above the limit")),
			ask("CreateStream", `{"StreamName":"${s}-a","ShardCount":-1}`, fails(validation), on(localStack, fails(limitExceeded), "kinesis-mock takes any wrong count for one above the limit")),
			ask("CreateStream", `{"StreamName":"${s}-a","ShardCount":1000000}`, fails(limitExceeded)),
			ask("CreateStream", `{"StreamName":"${s}-a","StreamModeDetails":{"StreamMode":"SOMETIMES"}}`, fails(validation), undecodable),
			ask("CreateStream", `{"ShardCount":1}`, fails(validation), undecodable),
		}},
		{"an on-demand stream", 0, []step{
			ask("CreateStream", `{"StreamName":"${s}","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, ok("")),
			settle(),
			ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"OpenShardCount":4,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}}`)),
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":8,"ScalingType":"UNIFORM_SCALING"}`, fails(validation), on(localStack, ok(""), "kinesis-mock reshards on-demand streams on request; the service refuses")),
		}},
		{"operations on a stream that is not there", 0, noStream()},
		{"a stream by its address", 1, []step{
			ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"StreamARN":"@arn"}}`)),
			ask("DescribeStreamSummary", `{"StreamARN":"${arn}"}`, ok(`{"StreamDescriptionSummary":{"StreamName":"${s}"}}`)),
			ask("ListShards", `{"StreamARN":"${arn}"}`, ok(`{"Shards":"#1"}`)),
			ask("PutRecord", `{"StreamARN":"${arn}","PartitionKey":"k","Data":"aGk="}`, ok(`{"ShardId":"shardId-000000000000"}`)),
			ask("GetShardIterator", `{"StreamARN":"${arn}","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`, ok(`{"ShardIterator":"@i"}`)),
			ask("GetRecords", `{"StreamARN":"${arn}","ShardIterator":"${i}"}`, ok(`{"Records":"#1"}`)),
			ask("DescribeStreamSummary", `{"StreamARN":"${arn}-none"}`, fails(notFound)),
		}},
		{"pages of ListStreams", 1, []step{
			ask("CreateStream", `{"StreamName":"${s}-b","ShardCount":1}`, ok("")),
			settleOther("${s}-b"),
			ask("CreateStream", `{"StreamName":"${s}-a","ShardCount":1}`, ok("")),
			settleOther("${s}-a"),
			ask("ListStreams", `{"ExclusiveStartStreamName":"${s}","Limit":1}`, ok(`{"StreamNames":["${s}-a"],"HasMoreStreams":true,"NextToken":"@next",
				"StreamSummaries":[{"StreamName":"${s}-a","StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/${s}-a","StreamStatus":"ACTIVE","StreamModeDetails":{"StreamMode":"PROVISIONED"},"StreamCreationTimestamp":">0"}]}`),
				on(localStack, ok(`{"StreamNames":["${s}-a"],"HasMoreStreams":true,"NextToken":"-","StreamSummaries":"-"}`), "kinesis-mock gives neither NextToken nor StreamSummaries")),
			ask("ListStreams", `{"NextToken":"${next}","Limit":1}`, ok(`{"StreamNames":["${s}-b"],"HasMoreStreams":false,"NextToken":"-"}`), skipped(localStack, "it gave no NextToken")),
			ask("ListStreams", `{"ExclusiveStartStreamName":"${s}-a","Limit":1}`, ok(`{"StreamNames":["${s}-b"]}`)),
			ask("ListStreams", `{"Limit":0}`, fails(validation), asArgument),
			ask("ListStreams", `{"Limit":10001}`, fails(validation), asArgument),
		}},
		{"pages of DescribeStream", 3, []step{
			ask("DescribeStream", `{"StreamName":"${s}","Limit":2}`, ok(`{"StreamDescription":{"HasMoreShards":true,"Shards":"#2"}}`)),
			ask("DescribeStream", `{"StreamName":"${s}","ExclusiveStartShardId":"shardId-000000000001"}`, ok(`{"StreamDescription":{"HasMoreShards":false,"Shards":[{"ShardId":"shardId-000000000002"}]}}`)),
			ask("DescribeStream", `{"StreamName":"${s}","ExclusiveStartShardId":"shardId-000000000002"}`, ok(`{"StreamDescription":{"HasMoreShards":false,"Shards":[]}}`)),
			ask("DescribeStream", `{"StreamName":"${s}","Limit":0}`, fails(validation), asArgument),
			ask("DescribeStream", `{"StreamName":"${s}","Limit":10001}`, fails(validation), asArgument),
		}},
		{"requests that are none", 0, []step{
			ask("NoSuchOperation", `{}`, fails("UnknownOperationException"), on(localStack, answer{status: 500, code: "InternalError"}, "LocalStack's gateway fails on what it cannot parse, with status 500")),
			ask("DescribeStream", `{"StreamName":`, fails("SerializationException"), on(localStack, answer{status: 500, code: "InternalError"}, "LocalStack's gateway fails on what it cannot parse, with status 500")),
			ask("DescribeStream", `{"StreamName":7}`, fails("SerializationException")),
			ask("DescribeStream", `{}`, fails(validation), asArgument),
		}},
		{"consumers of enhanced fan-out", 1, []step{
			ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"StreamARN":"@arn"}}`)),
			ask("ListStreamConsumers", `{"StreamARN":"${arn}"}`, ok(`{"Consumers":[]}`)),
			ask("RegisterStreamConsumer", `{"StreamARN":"${arn}","ConsumerName":"c"}`, ok(`{"Consumer":{"ConsumerName":"c","ConsumerARN":"@consumer","ConsumerStatus":"CREATING","ConsumerCreationTimestamp":">0"}}`)),
			ask("RegisterStreamConsumer", `{"StreamARN":"${arn}","ConsumerName":"c"}`, fails("ResourceInUseException")),
			ask("DescribeStreamConsumer", `{"ConsumerARN":"${consumer}"}`, ok(`{"ConsumerDescription":{"ConsumerName":"c","ConsumerARN":"${consumer}","StreamARN":"${arn}"}}`)),
			ask("ListStreamConsumers", `{"StreamARN":"${arn}"}`, ok(`{"Consumers":[{"ConsumerName":"c","ConsumerARN":"${consumer}"}]}`)),
			second(), // LocalStack's consumer is ACTIVE after half a second
			ask("DeregisterStreamConsumer", `{"StreamARN":"${arn}","ConsumerName":"c"}`, answer{status: 200}),
			ask("DescribeStreamConsumer", `{"StreamARN":"${arn}","ConsumerName":"none"}`, fails("ResourceNotFoundException")),
		}},
	}
}

// twoShards describes a new stream with the end of its first shard and the
// start of its second.
func twoShards(end, start string) answer {
	return ok(`{"StreamDescription":{"StreamName":"${s}","StreamStatus":"ACTIVE","HasMoreShards":false,"RetentionPeriodHours":24,"Shards":[
		{"ShardId":"shardId-000000000000","ParentShardId":"-","AdjacentParentShardId":"-","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":` + end + `},"SequenceNumberRange":{"StartingSequenceNumber":">0","EndingSequenceNumber":"-"}},
		{"ShardId":"shardId-000000000001","HashKeyRange":{"StartingHashKey":` + start + `,"EndingHashKey":` + lastKey + `},"SequenceNumberRange":{"StartingSequenceNumber":">0"}}]}}`)
}

// noStream asks everything that names a stream about one that was never made.
func noStream() []step {
	var steps []step
	for _, s := range [][2]string{
		{"DescribeStream", ``},
		{"DescribeStreamSummary", ``},
		{"ListShards", ``},
		{"DeleteStream", ``},
		{"PutRecord", `,"PartitionKey":"k","Data":""`},
		{"PutRecords", `,"Records":[{"PartitionKey":"k","Data":""}]`},
		{"GetShardIterator", `,"ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"`},
		{"SplitShard", `,"ShardToSplit":"shardId-000000000000","NewStartingHashKey":"5"`},
		{"MergeShards", `,"ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"`},
		{"UpdateShardCount", `,"TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"`},
		{"IncreaseStreamRetentionPeriod", `,"RetentionPeriodHours":48`},
		{"DecreaseStreamRetentionPeriod", `,"RetentionPeriodHours":24`},
		{"AddTagsToStream", `,"Tags":{"a":"b"}`},
		{"RemoveTagsFromStream", `,"TagKeys":["a"]`},
		{"ListTagsForStream", ``},
	} {
		steps = append(steps, ask(s[0], `{"StreamName":"${s}"`+s[1]+`}`, fails(notFound)))
	}
	return steps
}

func settingsCases() []kinesisCase {
	return []kinesisCase{
		{"tags", 1, []step{
			ask("ListTagsForStream", `{"StreamName":"${s}"}`, ok(`{"Tags":[],"HasMoreTags":false}`)),
			ask("AddTagsToStream", `{"StreamName":"${s}","Tags":{"b":"2","a":"1","c":""}}`, ok("")),
			ask("ListTagsForStream", `{"StreamName":"${s}"}`, ok(`{"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"},{"Key":"c","Value":""}],"HasMoreTags":false}`)),
			ask("ListTagsForStream", `{"StreamName":"${s}","Limit":2}`, ok(`{"Tags":[{"Key":"a"},{"Key":"b"}],"HasMoreTags":true}`)),
			ask("ListTagsForStream", `{"StreamName":"${s}","ExclusiveStartTagKey":"b"}`, ok(`{"Tags":[{"Key":"c"}],"HasMoreTags":false}`)),
			ask("AddTagsToStream", `{"StreamName":"${s}","Tags":{"a":"new"}}`, ok("")),
			ask("RemoveTagsFromStream", `{"StreamName":"${s}","TagKeys":["b","not there"]}`, ok("")),
			ask("ListTagsForStream", `{"StreamName":"${s}"}`, ok(`{"Tags":[{"Key":"a","Value":"new"},{"Key":"c","Value":""}]}`)),
			ask("AddTagsToStream", `{"StreamName":"${s}","Tags":{}}`, fails(validation), unchecked),
			ask("AddTagsToStream", `{"StreamName":"${s}","Tags":{"${key:129}":"1"}}`, fails(validation), asArgument),
			ask("AddTagsToStream", `{"StreamName":"${s}","Tags":{"a":"${key:257}"}}`, fails(validation), asArgument),
			ask("RemoveTagsFromStream", `{"StreamName":"${s}","TagKeys":[]}`, fails(validation), unchecked),
			ask("ListTagsForStream", `{"StreamName":"${s}","Limit":51}`, fails(validation), unchecked),
		}},
		{"retention", 1, []step{
			ask("IncreaseStreamRetentionPeriod", `{"StreamName":"${s}","RetentionPeriodHours":48}`, ok("")),
			settle(),
			ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"RetentionPeriodHours":48}}`)),
			ask("IncreaseStreamRetentionPeriod", `{"StreamName":"${s}","RetentionPeriodHours":25}`, fails(invalidArgument)),
			ask("DecreaseStreamRetentionPeriod", `{"StreamName":"${s}","RetentionPeriodHours":72}`, fails(invalidArgument)),
			ask("DecreaseStreamRetentionPeriod", `{"StreamName":"${s}","RetentionPeriodHours":23}`, fails(invalidArgument)),
			ask("DecreaseStreamRetentionPeriod", `{"StreamName":"${s}","RetentionPeriodHours":24}`, ok("")),
			settle(),
			ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"RetentionPeriodHours":24}}`)),
			ask("IncreaseStreamRetentionPeriod", `{"StreamName":"${s}","RetentionPeriodHours":8761}`, fails(invalidArgument)),
			ask("IncreaseStreamRetentionPeriod", `{"StreamName":"${s}","RetentionPeriodHours":8760}`, ok("")),
		}},
	}
}
