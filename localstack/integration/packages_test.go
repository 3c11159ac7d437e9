//go:build integration

package integration

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Ensure that the packages whose own tests can speak to a real server pass
// against it, and leave none of these tests out.
func TestPackages(t *testing.T) {
	search, ls := StartOpenSearch(t, OpenSearchOptions{}), StartLocalStack(t)
	for _, p := range []struct{ name, variable, url, packages string }{
		{"OpenSearch", "TAXI_OPENSEARCH", search.URL, "./internal/opensearch/..."},
		{"S3", "S3_ENDPOINT", ls.URL, "./internal/s3/... ./processor/store/... ./data/..."},
	} {
		t.Run(p.name, func(t *testing.T) {
			c := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-v"}, strings.Fields(p.packages)...)...)
			c.Dir = "../.."
			c.Env = append(os.Environ(), p.variable+"="+p.url)
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if strings.Contains(string(out), p.variable) {
				t.Errorf("a test was left out though %s is set:\n%s", p.variable, out)
			}
			Note("%s: the tests of %s against %s", t.Name(), p.packages, p.name)
		})
	}
}
