package cost_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// What the guides name in the repository is there.
func TestGuidesNameWhatIsThere(t *testing.T) {
	path := regexp.MustCompile("`((?:infra|internal|processor|producer|engine|docs|localstack|dashboards|data)/[\\w./-]+)`")
	link := regexp.MustCompile(`\]\(([\w./-]+\.md)\)`)
	root := filepath.Join(here, "..", "..")
	for _, guide := range []string{"deploy.md", "threats.md"} {
		text, err := os.ReadFile(filepath.Join(root, "docs", guide))
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		for _, m := range path.FindAllSubmatch(text, -1) {
			if name := string(m[1]); name != "infra/cdk.out" {
				named = append(named, name)
			}
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			named = append(named, filepath.Join("docs", string(m[1])))
		}
		if len(named) < 3 {
			t.Errorf("%s names %d paths: is the pattern still right?", guide, len(named))
		}
		for _, name := range named {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s names %s, which is not there", guide, name)
			}
		}
	}
}
