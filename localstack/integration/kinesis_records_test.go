package integration

func putCases() []kinesisCase {
	put := func(hash string) string {
		return `{"StreamName":"${s}","PartitionKey":"k","Data":"aGk=","ExplicitHashKey":"` + hash + `"}`
	}
	shard := func(n string) answer {
		return ok(`{"ShardId":"shardId-00000000000` + n + `","SequenceNumber":">0"}`)
	}
	return []kinesisCase{
		{"routing by partition key and by explicit hash key", 2, []step{
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":"aGk="}`, shard("0")), // MD5 0cc1…
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"b","Data":"aGk="}`, shard("1")), // MD5 92eb…
			ask("PutRecord", put("0"), shard("0")),
			ask("PutRecord", put("170141183460469231731687303715884105727"), shard("0"), on(localStack, shard("1"), undivided)),
			ask("PutRecord", put("170141183460469231731687303715884105728"), shard("1")),
			ask("PutRecord", put("340282366920938463463374607431768211455"), shard("1")),
			ask("PutRecord", put("340282366920938463463374607431768211456"), fails(invalidArgument)),
			ask("PutRecord", put("abc"), fails(validation), fallsOver),
			ask("PutRecord", put("01"), fails(validation), asArgument),
			ask("PutRecord", put("-1"), fails(validation), asArgument),
			ask("PutRecord", put(""), fails(validation), fallsOver),
		}},
		{"order within a shard", 1, []step{
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"a","Data":"MQ=="}`, ok(`{"SequenceNumber":"@one"}`)),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"b","Data":"Mg==","SequenceNumberForOrdering":"${one}"}`, ok(`{"SequenceNumber":">${one}"}`)),
			ask("PutRecords", `{"StreamName":"${s}","Records":[{"PartitionKey":"c","Data":"Mw=="},{"PartitionKey":"d","Data":"NA=="}]}`,
				ok(`{"FailedRecordCount":0,"Records":[{"ShardId":"shardId-000000000000","SequenceNumber":">${one}","ErrorCode":"-"},{"ShardId":"shardId-000000000000","SequenceNumber":">${one}"}]}`)),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`, ok(`{"ShardIterator":"@i"}`)),
			ask("GetRecords", `{"ShardIterator":"${i}"}`, ok(`{"Records":[{"PartitionKey":"a","Data":"MQ==","SequenceNumber":"${one}"},{"PartitionKey":"b","Data":"Mg=="},{"PartitionKey":"c","Data":"Mw=="},{"PartitionKey":"d","Data":"NA=="}]}`)),
		}},
		{"bounds of PutRecord", 1, []step{
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":""}`, shard("0")),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"${data:1048575}"}`, shard("0")),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"${data:1048577}"}`, fails(validation), asArgument),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"","Data":"aGk="}`, fails(validation), asArgument),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"${key:256}","Data":"aGk="}`, shard("0")),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"${wide:256}","Data":"aGk="}`, shard("0")),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"${key:257}","Data":"aGk="}`, fails(validation), asArgument),
			ask("PutRecord", `{"StreamName":"${s}","Data":"aGk="}`, fails(validation), undecodable),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k"}`, fails(validation), on(localStack, answer{status: 500, code: "InternalError"}, "LocalStack's gateway fails without data, with status 500")),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"*"}`, fails("SerializationException"), on(localStack, ok(""), "LocalStack's gateway drops what is no base64")),
			ask("PutRecord", `{"StreamName":"a b","PartitionKey":"k","Data":"aGk="}`, fails(validation), asArgument),
		}},
		{"bounds of PutRecords", 1, []step{
			ask("PutRecords", `{"StreamName":"${s}","Records":${entries:500}}`, ok(`{"FailedRecordCount":0,"Records":"#500"}`)),
			ask("PutRecords", `{"StreamName":"${s}","Records":${entries:501}}`, fails(validation), skipped(localStack, "kinesis-mock does not count the entries, and takes seconds to store them")),
			ask("PutRecords", `{"StreamName":"${s}","Records":[]}`, fails(validation), unchecked),
			ask("PutRecords", `{"StreamName":"${s}","Records":[{"PartitionKey":"k","Data":"aGk="},{"PartitionKey":"","Data":"aGk="}]}`, fails(validation), asArgument),
			ask("PutRecords", `{"StreamName":"${s}","Records":[{"PartitionKey":"k","Data":"aGk="},{"PartitionKey":"k","Data":"${data:1048577}"}]}`, fails(validation), asArgument),
			ask("PutRecords", `{"StreamName":"${s}","Records":[{"PartitionKey":"k","Data":"aGk=","ExplicitHashKey":"340282366920938463463374607431768211456"}]}`, fails(invalidArgument)),
			ask("PutRecords", `{"StreamName":"${s}","Records":${entries:11x1000000}}`, fails(invalidArgument), skipped(localStack, "kinesis-mock does not add up the sizes, and takes ten seconds to store the records")),
			ask("PutRecords", `{"StreamName":"${s}","Records":${entries:6x1000000}}`, ok(`{"FailedRecordCount":0,"Records":"#6"}`), skipped(localStack, "it takes kinesis-mock several seconds")),
		}},
	}
}

