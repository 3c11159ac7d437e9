package engine_test

import (
	"path/filepath"
	"testing"

	"taxistream/engine/enginetest"
)

// The files under testdata read as documentation: each opens with the promise that
// it guards. After a change run with -rewrite and read the difference.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("scenarios %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { enginetest.RunScenario(t, file) })
	}
}
