//go:build integration

package integration

import (
	"flag"
	"testing"
)

var recordAnswers = flag.Bool("record", false, "write testdata/results.json from OpenSearch's answers")

// Ensure that OpenSearch answers what the embedded store is held against.
func TestResults_OpenSearch(t *testing.T) {
	answers := record(t, StartOpenSearch(t, OpenSearchOptions{Own: true}).URL)
	if *recordAnswers {
		writeRecorded(t, answers)
	}
	want := recorded(t)
	for _, e := range answers {
		w := next(t, &want, e)
		w.compare(t, e.Status, whole(e.Answer))
	}
	Note("results conformance: %d requests to OpenSearch", len(answers))
}
