package lint_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "taxistream"

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

type pkg struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string // those that are not tests
	Imports           []string
}

// packages asks the go command for every package of the module and reads its
// imports from its files: with -find, go needs no module that infra alone uses.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-find", "-json=ImportPath,Dir,GoFiles,CgoFiles", "./...")
	cmd.Dir = root(t)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var list []pkg
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for _, name := range append(p.GoFiles, p.CgoFiles...) {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range file.Imports {
				p.Imports = append(p.Imports, strings.Trim(spec.Path.Value, `"`))
			}
		}
		list = append(list, p)
	}
}

// judge returns what is wrong with one import of a package, "" if nothing.
func judge(from, path string) string {
	r := roomOf(from)
	if r == nil {
		return fmt.Sprintf("%s has no room: give it a row in internal/lint/rooms_test.go", from)
	}
	own, ours := strings.CutPrefix(path, module+"/")
	first, _, _ := strings.Cut(path, "/")
	switch {
	case path == "C":
		return fmt.Sprintf("%s uses cgo: only h3 in internal/geo may need a C compiler", from)
	case !ours && !strings.Contains(first, "."):
		return "" // the standard library
	case r.allows(own, ours):
		return ""
	}
	return fmt.Sprintf("%s imports %s, which its room %q does not allow: %s", from, own, r.pattern, r.rule)
}

func TestImports_FollowTheTable(t *testing.T) {
	list := packages(t)
	if len(list) < 20 {
		t.Fatalf("go list found %d packages only", len(list))
	}
	for _, p := range list {
		from := strings.TrimPrefix(p.ImportPath, module+"/")
		if roomOf(from) == nil {
			t.Error(judge(from, "fmt"))
			continue
		}
		for _, path := range p.Imports {
			if complaint := judge(from, path); complaint != "" {
				t.Error(complaint)
			}
		}
	}
}

// The table itself: an arrow of each kind, both ways.
func TestJudge(t *testing.T) {
	tests := []struct {
		from, path string
		ok         bool
	}{
		{"engine", "sync", true},
		{"engine", "taxistream/engine/window", true},
		{"engine", "taxistream/engine/enginetest", false},
		{"engine", "taxistream/internal/names", false},
		{"engine", "golang.org/x/sync/errgroup", false},
		{"engine/window", "taxistream/engine/watermark", true},
		{"engine/watermark", "taxistream/engine/window", false},
		{"engine/window", "taxistream/engine", false},
		{"internal/geo", "github.com/uber/h3-go/v4", true},
		{"internal/trip", "github.com/uber/h3-go/v4", false},
		{"internal/geo", "C", false},
		{"internal/kinesis", "github.com/aws/aws-sdk-go-v2/service/kinesis", true},
		{"internal/kinesis", "taxistream/internal/opensearch", false},
		{"internal/opensearch", "taxistream/internal/trip", false},
		{"producer/put", "taxistream/internal/trip", true},
		{"producer/put", "taxistream/engine", false},
		{"producer/app", "taxistream/processor/job", false},
		{"producer", "taxistream/internal/flags", false},
		{"processor/job", "taxistream/data/trips", false},
		{"processor/app", "taxistream/localstack/kinesis", false},
		{"processor/app", "taxistream/internal/lint", false},
		{"processor/app", "github.com/prometheus/client_golang/prometheus", false},
		{"processor/source", "github.com/aws/aws-sdk-go-v2/service/kinesis", false},
		{"data/trips", "taxistream/data/sort", false},
		{"data/sort", "taxistream/data/trips", true},
		{"localstack/app", "taxistream/processor/app", true},
		{"localstack/kinesis", "taxistream/internal/kinesis", false},
		{"nowhere", "fmt", false},
	}
	for _, tt := range tests {
		t.Run(tt.from+" to "+tt.path, func(t *testing.T) {
			if got := judge(tt.from, tt.path); (got == "") != tt.ok {
				t.Errorf("allowed: %v, want %v; %s", got == "", tt.ok, got)
			}
		})
	}
}
