//go:build integration

package integration

import "testing"

// Ensure that LocalStack answers as the API reference says, or as the table says that it does.
func TestKinesis_LocalStack(t *testing.T) {
	url := StartLocalStack(t).URL
	n := askKinesis(t, localStack, url, jsonType, nil, kinesisCases())
	Note("Kinesis conformance: %d conversations of %d requests with LocalStack", len(kinesisCases()), n)
	n = askKinesis(t, localStack, url, cborType, nil, putCases()[:2])
	Note("Kinesis conformance: two of them, of %d requests, in CBOR", n)
}

// Ensure LocalStack answers the same reader alike, but for one thing: a subscription to a shard that was
// split goes on for ever, and names no children.
func TestKinesis_FanOut_LocalStack(t *testing.T) {
	askFanOut(t, StartLocalStack(t).URL, false)
	Note("Kinesis conformance: enhanced fan-out of LocalStack, by the processor's reader, up to a shard's end")
}
