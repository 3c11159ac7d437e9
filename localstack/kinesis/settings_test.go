package kinesis_test

import (
	"strings"
	"testing"
	"time"

	"taxistream/localstack/kinesis"
)

// step is a request and what its answer holds: an error's code, or a part of the body.
type step struct{ operation, body, want string }

func (c step) ask(t *testing.T, s *kinesis.Server) {
	t.Helper()
	answer, code := raw(s, c.operation, c.body)
	switch {
	case strings.HasSuffix(c.want, "Exception"):
		equal(t, c.operation+" "+c.body, code, c.want)
	case code != "" || !strings.Contains(answer, c.want) || (c.want == "") != (answer == ""):
		t.Errorf("%s %s: got %s, want %s", c.operation, c.body, answer, c.want)
	}
}

// Ensure that every setting is told again as it was made, by either way to name a stream,
// and that it has the effect that docs/kinesis.md promises.
func TestSettings_AreTold(t *testing.T) {
	s := mustServer(t, kinesis.Options{})
	const arn, none = `"arn:aws:kinesis:us-east-1:000000000000:stream/s"`, `"arn:aws:kinesis:us-east-1:000000000000:stream/none"`
	const big = `{"StreamName":"s","Records":[{"PartitionKey":"k","Data":"BIG"}]}`
	put := strings.Replace(big, "BIG", strings.Repeat("AAAA", 400_000), 1)
	for _, c := range []step{
		{"CreateStream", `{"StreamName":"s","StreamModeDetails":{"StreamMode":"PROVISIONED"}}`, "ValidationException"},
		{"CreateStream", `{"StreamName":"s","ShardCount":2,"Tags":{"a:b":"c"}}`, "InvalidArgumentException"},
		{"CreateStream", `{"StreamName":"s","ShardCount":2,"Tags":{"a":"1"}}`, ""},
		{"CreateStream", `{"StreamName":"alone"}`, ""},
		{"DescribeStreamSummary", `{"StreamName":"alone"}`, `"StreamModeDetails":{"StreamMode":"ON_DEMAND"}`},
		{"DescribeStreamSummary", `{"StreamName":"alone"}`, `"OpenShardCount":4`},
		{"DescribeLimits", `{}`, `"OpenShardCount":6,"OnDemandStreamCount":1`},

		{"TagResource", `{"ResourceARN":` + arn + `,"Tags":{"b":"2","c":""}}`, ""},
		{"ListTagsForStream", `{"StreamName":"s"}`, `{"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"},{"Key":"c","Value":""}],"HasMoreTags":false}`},
		{"UntagResource", `{"ResourceARN":` + arn + `,"TagKeys":["a","none"]}`, ""},
		{"ListTagsForResource", `{"ResourceARN":` + arn + `}`, `{"Tags":[{"Key":"b","Value":"2"},{"Key":"c","Value":""}]}`},
		{"TagResource", `{"ResourceARN":` + arn + `,"Tags":{"a%":"1"}}`, "InvalidArgumentException"},
		{"TagResource", `{"ResourceARN":` + none + `,"Tags":{"a":"1"}}`, "ResourceNotFoundException"},
		{"TagResource", `{"ResourceARN":"s","Tags":{"a":"1"}}`, "ValidationException"},
		{"ListTagsForResource", `{}`, "ValidationException"},

		{"StartStreamEncryption", `{"StreamName":"s","EncryptionType":"NONE","KeyId":"alias/k"}`, "InvalidArgumentException"},
		{"StartStreamEncryption", `{"StreamName":"s","EncryptionType":"KMS","KeyId":"alias/k"}`, ""},
		{"DescribeStream", `{"StreamARN":` + arn + `}`, `"EncryptionType":"KMS","KeyId":"alias/k"`},
		{"PutRecord", `{"StreamName":"s","PartitionKey":"k","Data":""}`, `,"EncryptionType":"KMS"}`},
		{"PutRecords", `{"StreamName":"s","Records":[{"PartitionKey":"k","Data":""}]}`, `],"EncryptionType":"KMS"}`},
		{"StopStreamEncryption", `{"StreamName":"s","EncryptionType":"KMS","KeyId":"alias/k"}`, ""},
		{"DescribeStreamSummary", `{"StreamName":"s"}`, `"EncryptionType":"NONE","OpenShardCount"`},

		{"EnableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["OutgoingBytes","IncomingBytes"]}`, `"CurrentShardLevelMetrics":[],"DesiredShardLevelMetrics":["IncomingBytes","OutgoingBytes"]}`},
		{"EnableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["Sideways"]}`, "ValidationException"},
		{"DescribeStream", `{"StreamName":"s"}`, `"EnhancedMonitoring":[{"ShardLevelMetrics":["IncomingBytes","OutgoingBytes"]}]`},
		{"DisableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["ALL"]}`, `"CurrentShardLevelMetrics":["IncomingBytes","OutgoingBytes"],"DesiredShardLevelMetrics":[]}`},
		{"EnableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["ALL"]}`, `"IteratorAgeMilliseconds"]}`},

		{"PutRecords", put, "ValidationException"},
		{"UpdateMaxRecordSize", `{"StreamARN":` + arn + `,"MaxRecordSizeInKiB":2048}`, ""},
		{"PutRecords", put, `{"FailedRecordCount":0`},
		{"UpdateMaxRecordSize", `{"StreamARN":` + arn + `,"MaxRecordSizeInKiB":20480}`, "ValidationException"},

		{"UpdateStreamWarmThroughput", `{"StreamName":"s","WarmThroughputMiBps":7}`, "ValidationException"},
		{"UpdateStreamMode", `{"StreamARN":` + arn + `,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, ""},
		{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}`, "ValidationException"},
		{"UpdateStreamWarmThroughput", `{"StreamName":"s","WarmThroughputMiBps":7}`, `"WarmThroughput":{"TargetMiBps":7,"CurrentMiBps":7}`},
		{"DescribeStreamSummary", `{"StreamName":"s"}`, `"WarmThroughput":{"TargetMiBps":7,"CurrentMiBps":7}`},
		{"UpdateStreamMode", `{"StreamARN":` + arn + `,"StreamModeDetails":{"StreamMode":"PROVISIONED"}}`, ""},
		{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}`, `"CurrentShardCount":2`},

		{"GetResourcePolicy", `{"ResourceARN":` + arn + `}`, `{"Policy":"{}"}`},
		{"DeleteResourcePolicy", `{"ResourceARN":` + arn + `}`, "ResourceNotFoundException"},
		{"PutResourcePolicy", `{"ResourceARN":` + arn + `,"Policy":"{"}`, "InvalidArgumentException"},
		{"PutResourcePolicy", `{"ResourceARN":` + arn + `,"Policy":"{\"Version\":\"2012-10-17\"}"}`, ""},
		{"GetResourcePolicy", `{"ResourceARN":` + arn + `}`, `{\"Version\":\"2012-10-17\"}`},
		{"DeleteResourcePolicy", `{"ResourceARN":` + arn + `}`, ""},
		{"DescribeAccountSettings", `{}`, `{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}`},
		{"UpdateAccountSettings", `{"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}}`, `"ENABLED"`},
		{"DescribeAccountSettings", `{}`, `"ENABLED"`},
	} {
		c.ask(t, s)
	}
}

// Ensure that what is being made or changed is so until its time is over, that
// nothing else can be changed meanwhile, and that no clock that goes back begins it again.
func TestDelays(t *testing.T) {
	clock := newClock()
	s := mustServer(t, kinesis.Options{Clock: clock.time, CreateDelay: time.Minute, UpdateDelay: time.Minute})
	status := func(want string) {
		t.Helper()
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"StreamStatus":"` + want + `"`}.ask(t, s)
	}
	change := step{"StartStreamEncryption", `{"StreamName":"s","EncryptionType":"KMS","KeyId":"k"}`, "ResourceInUseException"}
	step{"CreateStream", `{"StreamName":"s","ShardCount":1}`, ""}.ask(t, s)
	status("CREATING")
	change.ask(t, s)
	clock.advance(time.Minute)
	status("ACTIVE")
	clock.advance(-time.Hour)
	status("ACTIVE")
	step{"PutRecord", `{"StreamName":"s","PartitionKey":"k","Data":""}`, "shardId-000000000000"}.ask(t, s)
	clock.advance(time.Hour)
	change.want = ""
	change.ask(t, s)
	status("UPDATING")
	change.want = "ResourceInUseException"
	change.ask(t, s)
	clock.advance(time.Minute)
	status("ACTIVE")
	clock.advance(-time.Hour)
	status("ACTIVE")

	clock.advance(2 * time.Hour)
	const arn = `"arn:aws:kinesis:us-east-1:000000000000:stream/s"`
	consumer := step{"DescribeStreamConsumer", `{"StreamARN":` + arn + `,"ConsumerName":"c"}`, `"ConsumerStatus":"CREATING"`}
	step{"RegisterStreamConsumer", `{"StreamARN":` + arn + `,"ConsumerName":"c","Tags":{"a":"1"}}`, `"ConsumerStatus":"CREATING"`}.ask(t, s)
	consumer.ask(t, s)
	clock.advance(time.Minute)
	consumer.want = `"ConsumerStatus":"ACTIVE"`
	consumer.ask(t, s)
	clock.advance(-time.Hour)
	consumer.ask(t, s)
	answer, _ := raw(s, consumer.operation, consumer.body)
	resource := `{"ResourceARN":"` + between(answer, `"ConsumerARN":"`) + `"`
	step{"TagResource", resource + `,"Tags":{"b":"2"}}`, ""}.ask(t, s)
	step{"UntagResource", resource + `,"TagKeys":["a"]}`, ""}.ask(t, s)
	step{"ListTagsForResource", resource + `}`, `{"Tags":[{"Key":"b","Value":"2"}]}`}.ask(t, s)
	step{"ListTagsForStream", `{"StreamName":"s"}`, `{"Tags":[],`}.ask(t, s)

	instant := mustServer(t, kinesis.Options{Clock: clock.time})
	must(t, instant.CreateStream("s", 1))
	clock.advance(-24 * time.Hour)
	step{"DescribeStream", `{"StreamName":"s"}`, `"StreamStatus":"ACTIVE"`}.ask(t, instant)
}