func iteratorCases() []kinesisCase {
	iterate := func(kind, more string) string {
		return `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"` + kind + `"` + more + `}`
	}
	read := func(kind, more, records string) []step {
		return []step{
			ask("GetShardIterator", iterate(kind, more), ok(`{"ShardIterator":"@i"}`)),
			ask("GetRecords", `{"ShardIterator":"${i}"}`, ok(`{"MillisBehindLatest":0,"NextShardIterator":"*","Records":`+records+`}`)),
		}
	}
	kinds := []step{
		second(), // kinesis-mock numbers a record of the stream's first second as the shard itself
		ask("GetShardIterator", iterate("LATEST", ""), ok(`{"ShardIterator":"@latest"}`)),
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"MQ=="}`, ok(`{"SequenceNumber":"@one"}`)), second(),
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"Mg=="}`, ok(`{"SequenceNumber":"@two"}`)), later(),
		ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"Mw=="}`, ok(`{"SequenceNumber":"@three"}`)), later(),
		ask("GetRecords", `{"ShardIterator":"${latest}"}`, ok(`{"Records":[{"Data":"MQ==","ApproximateArrivalTimestamp":"@t1"},{"Data":"Mg==","ApproximateArrivalTimestamp":"@t2"},{"Data":"Mw=="}]}`)),
	}
	for _, r := range [][]step{
		read("TRIM_HORIZON", "", `[{"Data":"MQ=="},{"Data":"Mg=="},{"Data":"Mw=="}]`),
		read("LATEST", "", `[]`),
		read("AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"${two}"`, `[{"Data":"Mg=="},{"Data":"Mw=="}]`),
		read("AFTER_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"${two}"`, `[{"Data":"Mw=="}]`),
		read("AFTER_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"${three}"`, `[]`),
		read("AT_TIMESTAMP", `,"Timestamp":${t2}`, `[{"Data":"Mg=="},{"Data":"Mw=="}]`),
		read("AT_TIMESTAMP", `,"Timestamp":1000000000`, `"#3"`), // before the stream: as TRIM_HORIZON
	} {
		kinds = append(kinds, r...)
	}
	return []kinesisCase{
		{"iterator types", 1, kinds},
		{"iterators from a shard's description", 1, append([]step{
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"k","Data":"MQ=="}`, ok(`{"SequenceNumber":"@one"}`)),
			ask("ListShards", `{"StreamName":"${s}"}`, ok(`{"Shards":[{"SequenceNumberRange":{"StartingSequenceNumber":"@start"}}]}`)),
		}, append(read("AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"${start}"`, `"#1"`), read("AFTER_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"${start}"`, `"#1"`)...)...)},
		{"errors of GetShardIterator", 2, []step{
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"b","Data":"MQ=="}`, ok(`{"ShardId":"shardId-000000000001","SequenceNumber":"@other"}`)),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000002","ShardIteratorType":"LATEST"}`, fails(notFound)),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"a b","ShardIteratorType":"LATEST"}`, fails(validation), asArgument),
			ask("GetShardIterator", iterate("SIDEWAYS", ""), fails(validation), undecodable),
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000"}`, fails(validation), undecodable),
			ask("GetShardIterator", iterate("AT_SEQUENCE_NUMBER", ""), fails(invalidArgument)),
			ask("GetShardIterator", iterate("AT_TIMESTAMP", ""), fails(invalidArgument)),
			ask("GetShardIterator", iterate("AT_TIMESTAMP", `,"Timestamp":4000000000`), fails(invalidArgument), unchecked),
			ask("GetShardIterator", iterate("AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"${other}"`), fails(invalidArgument), on(localStack, ok(""), "kinesis-mock does not ask whose sequence number it is")),
			ask("GetShardIterator", iterate("AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"x"`), fails(validation), asArgument),
			ask("GetShardIterator", iterate("AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"123"`), fails(invalidArgument), on(localStack, ok(""), "kinesis-mock does not ask whose sequence number it is")),
			ask("GetShardIterator", iterate("LATEST", `,"StartingSequenceNumber":"${other}"`), fails(invalidArgument), unchecked),
		}},
		{"expiry of an iterator", 1, []step{
			ask("GetShardIterator", iterate("LATEST", ""), ok(`{"ShardIterator":"@i"}`)),
			fiveMinutes(),
			ask("GetRecords", `{"ShardIterator":"${i}"}`, fails("ExpiredIteratorException"), skipped(localStack, "it takes five minutes there")),
		}},
	}
}

func getCases() []kinesisCase {
	return []kinesisCase{
		{"pages of GetRecords and MillisBehindLatest", 1, []step{
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`, ok(`{"ShardIterator":"@i"}`)),
			ask("GetRecords", `{"ShardIterator":"${i}"}`, ok(`{"Records":[],"MillisBehindLatest":0,"NextShardIterator":"@next","ChildShards":"-"}`)),
			ask("PutRecords", `{"StreamName":"${s}","Records":[{"PartitionKey":"a","Data":"MQ=="},{"PartitionKey":"b","Data":"Mg=="}]}`, ok(`{"FailedRecordCount":0}`)), later(),
			ask("PutRecord", `{"StreamName":"${s}","PartitionKey":"c","Data":"Mw=="}`, ok("")), later(),
			ask("GetRecords", `{"ShardIterator":"${next}","Limit":2}`, ok(`{"Records":[{"PartitionKey":"a","ApproximateArrivalTimestamp":">0"},{"PartitionKey":"b"}],"MillisBehindLatest":">0","NextShardIterator":"@more"}`)),
			ask("GetRecords", `{"ShardIterator":"${next}","Limit":1}`, ok(`{"Records":[{"PartitionKey":"a"}],"MillisBehindLatest":">0"}`)), // an iterator can be used again
			ask("GetRecords", `{"ShardIterator":"${more}"}`, ok(`{"Records":[{"PartitionKey":"c","Data":"Mw==","SequenceNumber":">0"}],"MillisBehindLatest":0,"NextShardIterator":"@tip"}`)),
			ask("GetRecords", `{"ShardIterator":"${tip}"}`, ok(`{"Records":[],"MillisBehindLatest":0,"NextShardIterator":"*"}`)),
		}},
		{"errors of GetRecords", 1, []step{
			ask("GetShardIterator", `{"StreamName":"${s}","ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"}`, ok(`{"ShardIterator":"@i"}`)),
			ask("GetRecords", `{"ShardIterator":"${i}","Limit":0}`, fails(validation), asArgument),
			ask("GetRecords", `{"ShardIterator":"${i}","Limit":10001}`, fails(validation), asArgument),
			ask("GetRecords", `{"ShardIterator":"AAAA"}`, fails(invalidArgument), fallsOver),
			ask("GetRecords", `{"ShardIterator":""}`, fails(validation), fallsOver),
			ask("GetRecords", `{}`, fails(validation), undecodable),
			ask("DeleteStream", `{"StreamName":"${s}"}`, ok("")),
			gone("${s}"),
			ask("GetRecords", `{"ShardIterator":"${i}"}`, fails(notFound)),
		}},
	}
}
