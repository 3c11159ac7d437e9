package integration

func listShardsCases() []kinesisCase {
	list := func(filter, shards string, differs ...difference) step {
		return ask("ListShards", `{"StreamName":"${s}","ShardFilter":{`+filter+`}}`, ok(`{"Shards":`+shards+`}`), differs...)
	}
	tooMuch := on(localStack, ok(`{"Shards":"#4"}`), "kinesis-mock lists all shards, those that were opened later too")
	wrong := func(filter string, code string, differs ...difference) step {
		return ask("ListShards", `{"StreamName":"${s}","ShardFilter":{`+filter+`}}`, fails(code), differs...)
	}
	id := func(n string) string { return `{"ShardId":"shardId-00000000000` + n + `"}` }
	return []kinesisCase{
		{"filters of ListShards", 2, []step{
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"}`, ok(`{"ShardIterator":"@i"}`)),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":""}`, ok("")),
			ask("GetRecords", `{"ShardIterator":"${i}"}`, ok(`{"Records":[{"ApproximateArrivalTimestamp":"@before"}]}`)), second(),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"}`, ok("")),
			settle(), second(),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":""}`, ok(`{"ShardId":"shardId-000000000003"}`)),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000003","ShardIteratorType":"TRIM_HORIZON"}`, ok(`{"ShardIterator":"@i"}`)),
			ask("GetRecords", `{"ShardIterator":"${i}"}`, ok(`{"Records":[{"ApproximateArrivalTimestamp":"@after"}]}`)),
			list(`"Type":"AT_LATEST"`, "["+id("1")+","+id("2")+","+id("3")+"]"),
			list(`"Type":"AT_TRIM_HORIZON"`, "["+id("0")+","+id("1")+"]", tooMuch),
			list(`"Type":"FROM_TRIM_HORIZON"`, `"#4"`),
			list(`"Type":"AFTER_SHARD_ID","ShardId":"shardId-000000000001"`, "["+id("2")+","+id("3")+"]"),
			list(`"Type":"AT_TIMESTAMP","Timestamp":${before}`, "["+id("0")+","+id("1")+"]"),
			list(`"Type":"AT_TIMESTAMP","Timestamp":${after}`, "["+id("1")+","+id("2")+","+id("3")+"]"),
			list(`"Type":"FROM_TIMESTAMP","Timestamp":${before}`, `"#4"`),
			list(`"Type":"FROM_TIMESTAMP","Timestamp":${after}`, "["+id("1")+","+id("2")+","+id("3")+"]"),
			wrong(`"Type":"SIDEWAYS"`, validation, undecodable),
			wrong(`"Type":"AT_TIMESTAMP"`, invalidArgument),
			wrong(`"Type":"AFTER_SHARD_ID"`, invalidArgument),
			wrong(`"Type":"AT_LATEST","ShardId":"shardId-000000000001"`, invalidArgument, unchecked),
		}},
		{"pages of ListShards", 3, []step{
			ask("ListShards", `{"StreamName":"${s}","MaxResults":2}`, ok(`{"Shards":["*","*"],"NextToken":"@next"}`)),
			ask("ListShards", `{"NextToken":"${next}"}`, ok(`{"Shards":[`+id("2")+`],"NextToken":"-"}`)),
			ask("ListShards", `{"NextToken":"${next}","StreamName":"${s}"}`, fails(invalidArgument)),
			ask("ListShards", `{"NextToken":"AAAA"}`, fails(invalidArgument)),
			ask("ListShards", `{}`, fails(invalidArgument)),
			ask("ListShards", `{"StreamName":"${s}","MaxResults":0}`, fails(validation), fallsOver),
			ask("ListShards", `{"StreamName":"${s}","MaxResults":10001}`, fails(validation), unchecked),
			ask("ListShards", `{"StreamName":"${s}","ExclusiveStartShardId":"shardId-000000000000"}`, ok(`{"Shards":[`+id("1")+`,`+id("2")+`]}`)),
			fiveMinutes(),
			ask("ListShards", `{"NextToken":"${next}"}`, fails("ExpiredNextTokenException"), skipped(localStack, "it takes five minutes there")),
		}},
	}
}

func reshardCases() []kinesisCase {
	closedInUse := on(localStack, fails(inUse), "kinesis-mock takes a closed shard for one that is being changed")
	return []kinesisCase{
		{"a split and its children", 1, splitSteps()},
		{"a merge and its child", 2, mergeSteps()},
		{"errors of SplitShard", 1, []step{
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000007","NewStartingHashKey":"5"}`, fails(notFound)),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"0"}`, fails(invalidArgument), skipped(localStack, "kinesis-mock splits anywhere, also out of the shard")),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"340282366920938463463374607431768211456"}`, fails(invalidArgument), skipped(localStack, "kinesis-mock splits anywhere, also out of the shard")),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"abc"}`, fails(validation), fallsOver),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000"}`, fails(validation), undecodable),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":`+halfKey+`}`, ok("")),
			soon(ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":`+halfKey+`}`, fails(inUse))),
			settle(),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"5"}`, fails(invalidArgument), closedInUse),
			ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000001","NewStartingHashKey":`+lastKey+`}`, fails(invalidArgument), skipped(localStack, "kinesis-mock splits anywhere, also out of the shard")),
		}},
		{"errors of MergeShards", 3, []step{
			ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000002"}`, fails(invalidArgument)),
			ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000000"}`, fails(invalidArgument)),
			ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000009"}`, fails(notFound)),
			ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000001","AdjacentShardToMerge":"shardId-000000000000"}`, fails(invalidArgument)),
			ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`, ok("")),
			soon(ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000003","AdjacentShardToMerge":"shardId-000000000002"}`, fails(inUse))),
			settle(),
			ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`, fails(invalidArgument), closedInUse),
			ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000003","AdjacentShardToMerge":"shardId-000000000002"}`, ok("")),
		}},
		{"UpdateShardCount", 2, []step{
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}`, ok(`{"StreamName":"${s}","CurrentShardCount":2,"TargetShardCount":4}`)),
			soon(ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":8,"ScalingType":"UNIFORM_SCALING"}`, fails(inUse))),
			settle(),
			ask("ListShards", `{"StreamName":"${s}","ShardFilter":{"Type":"AT_LATEST"}}`, quarters("85070591730234615865843651857942052863", underKey), on(localStack, quarters("85070591730234615865843651857942052862", lessKey), undivided)),
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`, ok(`{"CurrentShardCount":4,"TargetShardCount":2}`)),
			settle(),
			ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"OpenShardCount":2}}`)),
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":5,"ScalingType":"UNIFORM_SCALING"}`, fails(invalidArgument), skipped(embedded, "it keeps to half and double only with Limits")),
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":0,"ScalingType":"UNIFORM_SCALING"}`, fails(validation), asArgument),
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":4,"ScalingType":"SIDEWAYS"}`, fails(validation), undecodable),
			ask("UpdateShardCount", `{"StreamName":"${s}","TargetShardCount":4}`, fails(validation), undecodable),
		}},
	}
}

