package engine_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shownBy are exported functions without an example of their own, and the example that shows them.
var shownBy = map[string]string{
	"engine.NewJob": "Example", "engine.SinkTo": "ExampleFromSource", "engine.SinkFunc": "ExampleFromSource", "engine.NewTag": "ExampleSideOutput",
	"engine.Simulate": "", // for enginetest, which has Driver
	"window.Start":    "", // arithmetic
}

// parsed gives the files of a folder, those of tests apart.
func parsed(t *testing.T, folder string) (files, tests []*ast.File) {
	t.Helper()
	set := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			tests = append(tests, f)
		} else {
			files = append(files, f)
		}
	}
	return files, tests
}

// Ensure that each exported operator, window, trigger, state and option has an Example, which go doc shows, and that
// each of these has an output that is compared.
func TestExamples_Complete(t *testing.T) {
	for folder, name := range map[string]string{".": "engine", "window": "window", "trigger": "trigger"} {
		files, tests := parsed(t, folder)
		examples := map[string]bool{}
		for _, e := range doc.Examples(tests...) {
			examples["Example"+e.Name] = true
			if e.Output == "" && !e.EmptyOutput {
				t.Errorf("%s: Example%s has no output, so it is not run", name, e.Name)
			}
		}
		seen := 0
		for _, f := range files {
			for _, d := range f.Decls {
				d, ok := d.(*ast.FuncDecl)
				if !ok || d.Recv != nil || !d.Name.IsExported() {
					continue
				}
				seen++
				other, excused := shownBy[name+"."+d.Name.Name]
				switch {
				case excused && other != "" && !examples[other]:
					t.Errorf("%s.%s is to be shown by %s, which is not there", name, d.Name.Name, other)
				case !excused && !shown(examples, d.Name.Name):
					t.Errorf("%s.%s has no Example%s", name, d.Name.Name, d.Name.Name)
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s has no exported functions", name)
		}
	}
}

func shown(examples map[string]bool, name string) bool {
	for e := range examples {
		if own, _, _ := strings.Cut(e, "_"); own == "Example"+name {
			return true
		}
	}
	return false
}

// Ensure that the job in the package's comment is the one of its example, line by line, so that it compiles, and that
// it is short.
func TestExamples_PackageComment(t *testing.T) {
	files, _ := parsed(t, ".")
	var job []string
	for _, f := range files {
		for line := range strings.Lines(f.Doc.Text()) {
			if code, ok := strings.CutPrefix(line, "\t"); ok {
				job = append(job, strings.TrimSpace(code))
			}
		}
	}
	source, err := os.ReadFile("example_job_test.go")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(source)
	for _, line := range job {
		_, behind, ok := strings.Cut(rest, "\t"+line+"\n")
		if !ok {
			t.Errorf("the example has no line %q behind the ones before it", line)
			continue
		}
		rest = behind
	}
	if len(job) < 5 || len(job) > 10 {
		t.Errorf("the package's comment has a job of %d lines", len(job))
	}
}
