package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"taxistream/engine/enginetest"
)

// scenarios are all scenario files: ours, and facts from the test suites of others.
func scenarios(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"testdata/*.txt", "testdata/*/*.txt"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("scenarios %v, %v", found, err)
		}
		files = append(files, found...)
	}
	return files
}

// The files under testdata read as documentation: each opens with the promise that
// it guards. After a change run with UPDATE_SCENARIOS=1 and read the difference.
func TestScenarios(t *testing.T) {
	for _, file := range scenarios(t) {
		t.Run(filepath.Base(file), func(t *testing.T) { enginetest.RunScenario(t, file) })
	}
}

// Ensure that windows give the same by the general operator as by the fast ones, and at
// another parallelism.
func TestScenarios_AnyForm(t *testing.T) {
	begins := regexp.MustCompile(`(?m)^window .*$`)
	for _, file := range scenarios(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !begins.Match(text) {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			changed := begins.ReplaceAllStringFunc(string(text), func(line string) string {
				if !strings.Contains(line, "parallelism=") {
					line += " parallelism=3"
				}
				return line + " general"
			})
			other := filepath.Join(t.TempDir(), filepath.Base(file))
			if err := os.WriteFile(other, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			enginetest.RunScenario(t, other)
		})
	}
}

// Ensure that the examples of the form's own page give what it says.
func TestScenarios_Documented(t *testing.T) {
	page, err := os.ReadFile("enginetest/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```scenario\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(examples) < 20 {
		t.Fatalf("there are %d examples", len(examples))
	}
	for _, example := range examples {
		file := filepath.Join(t.TempDir(), "example.txt")
		if err := os.WriteFile(file, []byte(example[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		enginetest.RunScenario(t, file)
	}
}
