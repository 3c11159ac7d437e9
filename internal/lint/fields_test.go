package lint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taxistream/internal/results"
)

// generic are fields' names that are ordinary words of the house, too.
var generic = []string{
	results.FieldCell, results.FieldResolution, results.FieldLocation, results.FieldBoundary, results.FieldTimestamp, results.FieldReason,
	results.FieldDetail, results.FieldRecord, results.FieldShard, results.FieldEventTime,
}

// Ensure the fields of the documents are spelled in internal/results alone: as a
// literal, or within one as JSON or an expression has them. The oracle has a
// spelling of its own.
func TestFieldsSpelledOnce(t *testing.T) {
	var fields []string
	for _, alias := range results.Aliases() {
		for _, f := range results.Fields(alias) {
			if !slices.Contains(generic, f.Name) {
				fields = append(fields, f.Name)
			}
		}
	}
	if !slices.Contains(fields, results.FieldAirport) || len(fields) < 10 {
		t.Fatalf("only %v are looked for", fields)
	}
	spelled := regexp.MustCompile(`(?:^|[^\w ])(` + strings.Join(fields, "|") + `)(?:$|[^\w ])`)
	seen := 0
	tree(t, func(name string, data []byte) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "localstack/localtest/") || strings.HasPrefix(name, "localstack/storetest/") || name == "internal/names/names.go" {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			m := spelled.FindStringSubmatch(text)
			if m == nil {
				return true
			}
			seen++
			if !strings.HasPrefix(name, "internal/results/") {
				t.Errorf("%s spells the field %s: take it from internal/results", set.Position(l.Pos()), m[1])
			}
			return true
		})
	})
	if seen < len(fields)/2 {
		t.Errorf("only %d spellings were found, with those of internal/results", seen)
	}
}
