package search_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"taxistream/localstack/search"

	"github.com/opensearch-project/opensearch-go/v4"
	"github.com/opensearch-project/opensearch-go/v4/opensearchapi"
)

func TestAPI(t *testing.T) {
	s := filled(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		words              string
	}{
		{"GET", "/", "", 200, `"distribution":"opensearch"`},
		{"HEAD", "/", "", 200, ""},
		{"GET", "/_cluster/health?wait_for_status=yellow", "", 200, `"status":"green"`},
		{"GET", "/_cat/indices?format=json", "", 200, `"docs.count":"3"`},
		{"GET", "/_cat/indices?v&h=index,docs.count&s=index:desc", "", 200, "index                docs.count\npickup_count-2016.02          1\npickup_count-2016.01          3\n"},
		{"GET", "/_cat/indices?format=yaml", "", 501, "format=yaml"},
		{"GET", "/_cat/indices?h=creation.date", "", 501, "the column creation.date"},
		{"GET", "/_index_template", "", 200, `"_meta":{"rules":"1"}`},
		{"GET", "/_index_template/pick*", "", 200, `"name":"pickup_count"`},
		{"HEAD", "/_index_template/pickup_count", "", 200, ""},
		{"HEAD", "/_index_template/none", "", 404, ""},
		{"PUT", "/_index_template/pickup_count?create=true", template, 400, "already exists"},
		{"PUT", "/_index_template/other", template, 400, "multiple index templates may not match"},
		{"PUT", "/_index_template/other", `{"index_patterns":[]}`, 400, "Required [index_patterns]"},
		{"PUT", "/_index_template/other", `{"index_patterns":["o"],"data_stream":{}}`, 501, "data_stream"},
		{"PUT", "/_index_template/other", `{"index_patterns":["o"],"template":{"mappings":{"properties":{"x":{"type":"ip"}}}}}`, 501, "the mapping type ip"},
		{"PUT", "/_index_template/other", `{"index_patterns":["o"],"template":{"mappings":{"properties":{"x":{"type":"keyword","normalizer":"n"}}}}}`, 501, "normalizer"},
		{"PUT", "/_index_template/other", `{"index_patterns":["o"],"template":{"aliases":{"x":{"filter":{}}}}}`, 501, "options of the alias"},
		{"GET", "/pickup_count-2016.01", "", 200, `"rules":"1"`},
		{"HEAD", "/pickup_count", "", 200, ""},
		{"HEAD", "/none", "", 404, ""},
		{"GET", "/pickup_count-2016.01/_mapping", "", 200, `"dynamic":"strict"`},
		{"GET", "/_alias/pickup_count", "", 200, `"pickup_count-2016.02":{"aliases":{"pickup_count":{}}}`},
		{"GET", "/_alias/none", "", 404, "alias [none] missing"},
		{"GET", "/pickup_count-2016.01/_alias", "", 200, `{"pickup_count-2016.01":{"aliases":{"pickup_count":{}}}}`},
		{"PUT", "/pickup_count-2016.01", "", 400, "resource_already_exists_exception"},
		{"PUT", "/pickup_count-2016.03", `{"aliases":{"march":{}}}`, 200, "acknowledged"},
		{"GET", "/march", "", 200, `"aliases":{"march":{},"pickup_count":{}}`},
		{"PUT", "/Own", "", 400, "must be lowercase"},
		{"PUT", "/own", `{"mappings":{"properties":{"x":{"type":"long"}}}}`, 200, "own"},
		{"PUT", "/own/_doc/1?version=5&version_type=external", `{"x":1,"y":2}`, 201, `"_version":5`},
		{"POST", "/own/_doc/1?version=5&version_type=external", `{"x":1}`, 409, "higher or equal"},
		{"PUT", "/own/_doc/1?version=x", `{}`, 400, "Failed to parse long parameter"},
		{"PUT", "/own/_doc/1?op_type=create", `{}`, 409, "already exists"},
		{"PUT", "/own/_doc/2", ``, 400, "body is required"},
		{"PUT", "/own/_doc/2", `{"x":"y"}`, 400, "mapper_parsing_exception"},
		{"PUT", "/own/_doc/a%2Fb", `{"x":2}`, 201, `"_id":"a/b"`},
		{"GET", "/own/_doc/a%2Fb", ``, 200, `"found":true,"_source":{"x":2}`},
		{"GET", "/own/_doc/none", ``, 404, `"found":false`},
		{"GET", "/none/_doc/1", ``, 404, "no such index [none]"},
		{"GET", "/pickup_count/_doc/a", ``, 400, "no write index"},
		{"POST", "/own/_search", `{"query":{"term":{"y":2}}}`, 200, `"_id":"1"`},
		{"DELETE", "/own/_doc/1", ``, 200, `"result":"deleted"`},
		{"DELETE", "/own", ``, 200, "acknowledged"},
		{"DELETE", "/own", ``, 404, "no such index"},
		{"DELETE", "/pickup_count", ``, 400, "matches an alias"},
		{"POST", "/pickup_count/_refresh", ``, 200, `"total":3`},
		{"DELETE", "/_index_template/pickup_count", "", 200, "acknowledged"},
		{"DELETE", "/_index_template/pickup_count", "", 404, "missing"},
		{"POST", "/own/_doc", `{}`, 201, `"_index":"own"`},
		{"PUT", "/own/_create/1", `{}`, 201, `"_id":"1"`},
		{"PUT", "/own/_create/1", `{}`, 409, "already exists"},
		{"DELETE", "/_bulk", ``, 501, "the method DELETE"},
		{"GET", "/?pretty", ``, 200, "\n  \"cluster_name\""},
		{"GET", "/?nonsense=1", ``, 501, "the parameter nonsense"},
	} {
		status, answer := s.do(c.method, c.path, c.body)
		if status != c.status {
			t.Errorf("%s %s: got status %d, want %d: %s", c.method, c.path, status, c.status, answer)
		}
		contains(t, answer, c.words)
	}
}

