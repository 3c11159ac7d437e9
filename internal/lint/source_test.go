package lint_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"
)

// Lines of one function, doc comment aside. A screen is the aim; this is the end.
const (
	maxFunc     = 100
	maxTestFunc = 120
)

func TestSource_KeepsTheHouseRules(t *testing.T) {
	tree(t, func(name string, data []byte) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		complaints, err := inspect(name, data)
		if err != nil {
			t.Errorf("%v", err)
		}
		for _, c := range complaints {
			t.Error(c)
		}
	})
}

// inspect applies every rule to one file.
func inspect(name string, data []byte) (complaints []string, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, data, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	complain := func(at token.Pos, format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf("%s:%d: ", name, fset.Position(at).Line)+fmt.Sprintf(format, args...))
	}
	test := strings.HasSuffix(name, "_test.go")
	marked := directives(f, fset, complain)
	bound := maxFunc
	if test {
		bound = maxTestFunc
	}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			if n := fset.Position(d.End()).Line - fset.Position(d.Pos()).Line + 1; n > bound {
				complain(d.Pos(), "%s has %d lines, more than %d: a function fits a screen", d.Name.Name, n, bound)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if !test && isNow(n) && !mayReadClock(name) && !marked[fset.Position(n.Pos()).Line] {
				complain(n.Pos(), "time.Now: take a clock or a time as an argument")
			}
		case *ast.CallExpr:
			if test && skipsSilently(n) {
				complain(n.Pos(), "a test is skipped without saying why")
			}
		}
		return true
	})
	return complaints, nil
}

// directive is a silenced linter: its name, then why.
var directive = regexp.MustCompile(`^//nolint:([a-z0-9,]+) // \S`)

// directives complains of those without linter or reason and returns the lines
// on which the clock may be read: the default of an option left nil.
func directives(f *ast.File, fset *token.FileSet, complain func(token.Pos, string, ...any)) map[int]bool {
	clock := map[int]bool{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if !strings.HasPrefix(strings.ReplaceAll(c.Text, " ", ""), "//nolint") {
				continue
			}
			m := directive.FindStringSubmatch(c.Text)
			if m == nil {
				complain(c.Pos(), "%s: write //nolint:linter // reason", c.Text)
			} else if strings.Contains(m[1], "forbidigo") {
				clock[fset.Position(c.Pos()).Line] = true
			}
		}
	}
	return clock
}

func isNow(s *ast.SelectorExpr) bool {
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "time" && s.Sel.Name == "Now"
}

// mayReadClock: the engine's system clock, and the apps, which hand it on.
func mayReadClock(name string) bool {
	return name == "engine/clock.go" || path.Base(path.Dir(name)) == "app"
}

func skipsSilently(c *ast.CallExpr) bool {
	s, ok := c.Fun.(*ast.SelectorExpr)
	return ok && (s.Sel.Name == "SkipNow" || s.Sel.Name == "Skip") && len(c.Args) == 0
}

func TestInspect(t *testing.T) {
	long := strings.Repeat("\n", maxFunc)
	mark := "//" + "nolint"
	tests := []struct {
		name, file, body, want string
	}{
		{"Clean", "a.go", "func f() {}", ""},
		{"Clock", "a.go", "var now = time.Now", "time.Now"},
		{"ClockOfApp", "x/app/a.go", "var now = time.Now", ""},
		{"ClockOfTest", "a_test.go", "var now = time.Now", ""},
		{"MarkedClock", "a.go", "var now = time.Now " + mark + ":forbidigo // the default", ""},
		{"OtherMark", "a.go", "var now = time.Now " + mark + ":errcheck // the default", "time.Now"},
		{"NoLinter", "a.go", "var x = 1 " + mark, "reason"},
		{"NoReason", "a.go", "var x = 1 " + mark + ":errcheck", "reason"},
		{"LongFunction", "a.go", "func f() {" + long + "}", "screen"},
		{"LongTest", "a_test.go", "func f() {" + long + "}", ""},
		{"SilentSkip", "a_test.go", "func f(t *testing.T) { t.SkipNow() }", "why"},
		{"EmptySkip", "a_test.go", "func f(t *testing.T) { t.Skip() }", "why"},
		{"Skip", "a_test.go", `func f(t *testing.T) { t.Skip("no data") }`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := inspect(tt.file, []byte("package a\n\n"+tt.body+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(got, "; ")
			if (all == "") != (tt.want == "") || !strings.Contains(all, tt.want) {
				t.Errorf("got %q, want one with %q", all, tt.want)
			}
		})
	}
}
