package integration

// apiCases are what tools call beside streams, records and shards.
func apiCases() []kinesisCase {
	arn := ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"StreamARN":"@arn"}}`))
	summary := func(pattern string, differs ...difference) step {
		return ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":`+pattern+`}`), differs...)
	}
	unknown := on(localStack, fails("AccessDeniedException"), "the kinesis-mock of this LocalStack does not know the operation")
	long := on(localStack, fails(notFound), "kinesis-mock knows only the long form of a shard's identifier")
	return []kinesisCase{
		{"a stream with a name alone", 0, []step{
			ask("CreateStream", `{"StreamName":"${s}"}`, ok("")),
			settle(),
			summary(`{"OpenShardCount":4,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`,
				on(localStack, ok(`{"StreamDescriptionSummary":{"OpenShardCount":4,"StreamModeDetails":{"StreamMode":"PROVISIONED"}}}`), "kinesis-mock makes four shards and calls them provisioned; the developer guide makes an on-demand stream in this way")),
		}},
		{"capacity modes", 2, []step{
			arn,
			ask("UpdateStreamMode", `{"StreamARN":"${arn}","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, ok("")),
			settle(),
			summary(`{"OpenShardCount":2,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`),
			ask("UpdateStreamMode", `{"StreamARN":"${arn}","StreamModeDetails":{"StreamMode":"SOMETIMES"}}`, fails(validation), undecodable),
			ask("UpdateStreamMode", `{"StreamARN":"${arn}-none","StreamModeDetails":{"StreamMode":"PROVISIONED"}}`, fails(notFound)),
		}},
		{"encryption", 1, []step{
			ask("StartStreamEncryption", `{"StreamName":"${s}","EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}`, ok("")),
			settle(),
			summary(`{"EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}`),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"aGk="}`, ok(`{"EncryptionType":"KMS"}`)),
			ask("StopStreamEncryption", `{"StreamName":"${s}","EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}`, ok("")),
			settle(),
			summary(`{"EncryptionType":"NONE","KeyId":"-"}`),
			ask("StartStreamEncryption", `{"StreamName":"${s}","EncryptionType":"KMS"}`, fails(validation), undecodable),
		}},
		{"enhanced monitoring", 1, []step{
			ask("EnableEnhancedMonitoring", `{"StreamName":"${s}","ShardLevelMetrics":["IncomingBytes"]}`, ok(`{"StreamName":"${s}","CurrentShardLevelMetrics":[],"DesiredShardLevelMetrics":["IncomingBytes"]}`)),
			settle(),
			summary(`{"EnhancedMonitoring":[{"ShardLevelMetrics":["IncomingBytes"]}]}`),
			ask("DisableEnhancedMonitoring", `{"StreamName":"${s}","ShardLevelMetrics":["ALL"]}`, ok(`{"CurrentShardLevelMetrics":["IncomingBytes"],"DesiredShardLevelMetrics":[]}`)),
			ask("EnableEnhancedMonitoring", `{"StreamName":"${s}","ShardLevelMetrics":["Sideways"]}`, fails(validation), undecodable),
		}},
		{"tags by the stream's address", 1, []step{
			arn,
			ask("TagResource", `{"ResourceARN":"${arn}","Tags":{"a":"1","ü _./=+-@":""}}`, ok(""), unknown),
			ask("ListTagsForResource", `{"ResourceARN":"${arn}"}`, ok(`{"Tags":[{"Key":"a","Value":"1"},{"Key":"ü _./=+-@","Value":""}]}`), unknown),
			ask("UntagResource", `{"ResourceARN":"${arn}","TagKeys":["a"]}`, ok(""), unknown),
			ask("ListTagsForStream", `{"StreamName":"${s}"}`, ok(`{"Tags":[{"Key":"ü _./=+-@","Value":""}]}`), skipped(localStack, "it took no tag by this API")),
			ask("AddTagsToStream", `{"StreamName":"${s}","Tags":{"a;b":"1"}}`, fails(invalidArgument)),
			ask("AddTagsToStream", `{"StreamName":"${s}","Tags":{"a":"1%"}}`, fails(invalidArgument)),
			ask("TagResource", `{"ResourceARN":"${arn}-none","Tags":{"a":"1"}}`, fails(notFound), unknown),
		}},
		{"short shard identifiers and iterators in quotes", 1, []step{
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-0","ShardIteratorType":"LATEST"}`, ok(`{"ShardIterator":"*"}`), long),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"0","ShardIteratorType":"LATEST"}`, ok(`{"ShardIterator":"*"}`), long),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"}`, ok(`{"ShardIterator":"@i"}`)),
			ask("GetRecords", `{"ShardIterator":"\"${i}\""}`, ok(`{"Records":[]}`)),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"x","ShardIteratorType":"LATEST"}`, fails(notFound)),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"","SequenceNumberForOrdering":"26227199374822427428162556223570313216"}`, fails(invalidArgument)),
		}},
		{"as many shards again and half of them", 3, []step{
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":6,"ScalingType":"UNIFORM_SCALING"}`, ok(`{"CurrentShardCount":3,"TargetShardCount":6}`)),
			settle(),
			ask("ListShards", `{"StreamName":"${s}"}`, ok(`{"Shards":"#9"}`)),
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":3,"ScalingType":"UNIFORM_SCALING"}`, ok(`{"CurrentShardCount":6,"TargetShardCount":3}`)),
			settle(),
			ask("ListShards", `{"StreamName":"${s}"}`, ok(`{"Shards":"#12"}`)),
		}},
	}
}