// Ensure that the list of the store's API names every route, and no other.
func TestAPI_Documented(t *testing.T) {
	text, err := os.ReadFile("../../docs/results-store.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range search.RouteLines() {
		if !bytes.Contains(text, []byte("| "+line+" |")) {
			t.Errorf("docs/results-store.md lacks the line | %s |", line)
		}
	}
	if got, want := bytes.Count(text, []byte("\n| `")), len(search.RouteLines()); got != want {
		t.Errorf("docs/results-store.md lists %d routes, the store has %d", got, want)
	}
}

func TestAPI_FilterPath(t *testing.T) {
	s := filled(t)
	for _, c := range []struct{ paths, want string }{
		{"hits.total.value", `{"hits":{"total":{"value":4}}}`},
		{"hits.hits._id,took", `{"took":0,"hits":{"hits":[{"_id":"a"},{"_id":"b"},{"_id":"c"},{"_id":"d"}]}}`},
		{"hits.hits._source.aver*", `{"hits":{"hits":[{"_source":{"average":1.50}}]}}`},
		{"*.tot*", `{"_shards":{"total":2},"hits":{"total":{"value":4,"relation":"eq"}}}`},
		{"none.of.it", `{}`},
	} {
		if got := s.must("GET", "/pickup_count/_search?filter_path="+c.paths, ""); got != c.want {
			t.Errorf("%s: got %s, want %s", c.paths, got, c.want)
		}
	}
	// The short way for bulk verdicts must give what the long way gives.
	const verdicts = "/_bulk?filter_path=errors,items.*.status,items.*.error"
	body := bulkLines("a", 1, "{}") + bulkLines("z", 1, "{") + bulkLines("a", 9, "{}") + `{"delete":{"_index":"gone","_id":"1"}}` + "\n"
	short, long := newStore(t, search.Options{}).must("POST", verdicts, body), newStore(t, search.Options{}).must("POST", verdicts+",items.*.none", body)
	if short != long {
		t.Errorf("got  %s\nwant %s", short, long)
	}
	if status, _ := s.do("GET", "/?filter_path=-took", ""); status != 501 {
		t.Errorf("an exclusion: got status %d", status)
	}
}

