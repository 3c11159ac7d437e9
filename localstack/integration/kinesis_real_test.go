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
