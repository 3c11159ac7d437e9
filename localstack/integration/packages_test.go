//go:build integration

package integration

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Ensure that the packages with tests of their own for a real server, named by
// an environment variable, pass against it and leave none of these tests out.
func TestPackages(t *testing.T) {
	for variable, start := range map[string]func() string{
		"TAXI_OPENSEARCH": func() string { return StartOpenSearch(t, OpenSearchOptions{}).URL },
		"S3_ENDPOINT":     func() string { return StartLocalStack(t).URL },

		"TAXI_OPENSEARCH_SECURITY": func() string { return startSecured(t) },
	} {
		t.Run(variable, func(t *testing.T) {
			packages := asking(t, variable)
			if len(packages) == 0 {
				Note("%s: no package's tests ask for it", t.Name())
				return
			}
			c := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-v"}, packages...)...)
			c.Dir = root
			c.Env = append(os.Environ(), variable+"="+start())
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if regexp.MustCompile(`\b` + variable + `\b`).Match(out) { // a reason to skip names it
				t.Errorf("a test was left out though %s is set:\n%s", variable, out)
			}
			Note("%s: the tests of %s", t.Name(), strings.Join(packages, " "))
		})
	}
}

var root = filepath.Join("..", "..")

// asking lists the packages, but for this one, whose tests read the variable.
func asking(t *testing.T, variable string) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "node_modules" || e.Name() == ".git") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil || filepath.ToSlash(dir) == "localstack/integration" {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), `"`+variable+`"`) {
			found["./"+filepath.ToSlash(dir)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}