func TestAPI_Body(t *testing.T) {
	s := newStore(t, search.Options{MaxBody: 5000})
	send := func(body []byte, encoding string) (int, string) {
		r := newRequest(http.MethodPost, "/_bulk", string(body))
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		s.s.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	pack := func(s string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
		return b.Bytes()
	}
	if status, answer := send(pack(bulkLines("a", 1, "{}")), "gzip"); status != 200 || !strings.Contains(answer, "created") {
		t.Errorf("gzip: %d %s", status, answer)
	}
	if status, _ := send(pack(strings.Repeat(" ", 5001)), "gzip"); status != 413 {
		t.Errorf("a gzip body that unpacks to more than the limit: %d", status)
	}
	if status, _ := send(pack(bulkLines("a", 1, "{}"))[:20], "gzip"); status != 400 {
		t.Errorf("a gzip body cut off: %d", status)
	}
	if status, _ := send([]byte("no gzip"), "gzip"); status != 400 {
		t.Errorf("no gzip: %d", status)
	}
	if status, _ := send(nil, "br"); status != 501 {
		t.Errorf("brotli: %d", status)
	}
}

// Ensure that the stock client for Go, unmodified, understands the store.
func TestAPI_StockClient(t *testing.T) {
	s := newStore(t, search.Options{})
	base, err := s.s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.s.Close()
	ctx := context.Background()
	c, err := opensearchapi.NewClient(opensearchapi.Config{Client: opensearch.Config{Addresses: []string{base}}})
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.Info(ctx, nil)
	if err != nil || info.Version.Number != search.Version {
		t.Fatalf("Info: %+v, %v", info, err)
	}
	bulk, err := c.Bulk(ctx, opensearchapi.BulkReq{Body: strings.NewReader(bulkLines("a", 3, `{"cell":"x"}`) + bulkLines("b", 1, `{"nocell":"x"}`))})
	if err != nil || !bulk.Errors || bulk.Items[0]["index"].Status != 201 || bulk.Items[1]["index"].Error.Type != "strict_dynamic_mapping_exception" {
		t.Fatalf("Bulk: %+v, %v", bulk, err)
	}
	found, err := c.Search(ctx, &opensearchapi.SearchReq{Indices: []string{"pickup_count"}, Body: strings.NewReader(`{"query":{"term":{"cell":"x"}}}`)})
	if err != nil || found.Hits.Total.Value != 1 || string(found.Hits.Hits[0].Source) != `{"cell":"x"}` {
		t.Fatalf("Search: %+v, %v", found, err)
	}
	if _, err := c.Indices.Delete(ctx, opensearchapi.IndicesDeleteReq{Indices: []string{"none"}}); err == nil || !strings.Contains(err.Error(), "index_not_found_exception") {
		t.Fatalf("Delete: %v", err)
	}
}

func TestStart(t *testing.T) {
	s := newStore(t, search.Options{})
	base, err := s.s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(base, "http://")
	other := newStore(t, search.Options{})
	if _, err := other.s.Start(address); err == nil || !strings.Contains(err.Error(), address+": the port is in use") {
		t.Errorf("a busy port: got %v", err)
	}
	if _, err := s.s.Start("127.0.0.1:0"); err == nil {
		t.Error("it started twice")
	}
	if err := s.s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.s.Start(address); err != nil {
		t.Errorf("again on its port: %v", err)
	}
	_ = s.s.Close()
	if _, err := search.New(search.Options{MaxBytes: -1}); err == nil {
		t.Error("a negative limit was taken")
	}
}

func TestClock(t *testing.T) {
	s := newStore(t, search.Options{Clock: func() time.Time { return time.UnixMilli(42) }})
	s.must("PUT", "/x", "")
	contains(t, s.must("GET", "/x", ""), `"creation_date":"42"`)
}

func Example() {
	s, err := search.New(search.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	base, err := s.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	res, err := http.Post(base+"/_bulk?filter_path=items.*.result", "application/x-ndjson",
		strings.NewReader(`{"index":{"_index":"cells","_id":"1","version":3,"version_type":"external_gte"}}`+"\n"+`{"trips":3}`+"\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	var answer bytes.Buffer
	_, _ = answer.ReadFrom(res.Body)
	fmt.Println(answer.String(), s.Stats().Documents)
	// Output: {"items":[{"index":{"result":"created"}}]} 1
}
