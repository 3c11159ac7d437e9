package integration

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

var update = flag.Bool("update", false, "write docs/conformance.md from the tables")

const preface = `# Conformance

What the embedded servers answer is held against the API's reference and against the real servers by two suites in
` + "`localstack/integration`" + `. Each is a table of requests with the answers expected. The embedded server is asked in every
` + "`go test ./...`" + `, the real one by ` + "`make integration`" + `. Where a server answers otherwise the table says what, and why; a difference that is
not in the table fails the test, and so does one in the table that is gone.

This page is written from the tables: ` + "`go test ./localstack/integration -run Report -args -update`" + `.
`

// Ensure that docs/conformance.md is what the tables say.
func TestReport(t *testing.T) {
	want, n := recorded(t), 0
	for _, c := range resultsCases() {
		n += len(c.exchanges)
	}
	if n != len(want) {
		t.Fatalf("%s holds %d exchanges, the table has %d: record it anew", resultsFile, len(want), n)
	}
	var b strings.Builder
	b.WriteString(preface)
	reportKinesis(&b)
	reportResults(&b, want)
	file := filepath.Join("..", "..", "docs", "conformance.md")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s is not what the tables say: run go test ./localstack/integration -run Report -args -update and look at what changed", file)
	}
}

func reportKinesis(b *strings.Builder) {
	cases := kinesisCases()
	requests, differing := 0, map[string]int{}
	for _, c := range cases {
		for _, s := range c.steps {
			if s.want.status == 0 {
				continue
			}
			requests++
			for _, d := range s.differs {
				differing[d.server]++
			}
		}
	}
	fmt.Fprintf(b, `
## Kinesis

Expected is what the [API reference](https://docs.aws.amazon.com/kinesis/latest/APIReference/) says; where it leaves a code open, what the
service was seen to answer by the tests of [kinesalite](https://github.com/mhart/kinesalite), which its authors ran against it.
%d conversations of %d requests; the embedded server answers otherwise in %d of them, LocalStack (with kinesis-mock) in %d.

| conversation | requests |
|---|---|
`, len(cases), requests, differing[embedded], differing[localStack])
	for _, c := range cases {
		n := 0
		for _, s := range c.steps {
			if s.want.status != 0 {
				n++
			}
		}
		fmt.Fprintf(b, "| %s | %d |\n", c.name, n)
	}
	b.WriteString(notesOnLocalStack)
	for _, server := range []string{embedded, localStack} {
		fmt.Fprintf(b, "\n### Differences of the %s server\n", server)
		reportServer(b, server, cases)
	}
}

const notesOnLocalStack = `
Two things of LocalStack depend on its clock, and the conversations wait until they cannot show: it cuts the timestamps of requests to
seconds; and a record put in the very second in which its shard was made has the shard's own starting number, so that reading on after
it begins with it again.

In the patterns below a member that is not named may be there, ` + "`-`" + ` is absent, ` + "`>5`" + ` is above 5, ` + "`#4`" + ` is a list of four, ` + "`@x`" + ` is anything and
becomes ` + "`${x}`" + `; ` + "`${s}`" + ` is the stream.
`

// reportServer lists the differences of one server by their reasons.
func reportServer(b *strings.Builder, server string, cases []kinesisCase) {
	var reasons []string
	rows := map[string][]string{}
	for _, c := range cases {
		for _, s := range c.steps {
			for _, d := range s.differs {
				if d.server != server {
					continue
				}
				if rows[d.reason] == nil {
					reasons = append(reasons, d.reason)
				}
				rows[d.reason] = append(rows[d.reason], fmt.Sprintf("| %s `%s` | %s | %s |", s.op, shortly(s.in), s.want, d.instead()))
			}
		}
	}
	for _, r := range reasons {
		fmt.Fprintf(b, "\n%s.\n\n| request | expected | answers |\n|---|---|---|\n%s\n", strings.ToUpper(r[:1])+r[1:], strings.Join(rows[r], "\n"))
	}
}

// instead names what the server answers.
func (d difference) instead() string {
	if d.notAsked {
		return "not asked"
	}
	return d.want.String()
}

// String names an answer in a table.
func (a answer) String() string {
	switch {
	case a.code == fmt.Sprint(a.status):
		return a.code
	case a.code != "":
		return fmt.Sprintf("%d %s", a.status, a.code)
	case a.pattern != "":
		return "`" + shortly(a.pattern) + "`"
	}
	return fmt.Sprint(a.status)
}

var blank = regexp.MustCompile(`\s+`)

// shortly puts a text into a cell of a table.
func shortly(s string) string {
	s = strings.ReplaceAll(blank.ReplaceAllString(s, " "), "|", `\|`)
	if r := []rune(s); len(r) > 160 {
		return string(r[:157]) + "…"
	}
	return s
}

func reportResults(b *strings.Builder, want []exchange) {
	cases := resultsCases()
	requests, differing := 0, 0
	for _, c := range cases {
		requests += len(c.exchanges)
		for _, e := range c.exchanges {
			if e.differs != nil {
				differing++
			}
		}
	}
	fmt.Fprintf(b, `
## Results store

Expected is what OpenSearch %s answered: `+"`testdata/results.json`"+` holds it, and `+"`make integration`"+` asks again. One conversation of %d requests with a
server that is empty at its beginning; the embedded store answers otherwise in %d of them. Compared are status, error types, results, versions,
hits and their order, sources, counts, mappings, aliases and templates; not times, sizes, shards, sequence numbers, identifiers, the order of
`+"`_cat`"+`, and the wording of reasons.

| part | requests |
|---|---|
`, search.Version, requests, differing)
	for _, c := range cases {
		fmt.Fprintf(b, "| %s | %d |\n", c.name, len(c.exchanges))
	}
	b.WriteString("\n### Differences of the embedded store\n")
	var reasons []string
	rows := map[string][]string{}
	for _, c := range cases {
		for _, e := range c.exchanges {
			real := want[0]
			want = want[1:]
			if e.differs == nil {
				continue
			}
			if rows[e.differs.reason] == nil {
				reasons = append(reasons, e.differs.reason)
			}
			rows[e.differs.reason] = append(rows[e.differs.reason], fmt.Sprintf("| %s | %s | %s |", e.title(), real.told(), e.differs.want))
		}
	}
	for _, r := range reasons {
		fmt.Fprintf(b, "\n%s.\n\n| request | OpenSearch | embedded store |\n|---|---|---|\n%s\n", strings.ToUpper(r[:1])+r[1:], strings.Join(rows[r], "\n"))
	}
}

// title names a request in a table.
func (e exchange) title() string {
	if e.Body == "" {
		return fmt.Sprintf("%s `%s`", e.Method, e.Path)
	}
	return fmt.Sprintf("%s `%s` `%s`", e.Method, e.Path, strings.TrimSpace(shortly(e.Body)))
}

// told names a recorded answer: its status and the type of its error, or the body.
func (e exchange) told() string {
	m, _ := e.Answer.(map[string]any)
	if in, ok := m["error"].(map[string]any); ok {
		return fmt.Sprintf("%d %v", e.Status, in["type"])
	}
	return fmt.Sprintf("%d `%s`", e.Status, shortly(whole(e.Answer)))
}
