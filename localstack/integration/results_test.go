package integration

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

// resultsFile holds what OpenSearch answered; with -record the run against it writes the file.
var resultsFile = filepath.Join("testdata", "results.json")

// Ensure that the embedded results store answers what OpenSearch answered when it was asked the same.
func TestResults_Embedded(t *testing.T) {
	store, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(store)
	defer server.Close()
	want := recorded(t)
	for _, c := range resultsCases() {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			for _, e := range c.exchanges {
				w := next(t, &want, e)
				status, body := e.send(t, server.URL)
				if e.differs == nil {
					w.compare(t, status, body)
					continue
				}
				if status == w.Status && reflect.DeepEqual(normal(body), w.Answer) {
					t.Errorf("%s %s %.300s: answered as by OpenSearch, though a difference is declared: %s", e.Method, e.Path, e.Body, e.differs.reason)
				}
				e.judge(t, status, body)
			}
		})
	}
	if len(want) > 0 {
		t.Errorf("%s holds %d exchanges more than the table: record it anew", resultsFile, len(want))
	}
}

func recorded(t *testing.T) (list []exchange) {
	t.Helper()
	data, err := os.ReadFile(resultsFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// next takes the recorded exchange that belongs to e.
func next(t *testing.T, list *[]exchange, e exchange) exchange {
	t.Helper()
	if len(*list) == 0 || (*list)[0].Method != e.Method || (*list)[0].Path != e.Path || (*list)[0].Body != e.Body {
		t.Fatalf("%s %s is not the next that %s holds: record it anew (see docs/results-store.md)", e.Method, e.Path, resultsFile)
	}
	w := (*list)[0]
	*list = (*list)[1:]
	return w
}

// compare holds an answer against the recorded one.
func (e exchange) compare(t *testing.T, status int, body string) {
	t.Helper()
	got := normal(body)
	if status != e.Status || e.Method != "HEAD" && !reflect.DeepEqual(got, e.Answer) {
		t.Errorf("%s %s %.300s\n got %d %s\nwant %d %s\n body %.600s", e.Method, e.Path, e.Body, status, whole(got), e.Status, whole(e.Answer), body)
	}
}

// judge holds an answer of the embedded store against its declared difference.
func (e exchange) judge(t *testing.T, status int, body string) {
	t.Helper()
	want := e.differs.want
	v, err := decodeJSON(body)
	if err != nil || status != want.status {
		t.Errorf("%s %s %.300s: %d %s, %v, want %v", e.Method, e.Path, e.Body, status, body, err, want)
		return
	}
	pattern := want.pattern
	if want.code != "" {
		pattern = `{"error":{"type":"` + want.code + `"}}`
	}
	p, err := decodeJSON(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := match("", v, p, map[string]string{}); len(wrong) > 0 {
		t.Errorf("%s %s %.300s: %s", e.Method, e.Path, e.Body, strings.Join(wrong, "; "))
	}
}

func whole(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func (e exchange) send(t *testing.T, url string) (status int, body string) {
	t.Helper()
	var sent bytes.Buffer
	if e.Gzip {
		w := gzip.NewWriter(&sent)
		_, _ = io.WriteString(w, e.Body)
		_ = w.Close()
	} else {
		sent.WriteString(e.Body)
	}
	r, err := http.NewRequest(e.Method, url+e.Path, &sent)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case e.Type == nil:
		r.Header.Set("Content-Type", "application/json")
	case *e.Type != "":
		r.Header.Set("Content-Type", *e.Type)
	}
	if e.Gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// own drops what two servers may say differently.
func own(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any)
		_, isError := v["reason"]
		for name, x := range v {
			switch {
			case servers[name], isError && name == "index", name == "version" && madeBy(x):
			default:
				out[name] = own(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = own(x)
		}
		slices.SortStableFunc(out, func(a, b any) int { return strings.Compare(catIndex(a), catIndex(b)) })
		return out
	}
	return v
}

// madeBy tells an index's version, which names the server's, from a document's.
func madeBy(x any) bool {
	m, ok := x.(map[string]any)
	return ok && m["created"] != nil
}

// catIndex is the name in a line of _cat/indices, whose order is nobody's promise; else "".
func catIndex(v any) string {
	m, _ := v.(map[string]any)
	if m["docs.count"] == nil {
		return ""
	}
	name, _ := m["index"].(string)
	return name
}

// servers are the members in which each server speaks of itself.
var servers = map[string]bool{
	"took": true, "_shards": true, "_scroll_id": true, "_seq_no": true, "_primary_term": true, "forced_refresh": true,
	// of errors
	"root_cause": true, "reason": true, "phase": true, "grouped": true, "failed_shards": true, "caused_by": true,
	"index_uuid": true, "shard": true, "resource.id": true, "resource.type": true,
	// of indexes
	"creation_date": true, "uuid": true, "number_of_replicas": true, "provided_name": true, "replication": true, "refresh_interval": true,
	// of _cat
	"health": true, "pri": true, "rep": true, "docs.deleted": true, "store.size": true, "pri.store.size": true,
}

func normal(body string) any {
	v, err := decodeJSON(body)
	if err != nil {
		return nil
	}
	var plain any
	b, _ := json.Marshal(own(v))
	_ = json.Unmarshal(b, &plain)
	return plain
}

// record asks a real server that is empty and gives its answers.
func record(t *testing.T, url string) (list []exchange) {
	for _, c := range resultsCases() {
		for _, e := range c.exchanges {
			status, body := e.send(t, url)
			e.Status, e.Answer = status, normal(body)
			list = append(list, e)
		}
	}
	return list
}

func writeRecorded(t *testing.T, list []exchange) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, e := range list {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		if i < len(list)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	if err := os.WriteFile(resultsFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
