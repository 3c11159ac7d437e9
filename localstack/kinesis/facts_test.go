package kinesis_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"taxistream/localstack/kinesis"
)

// What the service says to bad input, as kinesalite 3.3.3 (github.com/mhart/kinesalite, test/*.js) has
// found it out by asking the service. Left out are the bounds that the API has moved since:
// 10 tags, 168 hours and 100,000 shards, a needed ShardCount. In texts NAME is a
// stream that there is, of three shards, A128 a name of 129 letters; the order of
// violations is of no matter.
var facts = []struct {
	operation, body string
	code            string
	want            []string // the message, or its violations
}{
	{"AddTagsToStream", `{}`, "ValidationException", []string{null("tags"), null("streamName")}},
	{"AddTagsToStream", `{"StreamName":"","Tags":{}}`, "ValidationException", []string{"'{}' at 'tags'" + atLeast1, emptyPattern("streamName"), empty("streamName")}},
	{"AddTagsToStream", `{"StreamName":"A129","Tags":{"a;b":"b"}}`, "ValidationException", []string{long("streamName")}},
	{"AddTagsToStream", `{"StreamName":"NAME","Tags":{"A129":"3"}}`, "ValidationException", []string{"'{A129=3}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]"}},
	{"AddTagsToStream", `{"StreamName":"NAME","Tags":{"c":"A257"}}`, "ValidationException", []string{"'{c=A257}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0]"}},
	{"AddTagsToStream", `{"StreamName":"none","Tags":{"a;":"b"}}`, "ResourceNotFoundException", noStream},
	{"AddTagsToStream", `{"StreamName":"NAME","Tags":{"abc;def":"1"}}`, "InvalidArgumentException", badTag},
	{"AddTagsToStream", `{"StreamName":"NAME","Tags":{"abc\tdef":"1"}}`, "InvalidArgumentException", badTag},
	{"AddTagsToStream", `{"StreamName":"NAME","Tags":{"a":"abc,def"}}`, "InvalidArgumentException", badTag},
	{"AddTagsToStream", `{"StreamName":"NAME","Tags":{"a":"abc%def"}}`, "InvalidArgumentException", []string{"Failed to add tags to stream NAME under account 000000000000 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'."}},
	{"AddTagsToStream", `{"StreamName":"NAME","Tags":{"ü0 _.":"a","/=+-@":"ü0 _./=+-@","c":""}}`, "", nil},
	{"RemoveTagsFromStream", `{}`, "ValidationException", []string{null("tagKeys"), null("streamName")}},
	{"RemoveTagsFromStream", `{"StreamName":"","TagKeys":[]}`, "ValidationException", []string{"'[]' at 'tagKeys'" + atLeast1, emptyPattern("streamName"), empty("streamName")}},
	{"RemoveTagsFromStream", `{"StreamName":"NAME","TagKeys":["a","A129","b"]}`, "ValidationException", []string{"'[a, A129, b]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]"}},
	{"RemoveTagsFromStream", `{"StreamName":"none","TagKeys":[";"]}`, "ResourceNotFoundException", noStream},
	{"RemoveTagsFromStream", `{"StreamName":"NAME","TagKeys":["abc\ndef"]}`, "InvalidArgumentException", badTag},
	{"RemoveTagsFromStream", `{"StreamName":"NAME","TagKeys":["abc%def"]}`, "InvalidArgumentException", []string{"Failed to remove tags from stream NAME under account 000000000000 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'."}},
	{"ListTagsForStream", `{}`, "ValidationException", []string{null("streamName")}},
	{"ListTagsForStream", `{"StreamName":"","ExclusiveStartTagKey":"","Limit":0}`, "ValidationException", []string{"'0' at 'limit'" + value1, empty("exclusiveStartTagKey"), emptyPattern("streamName"), empty("streamName")}},

	{"CreateStream", `{}`, "ValidationException", []string{null("streamName")}},
	{"CreateStream", `{"StreamName":"","ShardCount":0}`, "ValidationException", []string{"'0' at 'shardCount'" + value1, emptyPattern("streamName"), empty("streamName")}},
	{"CreateStream", `{"StreamName":"A129","ShardCount":1}`, "ValidationException", []string{long("streamName")}},
	{"CreateStream", `{"StreamName":"NAME","ShardCount":1}`, "ResourceInUseException", []string{"Stream NAME under account 000000000000 already exists."}},
	{"CreateStream", `{"StreamName":"other","ShardCount":1000}`, "LimitExceededException", []string{"This request would exceed the shard limit for the account 000000000000 in us-east-1. Current shard count for the account: 3. Limit: 50. Number of additional shards that would have resulted from this request: 1000. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits."}},
	{"DeleteStream", `{}`, "ValidationException", []string{null("streamName")}},
	{"DeleteStream", `{"StreamName":"none"}`, "ResourceNotFoundException", noStream},
	{"DescribeStream", `{}`, "ValidationException", []string{null("streamName")}},
	{"DescribeStream", `{"StreamName":"","Limit":0,"ExclusiveStartShardId":""}`, "ValidationException", []string{"'0' at 'limit'" + value1, emptyPattern("exclusiveStartShardId"), empty("exclusiveStartShardId"), emptyPattern("streamName"), empty("streamName")}},
	{"DescribeStream", `{"StreamName":"A129","Limit":100000,"ExclusiveStartShardId":"A129"}`, "ValidationException", []string{"'100000' at 'limit'" + value10000, long("exclusiveStartShardId"), long("streamName")}},
	{"DescribeStreamSummary", `{"StreamName":"none"}`, "ResourceNotFoundException", noStream},
	{"ListStreams", `{"Limit":0,"ExclusiveStartStreamName":""}`, "ValidationException", []string{"'0' at 'limit'" + value1, emptyPattern("exclusiveStartStreamName"), empty("exclusiveStartStreamName")}},
	{"ListShards", `{}`, "InvalidArgumentException", []string{"Either NextToken or StreamName should be provided."}},
	{"ListShards", `{"StreamName":"x","NextToken":"x"}`, "InvalidArgumentException", []string{"NextToken and StreamName cannot be provided together."}},
	{"ListShards", `{"StreamName":"","NextToken":"","MaxResults":0,"ExclusiveStartShardId":""}`, "ValidationException", []string{"'0' at 'maxResults'" + value1, emptyPattern("exclusiveStartShardId"), empty("exclusiveStartShardId"), emptyPattern("streamName"), empty("streamName"), empty("nextToken")}},
	{"IncreaseStreamRetentionPeriod", `{}`, "ValidationException", []string{null("retentionPeriodHours"), null("streamName")}},
	{"IncreaseStreamRetentionPeriod", `{"StreamName":"NAME","RetentionPeriodHours":-1}`, "ValidationException", []string{"'-1' at 'retentionPeriodHours'" + value1}},
	{"IncreaseStreamRetentionPeriod", `{"StreamName":"NAME","RetentionPeriodHours":23}`, "InvalidArgumentException", []string{"Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short."}},
	{"IncreaseStreamRetentionPeriod", `{"StreamName":"none","RetentionPeriodHours":25}`, "ResourceNotFoundException", noStream},
	{"DecreaseStreamRetentionPeriod", `{"StreamName":"NAME","RetentionPeriodHours":25}`, "InvalidArgumentException", []string{"Requested retention period (25 hours) for stream NAME can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API."}},

	{"PutRecord", `{}`, "ValidationException", []string{null("partitionKey"), null("data"), null("streamName")}},
	{"PutRecord", `{"StreamName":"","PartitionKey":"","Data":"","ExplicitHashKey":"","SequenceNumberForOrdering":""}`, "ValidationException", []string{
		"'' at 'sequenceNumberForOrdering' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\\d{0,128})", empty("partitionKey"), emptyHash("explicitHashKey"), emptyPattern("streamName"), empty("streamName"),
	}},
	{"PutRecord", `{"StreamName":"A129","PartitionKey":"A257","Data":"MIB","ExplicitHashKey":""}`, "ValidationException", []string{
		"'A257' at 'partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256", emptyHash("explicitHashKey"), long("streamName"),
		"'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
	}},
	{"PutRecord", `{"StreamName":"none","PartitionKey":"a","Data":""}`, "ResourceNotFoundException", noStream},
	{"PutRecord", `{"StreamName":"NAME","PartitionKey":"a","Data":"","ExplicitHashKey":"340282366920938463463374607431768211456"}`, "InvalidArgumentException", badHash},
	{"PutRecord", `{"StreamName":"NAME","PartitionKey":"a","Data":"","SequenceNumberForOrdering":"26227199374822427428162556223570313216"}`, "InvalidArgumentException", []string{"ExclusiveMinimumSequenceNumber 26227199374822427428162556223570313216 used in PutRecord on stream NAME under account 000000000000 is invalid."}},
	{"PutRecords", `{}`, "ValidationException", []string{null("records"), null("streamName")}},
	{"PutRecords", `{"StreamName":"","Records":[]}`, "ValidationException", []string{"'[]' at 'records'" + atLeast1, emptyPattern("streamName"), empty("streamName")}},
	{"PutRecords", `{"StreamName":"","Records":[{"PartitionKey":"","Data":"","ExplicitHashKey":""}]}`, "ValidationException", []string{empty("records.1.member.partitionKey"), emptyHash("records.1.member.explicitHashKey"), emptyPattern("streamName"), empty("streamName")}},
	{"PutRecords", `{"StreamName":"A129","Records":[{"PartitionKey":"A257","Data":"MIB","ExplicitHashKey":""}]}`, "ValidationException", []string{
		"'A257' at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256", emptyHash("records.1.member.explicitHashKey"), long("streamName"),
		"'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'records.1.member.data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
	}},
	{"PutRecords", `{"StreamName":"none","Records":[{"PartitionKey":"a","Data":""}]}`, "ResourceNotFoundException", noStream},
	{"PutRecords", `{"StreamName":"NAME","Records":[{"PartitionKey":"a","Data":"","ExplicitHashKey":"340282366920938463463374607431768211456"},{"PartitionKey":"a","Data":""}]}`, "InvalidArgumentException", badHash},

	{"GetShardIterator", `{}`, "ValidationException", []string{null("shardId"), null("shardIteratorType"), null("streamName")}},
	{"GetShardIterator", `{"StreamName":"","ShardIteratorType":"","ShardId":"","StartingSequenceNumber":""}`, "ValidationException", []string{
		emptyPattern("shardId"), empty("shardId"), "'' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]",
		"'' at 'startingSequenceNumber' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\\d{0,128})", emptyPattern("streamName"), empty("streamName"),
	}},
	{"GetShardIterator", at("none", "2147483647", "LATEST", ""), "ResourceNotFoundException", []string{"Shard shardId-002147483647 in stream none under account 000000000000 does not exist"}},
	{"GetShardIterator", at("none", "-00002147483647", "LATEST", ""), "ResourceNotFoundException", []string{"Shard shardId-002147483647 in stream none under account 000000000000 does not exist"}},
	{"GetShardIterator", at("none", "2147483648", "LATEST", ""), "ResourceNotFoundException", []string{"Could not find shard 2147483648 in stream none under account 000000000000."}},
	{"GetShardIterator", at("none", "ABKLFD8", "LATEST", ""), "ResourceNotFoundException", []string{"Could not find shard ABKLFD8 in stream none under account 000000000000."}},
	{"GetShardIterator", at("none", "2.14E4", "LATEST", ""), "ResourceNotFoundException", []string{"Could not find shard 2.14E4 in stream none under account 000000000000."}},
	{"GetShardIterator", at("NAME", "shardId-5", "AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"5"`), "ResourceNotFoundException", []string{"Shard shardId-000000000005 in stream NAME under account 000000000000 does not exist"}},
	{"GetShardIterator", at("NAME", "shardId-0", "AT_SEQUENCE_NUMBER", ""), "InvalidArgumentException", either("AT_SEQUENCE_NUMBER and no")},
	{"GetShardIterator", at("NAME", "shardId-0", "AFTER_SEQUENCE_NUMBER", ""), "InvalidArgumentException", either("AFTER_SEQUENCE_NUMBER and no")},
	{"GetShardIterator", at("NAME", "shardId-0", "LATEST", `,"StartingSequenceNumber":"5"`), "InvalidArgumentException", either("LATEST and also a")},
	{"GetShardIterator", at("NAME", "shardId-0", "TRIM_HORIZON", `,"StartingSequenceNumber":"5"`), "InvalidArgumentException", either("TRIM_HORIZON and also a")},
	{"GetShardIterator", at("NAME", "shardId-0", "AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"5"`), "InvalidArgumentException", []string{"Invalid StartingSequenceNumber. It encodes shardId-000000000005, while it was used in a call to a shard with shardId-000000000000"}},
	{"GetShardIterator", at("NAME", "shardId-0", "AT_SEQUENCE_NUMBER", `,"StartingSequenceNumber":"26227199374822427428162556223570313216"`), "InvalidArgumentException", []string{"StartingSequenceNumber 26227199374822427428162556223570313216 used in GetShardIterator on shard shardId-000000000000 in stream NAME under account 000000000000 is invalid."}},
	{"GetShardIterator", at("NAME", "shardId-0", "AT_TIMESTAMP", ""), "InvalidArgumentException", []string{"Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter."}},
	{"GetShardIterator", at("NAME", "shardId-0", "AT_TIMESTAMP", `,"Timestamp":1767323047.5`), "InvalidArgumentException", []string{"The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: 1767323047500, currentTimestampInMillis: 1767323045000"}},
	{"GetRecords", `{}`, "ValidationException", []string{null("shardIterator")}},
	{"GetRecords", `{"ShardIterator":"","Limit":0}`, "ValidationException", []string{"'0' at 'limit'" + value1, empty("shardIterator")}},
	{"GetRecords", `{"ShardIterator":"x","Limit":100000}`, "ValidationException", []string{"'100000' at 'limit'" + value10000}},
	{"GetRecords", `{"ShardIterator":"name"}`, "InvalidArgumentException", []string{"Invalid ShardIterator."}},

	{"SplitShard", `{}`, "ValidationException", []string{null("newStartingHashKey"), null("streamName"), null("shardToSplit")}},
	{"SplitShard", `{"StreamName":"","ShardToSplit":"","NewStartingHashKey":""}`, "ValidationException", []string{emptyHash("newStartingHashKey"), emptyPattern("streamName"), empty("streamName"), emptyPattern("shardToSplit"), empty("shardToSplit")}},
	{"SplitShard", split("none", "2147483647", "0"), "ResourceNotFoundException", noStream},
	{"SplitShard", split("none", "a-00002147483647", "0"), "ResourceNotFoundException", noStream},
	{"SplitShard", split("none", "shardId-002147483648", "0"), "ResourceNotFoundException", []string{"Could not find shard shardId-002147483648 in stream none under account 000000000000."}},
	{"SplitShard", split("NAME", "shardId-5", "0"), "ResourceNotFoundException", []string{"Could not find shard shardId-000000000005 in stream NAME under account 000000000000."}},
	{"SplitShard", split("NAME", "shard-0", "1"), "InvalidArgumentException", []string{"NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000000 in stream NAME under account 000000000000 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 113427455640312821154458202477256070484."}},
	{"SplitShard", split("NAME", "shard-0", "113427455640312821154458202477256070484"), "InvalidArgumentException", []string{"NewStartingHashKey 113427455640312821154458202477256070484 used in SplitShard() on shard shardId-000000000000 in stream NAME under account 000000000000 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 113427455640312821154458202477256070484."}},
	{"SplitShard", split("NAME", "shard-2", "999999999999999999999999999999999999999"), "InvalidArgumentException", []string{"NewStartingHashKey 999999999999999999999999999999999999999 used in SplitShard() on shard shardId-000000000002 in stream NAME under account 000000000000 is not both greater than one plus the shard's StartingHashKey 226854911280625642308916404954512140970 and less than the shard's EndingHashKey 340282366920938463463374607431768211455."}},
	{"MergeShards", `{}`, "ValidationException", []string{null("shardToMerge"), null("adjacentShardToMerge"), null("streamName")}},
	{"MergeShards", merge("none", "2147483647", "x-0"), "ResourceNotFoundException", noStream},
	{"MergeShards", merge("none", "x-0", "ABKLFD8"), "ResourceNotFoundException", []string{"Could not find shard ABKLFD8 in stream none under account 000000000000."}},
	{"MergeShards", merge("NAME", "x-0", "shardId-5"), "ResourceNotFoundException", []string{"Could not find shard shardId-000000000005 in stream NAME under account 000000000000."}},
	{"MergeShards", merge("NAME", "x-0", "x-2"), "InvalidArgumentException", []string{"Shards shardId-000000000000 and shardId-000000000002 in stream NAME under account 000000000000 are not an adjacent pair of shards eligible for merging"}},
	{"MergeShards", merge("NAME", "x-1", "x-0"), "InvalidArgumentException", []string{"Shards shardId-000000000001 and shardId-000000000000 in stream NAME under account 000000000000 are not an adjacent pair of shards eligible for merging"}},
}

const (
	atLeast1   = " failed to satisfy constraint: Member must have length greater than or equal to 1"
	value1     = " failed to satisfy constraint: Member must have value greater than or equal to 1"
	value10000 = " failed to satisfy constraint: Member must have value less than or equal to 10000"
)

var (
	noStream = []string{"Stream none under account 000000000000 not found."}
	badTag   = []string{"Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @."}
	badHash  = []string{"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456"}
)

func null(member string) string {
	return "null at '" + member + "' failed to satisfy constraint: Member must not be null"
}
func empty(member string) string { return "'' at '" + member + "'" + atLeast1 }
func emptyPattern(member string) string {
	return "'' at '" + member + "' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
}

func emptyHash(member string) string {
	return "'' at '" + member + "' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})"
}

func long(member string) string {
	return "'A129' at '" + member + "' failed to satisfy constraint: Member must have length less than or equal to 128"
}

func either(how string) []string {
	return []string{"Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified " + how + " StartingSequenceNumber."}
}

func at(stream, shard, kind, more string) string {
	return `{"StreamName":"` + stream + `","ShardId":"` + shard + `","ShardIteratorType":"` + kind + `"` + more + `}`
}

func split(stream, shard, key string) string {
	return `{"StreamName":"` + stream + `","ShardToSplit":"` + shard + `","NewStartingHashKey":"` + key + `"}`
}

func merge(stream, shard, adjacent string) string {
	return `{"StreamName":"` + stream + `","ShardToMerge":"` + shard + `","AdjacentShardToMerge":"` + adjacent + `"}`
}

// spelledOut spells out what the table abbreviates.
var spelledOut = strings.NewReplacer("A129", strings.Repeat("a", 129), "A257", strings.Repeat("a", 257), `"MIB"`, `"`+strings.Repeat("AAAA", 349525)+`AAA="`)

// Ensure that bad input is answered with the service's type and message.
func TestFacts(t *testing.T) {
	clock := newClock()
	s := mustServer(t, kinesis.Options{Clock: clock.time, MaxShards: 50})
	must(t, s.CreateStream("NAME", 3))
	for _, f := range facts {
		text, code := raw(s, f.operation, spelledOut.Replace(f.body))
		name := f.operation + " " + f.body
		equal(t, name, code, f.code)
		if code == "" {
			continue
		}
		var answer struct{ Message string }
		must(t, json.Unmarshal([]byte(text), &answer))
		wantMessage(t, name, answer.Message, f.code, f.want)
	}
}

var detected = regexp.MustCompile(`^\d+ validation errors? detected: `)

// wantMessage compares a message, or the violations in it in any order.
func wantMessage(t *testing.T, name, got, code string, want []string) {
	t.Helper()
	if code != "ValidationException" {
		equal(t, name, got, want[0])
		return
	}
	plural := "errors"
	if len(want) == 1 {
		plural = "error"
	}
	if begin := detected.FindString(got); !strings.HasPrefix(got, strings.TrimSpace(begin)) || !strings.Contains(begin, "validation "+plural+" detected") {
		t.Errorf("%s: %q does not say how many errors were detected", name, got)
	}
	rest := "; " + detected.ReplaceAllString(got, "")
	for _, w := range want {
		w = "; Value " + spelledOut.Replace(w)
		if !strings.Contains(rest, w) {
			t.Errorf("%s: %q is missing in %q", name, w, got)
		}
		rest = strings.Replace(rest, w, "", 1)
	}
	equal(t, name+": what was not expected", rest, "")
}

// Ensure that an iterator works in quotes, as shells hand it on, and what is said once it
// is too old or its stream is gone.
func TestIterators_OfShells(t *testing.T) {
	clock := newClock()
	s := mustServer(t, kinesis.Options{Clock: clock.time})
	must(t, s.CreateStream("NAME", 1))
	text, _ := raw(s, "GetShardIterator", at("NAME", "shardId-0", "TRIM_HORIZON", ""))
	iterator := between(text, `"ShardIterator":"`)
	get := func() (string, string) {
		return raw(s, "GetRecords", `{"ShardIterator":"\"`+iterator+`\""}`)
	}
	_, code := get()
	equal(t, "in quotes", code, "")
	clock.advance(kinesis.TokenLife + time.Millisecond)
	text, code = get()
	equal(t, "too old", code, "ExpiredIteratorException")
	equal(t, "too old", between(text, `"message":"`), "Iterator expired. The iterator was created at time Fri Jan 02 03:04:05 UTC 2026 while right now it is Fri Jan 02 03:09:05 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.")
	clock.advance(-kinesis.TokenLife)
	_, code = raw(s, "DeleteStream", `{"StreamName":"NAME"}`)
	equal(t, "delete", code, "")
	text, code = get()
	equal(t, "gone", code, "ResourceNotFoundException")
	equal(t, "gone", between(text, `"message":"`), "Shard shardId-000000000000 in stream NAME under account 000000000000 does not exist")
}
