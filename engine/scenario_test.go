package engine_test

import (
	"testing"

	"github.com/cockroachdb/datadriven"

	"taxistream/engine/enginetest"
)

// The files under testdata read as documentation: each opens with the promise that
// it guards. After a change run with -rewrite and read the difference.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata", enginetest.RunScenario)
}