// quarters lists a stream of two that was doubled, with the ends of the first two quarters.
func quarters(first, second string) answer {
	return ok(`{"Shards":[
		{"ParentShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"` + first + `"}},
		{"ParentShardId":"shardId-000000000000","HashKeyRange":{"EndingHashKey":` + second + `}},
		{"ParentShardId":"shardId-000000000001"},
		{"ParentShardId":"shardId-000000000001","HashKeyRange":{"EndingHashKey":` + lastKey + `}}]}`)
}

// parentAndChildren lists a stream of one that was split in half, with the end
// of the parent's sequence numbers.
func parentAndChildren(end string) answer {
	return ok(`{"Shards":[
		{"ShardId":"shardId-000000000000","SequenceNumberRange":{"EndingSequenceNumber":"` + end + `"}},
		{"ShardId":"shardId-000000000001","ParentShardId":"shardId-000000000000","AdjacentParentShardId":"-","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":` + underKey + `},"SequenceNumberRange":{"StartingSequenceNumber":">${one}","EndingSequenceNumber":"-"}},
		{"ShardId":"shardId-000000000002","ParentShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":` + halfKey + `,"EndingHashKey":` + lastKey + `}}]}`)
}

func splitSteps() []step {
	return []step{
		second(), // kinesis-mock numbers a record of the stream's first second as the shard itself
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":"MQ=="}`, ok(`{"SequenceNumber":"@one"}`)),
		ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`, ok(`{"ShardIterator":"@parent"}`)),
		ask("SplitShard", `{"StreamName":"${s}","ShardToSplit":"shardId-000000000000","NewStartingHashKey":`+halfKey+`}`, ok("")),
		soon(ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"StreamStatus":"UPDATING"}}`))),
		settle(),
		ask("DescribeStreamSummary", `{"StreamName":"${s}"}`, ok(`{"StreamDescriptionSummary":{"OpenShardCount":2}}`)),
		ask("ListShards", `{"StreamName":"${s}"}`, parentAndChildren(">${one}"), on(localStack, parentAndChildren("9223372036854775807"), "kinesis-mock ends every closed shard at the greatest 63-bit number")),
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":"Mg=="}`, ok(`{"ShardId":"shardId-000000000001","SequenceNumber":">${one}"}`)),
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"b","Data":"Mw=="}`, ok(`{"ShardId":"shardId-000000000002"}`)),
		ask("GetRecords", `{"ShardIterator":"${parent}"}`, ok(`{"Records":[{"Data":"MQ=="}],"MillisBehindLatest":0,"NextShardIterator":"-","ChildShards":[
			{"ShardId":"shardId-000000000001","ParentShards":["shardId-000000000000"],"HashKeyRange":{"StartingHashKey":"0","EndingHashKey":`+underKey+`}},
			{"ShardId":"shardId-000000000002","ParentShards":["shardId-000000000000"],"HashKeyRange":{"StartingHashKey":`+halfKey+`,"EndingHashKey":`+lastKey+`}}]}`)),
		ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"}`, ok(`{"ShardIterator":"@end"}`)),
		ask("GetRecords", `{"ShardIterator":"${end}"}`, ok(`{"Records":[],"NextShardIterator":"-","ChildShards":"#2"}`)),
		ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000001","ShardIteratorType":"TRIM_HORIZON"}`, ok(`{"ShardIterator":"@child"}`)),
		ask("GetRecords", `{"ShardIterator":"${child}"}`, ok(`{"Records":[{"Data":"Mg=="}],"NextShardIterator":"*","ChildShards":"-"}`)),
	}
}

func mergeSteps() []step {
	return []step{
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":"MQ=="}`, ok(`{"ShardId":"shardId-000000000000"}`)),
		ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`, ok(`{"ShardIterator":"@parent"}`)),
		ask("MergeShards", `{"StreamName":"${s}","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`, ok("")),
		settle(),
		ask("ListShards", `{"StreamName":"${s}","ShardFilter":{"Type":"AT_LATEST"}}`, ok(`{"Shards":[
			{"ShardId":"shardId-000000000002","ParentShardId":"shardId-000000000000","AdjacentParentShardId":"shardId-000000000001","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":`+lastKey+`}}]}`)),
		ask("GetRecords", `{"ShardIterator":"${parent}"}`, ok(`{"Records":[{"Data":"MQ=="}],"NextShardIterator":"-","ChildShards":[
			{"ShardId":"shardId-000000000002","ParentShards":["shardId-000000000000","shardId-000000000001"],"HashKeyRange":{"StartingHashKey":"0","EndingHashKey":`+lastKey+`}}]}`)),
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":"Mg=="}`, ok(`{"ShardId":"shardId-000000000002"}`)),
	}
}
