package search_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

// reopened is another store of the same folder, as after a kill: the one before was not closed.
func reopened(t *testing.T, dir string) client {
	t.Helper()
	s, err := search.New(search.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return client{t, s}
}

// Ensure that everything that was acknowledged is there in the next process,
// whichever way the one before ended.
func TestDir(t *testing.T) {
	dir := t.TempDir()
	s := reopened(t, dir)
	s.must(http.MethodPut, "/_index_template/pickup_count", template)
	s.must(http.MethodPut, "/_index_template/gone", `{"index_patterns":["x"]}`)
	s.must(http.MethodDelete, "/_index_template/gone", "")
	s.bulk(bulkLines("a", 3, `{"cell":"x","pickup_count":9007199254740993}`) + bulkLines("b", 1, `{"cell":"y"}`) + bulkLines("c", 1, `{}`))
	s.must(http.MethodDelete, "/pickup_count-2016.01/_doc/c?version=5&version_type=external", "")
	s.must(http.MethodPut, "/free/_doc/1", `{"name":"One","deep":{"n":1},"when":"2016-01-01"}`)
	s.must(http.MethodPut, "/dead/_doc/1", `{}`)
	s.must(http.MethodPut, "/free/_alias/one", "")
	s.must(http.MethodPost, "/_aliases", `{"actions":[{"add":{"index":"free","alias":"two"}},{"remove":{"index":"free","alias":"one"}},{"remove_index":{"index":"dead"}}]}`)
	ask := func(s client) string {
		var b strings.Builder
		for _, path := range []string{"/_index_template", "/_alias", "/free", "/_mapping", "/_cat/indices", "/pickup_count-2016.01/_doc/a", "/pickup_count-2016.01/_doc/c", "/_search?sort=_id", "/one/_count", "/two/_search?sort=deep.n"} {
			status, answer := s.do(http.MethodGet, path, "")
			b.WriteString(path + " " + http.StatusText(status) + " " + answer + "\n")
		}
		_, answer := s.do(http.MethodPost, "/_search", `{"query":{"term":{"pickup_count":9007199254740993}},"aggs":{"a":{"terms":{"field":"cell"}}}}`)
		return b.String() + answer
	}
	want := ask(s)
	for range 3 {
		s = reopened(t, dir)
		if got := ask(s); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
	// The version of the deleted document is kept, and so is the sequence of numbers.
	if a := s.bulk(bulkLines("c", 4, "{}") + bulkLines("a", 3, `{"cell":"z"}`)); a.Items[0]["index"].Status != 409 || a.Items[1]["index"].Status != 200 {
		t.Errorf("got %+v", a)
	}
	contains(t, s.must(http.MethodGet, "/pickup_count-2016.01/_doc/a", ""), `"_seq_no":4`)
	s.must(http.MethodPut, "/pickup_count-2016.02/_doc/new", `{"cell":"q"}`) // by the template
	if err := s.s.Close(); err != nil {
		t.Fatal(err)
	}
	contains(t, reopened(t, dir).must(http.MethodGet, "/pickup_count/_search?sort=cell&_source=cell", ""), `"sort":["q"]`, `"sort":["y"]`, `"sort":["z"]`)
}

// Ensure that a folder that cannot be read is an error that names it, and that
// what was being written or deleted when the process ended is put in order.
func TestDir_Trouble(t *testing.T) {
	dir := t.TempDir()
	s := reopened(t, dir)
	s.must(http.MethodPut, "/a/_doc/1", `{"n":1}`)
	catalog := filepath.Join(dir, "catalog.log")
	f, err := os.OpenFile(catalog, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString("torn")
	_ = f.Close()
	orphan := filepath.Join(dir, "indexes", "embedded99")
	if err := os.Mkdir(orphan, 0o700); err != nil {
		t.Fatal(err)
	}
	contains(t, reopened(t, dir).must(http.MethodGet, "/a/_doc/1", ""), `"found":true`)
	if _, err := os.Stat(orphan); err == nil {
		t.Error("the folder of an index that is no more is still there")
	}
	whole, err := os.ReadFile(catalog)
	if err != nil {
		t.Fatal(err)
	}
	whole[20]++
	_ = os.WriteFile(catalog, whole, 0o600)
	if _, err := search.New(search.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), catalog) || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged catalog: got %v", err)
	}
	if _, err := search.New(search.Options{Dir: catalog}); err == nil {
		t.Error("a file was taken for a folder")
	}
}

// Ensure that a changed catalog does not grow for ever.
func TestDir_CatalogIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := reopened(t, dir)
	big := `{"index_patterns":["x"],"_meta":{"x":"` + strings.Repeat("y", 100_000) + `"}}`
	for range 60 {
		s.must(http.MethodPut, "/_index_template/x", big)
	}
	info, err := os.Stat(filepath.Join(dir, "catalog.log"))
	if err != nil || info.Size() > 3<<20 {
		t.Errorf("the catalog has %d bytes, %v", info.Size(), err)
	}
	contains(t, reopened(t, dir).must(http.MethodGet, "/_index_template/x", ""), "yyy")
}
