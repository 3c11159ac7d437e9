package lint_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taxistream/internal/names"
	"taxistream/internal/results"
)

// ordinary are fields' names that are words of the house, too: they mean a field only
// in a package that can have to do with documents, and there as a whole literal, a key
// of JSON, a tag of a struct, or a part of a source.
var ordinary = []string{
	results.FieldCell, results.FieldResolution, results.FieldLocation, results.FieldBoundary, results.FieldTimestamp, results.FieldReason,
	results.FieldDetail, results.FieldRecord, results.FieldShard, results.FieldEventTime,
}

// noFields are ordinary words that stand like a field and are none.
var noFields = map[string]string{
	"processor/app/health.go: shard":        "a noun in a sentence",
	"processor/app/hooks.go: shard":         "the name of a log line's value",
	"processor/app/rejects.go: reason":      "the name of a flag",
	"processor/app/config.go: event_time":   "a rule's name in checkpoints and templates",
	"dashboards/live/api.go: cell":          "the page's own wire",
	"dashboards/objects/map.go: cell":       "a title for people",
	"dashboards/objects/charts.go: cell":    "a title for people",
	"dashboards/objects/charts.go: reason":  "a title for people",
	"internal/opensearch/errors.go: reason": "OpenSearch's error",
	"localstack/app/query.go: cell":         "a question's name",
	"localstack/app/answers.go: cell":       "the answer's own form",
	"localstack/app/tail.go: shard":         "the name of a flag",
	"localstack/app/tailevent.go: shard":    "the form of an event of the stream",
	"localstack/app/tailevent.go: detail":   "the form of an event of the stream",
	"localstack/app/tailevent.go: record":   "the form of an event of the stream",
}

// reachesDocuments tells a package that does by what it imports.
func reachesDocuments(p pkg) bool {
	return slices.ContainsFunc(p.Imports, func(path string) bool {
		return strings.HasPrefix(path, module+"/internal/results") || path == module+"/internal/opensearch"
	})
}

// own tells the folders whose spelling is their own on purpose: the documents are
// held against it.
func own(name string) bool {
	return strings.HasPrefix(name, "localstack/localtest/") || strings.HasPrefix(name, "localstack/storetest/")
}

// particular are the fields' names that are no ordinary words.
func particular() (fields []string) {
	for _, alias := range results.Aliases() {
		for _, f := range results.Fields(alias) {
			if !slices.Contains(ordinary, f.Name) {
				fields = append(fields, f.Name)
			}
		}
	}
	return fields
}

// Ensure the fields of the documents are spelled in internal/results alone: as a
// literal, or within one as JSON or an expression has them.
func TestFieldsSpelledOnce(t *testing.T) {
	fields, words := particular(), strings.Join(ordinary, "|")
	if !slices.Contains(fields, results.FieldAirport) || len(fields) < 10 {
		t.Fatalf("only %v are looked for", fields)
	}
	anywhere := regexp.MustCompile(`(?:^|[^\w ])(` + strings.Join(fields, "|") + `)(?:$|[^\w ])`)
	asField := regexp.MustCompile(`^(` + words + `)$|"(` + words + `)\\?"\s*:|json:"(` + words + `)[",]|_source\.(` + words + `)\b`)
	reaching := map[string]bool{"internal/opensearch": true}
	for _, p := range packages(t) {
		if reachesDocuments(p) {
			reaching[strings.TrimPrefix(p.ImportPath, module+"/")] = true
		}
	}
	seen, excused := 0, map[string]bool{}
	tree(t, func(name string, data []byte) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || own(name) || name == "internal/names/names.go" {
			return
		}
		literals(t, name, data, func(at token.Position, text string) {
			m := anywhere.FindStringSubmatch(text)
			if m == nil && reaching[path.Dir(name)] {
				m = asField.FindStringSubmatch(text)
			}
			if m == nil {
				return
			}
			seen++
			field := strings.Join(m[1:], "")
			key := name + ": " + field
			excused[key] = true
			if noFields[key] == "" && !strings.HasPrefix(name, "internal/results/") {
				t.Errorf("%s spells the field %s: take it from internal/results", at, field)
			}
		})
	})
	if seen < len(fields)/2 {
		t.Errorf("only %d spellings were found, with those of internal/results", seen)
	}
	for key := range noFields {
		if !excused[key] {
			t.Errorf("%s is an exception of nothing", key)
		}
	}
}

