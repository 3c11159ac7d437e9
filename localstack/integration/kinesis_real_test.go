//go:build integration

package integration

import "testing"

// Ensure that LocalStack answers as the API reference says, or as the table says that it does.
func TestKinesis_LocalStack(t *testing.T) {
	n := askKinesis(t, localStack, StartLocalStack(t).URL, nil)
	Note("Kinesis conformance: %d conversations of %d requests with LocalStack", len(kinesisCases()), n)
}