// literals calls f with each string literal of a file, tags of structs too.
func literals(t *testing.T, name string, data []byte, f func(at token.Position, text string)) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, data, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			f(set.Position(l.Pos()), text)
		}
		return true
	})
}

// Ensure the control room's page, whose wire has names of its own, knows no document.
func TestFieldsInThePage(t *testing.T) {
	const src = "dashboards/live/web/src/"
	field := regexp.MustCompile(`\b(` + strings.Join(particular(), "|") + `)\b|_source\b`)
	read := 0
	tree(t, func(name string, data []byte) {
		if strings.HasPrefix(name, src) {
			read++
			if m := field.Find(data); m != nil {
				t.Errorf("%s spells the field %s: the page gets what it shows from package live", name, m)
			}
		}
	})
	if read < 10 {
		t.Errorf("only %d files of %s were read", read, src)
	}
}

// twins are the queries over the archive that give the documents of an alias.
var twins = map[string]string{
	"infra/queries/hotspots.sql":            names.PickupCount,
	"infra/queries/airport-trips.sql":       names.TripDuration,
	"infra/queries/ready/hotspots.sql":      names.PickupCount,
	"infra/queries/ready/airport-trips.sql": names.TripDuration,
}

// Ensure SQL, which cannot take names from Go, calls the columns of a twin of the
// documents as their fields are called, and spells no field elsewhere. The examples
// of the job on Flink are held against the documents by its own tests.
func TestFieldsInSQL(t *testing.T) {
	twinsRead := 0
	tree(t, func(name string, data []byte) {
		if !strings.HasSuffix(name, ".sql") || strings.HasPrefix(name, "processor/flink/examples/") {
			return
		}
		alias, twin := twins[name]
		if twin {
			twinsRead++
		}
		for _, wrong := range wrongInSQL(string(data), alias) {
			t.Errorf("%s: %s", name, wrong)
		}
	})
	if twinsRead != len(twins) {
		t.Errorf("%d twins were read, want %d", twinsRead, len(twins))
	}
	for _, c := range []struct {
		sql, alias string
		want       int
	}{
		{"WITH x AS (SELECT n) SELECT a AS _id,\n cell, n AS pickup_count\nFROM x", names.PickupCount, 0},
		{"SELECT a || '-' AS _id, cell, n AS pickups FROM x", names.PickupCount, 1},
		{"SELECT a AS id, cel FROM x", names.PickupCount, 2},
		{"SELECT avg(sum_trip_duration) AS n FROM x", "", 1},
		{"SELECT avg(total_amount) AS cell FROM x", "", 0},
	} {
		if got := wrongInSQL(c.sql, c.alias); len(got) != c.want {
			t.Errorf("%s: got %q, want %d complaints", c.sql, got, c.want)
		}
	}
}

// wrongInSQL says which columns of a twin's last SELECT are no fields of its alias;
// of a query that is no twin, which fields it spells.
func wrongInSQL(sql, alias string) (wrong []string) {
	if alias == "" {
		for _, field := range particular() {
			if regexp.MustCompile(`\b` + field + `\b`).MatchString(sql) {
				wrong = append(wrong, "spells the field "+field+" and is no twin of documents")
			}
		}
		return wrong
	}
	known := []string{"_id"}
	for _, f := range results.Fields(alias) {
		known = append(known, f.Name)
	}
	list, _, _ := strings.Cut(sql[strings.LastIndex(sql, "SELECT")+len("SELECT"):], "FROM")
	for _, m := range regexp.MustCompile(`(\w+)\s*(?:,|$)`).FindAllStringSubmatch(strings.TrimSpace(list), -1) {
		if !slices.Contains(known, m[1]) {
			wrong = append(wrong, fmt.Sprintf("the column %s is no field of %s", m[1], alias))
		}
	}
	return wrong
}
