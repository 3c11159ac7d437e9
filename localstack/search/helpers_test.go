package search_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

// client speaks to a store without a network.
type client struct {
	t testing.TB
	s *search.Server
}

func newStore(t testing.TB, o search.Options) client {
	t.Helper()
	s, err := search.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c := client{t, s}
	c.must(http.MethodPut, "/_index_template/pickup_count", template)
	return c
}

// template has one field of each mapping type.
const template = `{"index_patterns":["pickup_count-*"],"priority":100,"_meta":{"rules":"1"},"template":{
	"settings":{"index":{"number_of_shards":1}},"aliases":{"pickup_count":{}},
	"mappings":{"dynamic":"strict","_meta":{"rules":"1"},"properties":{
		"cell":{"type":"keyword"},"resolution":{"type":"byte"},"location":{"type":"geo_point"},
		"boundary":{"type":"object","enabled":false},"pickup_count":{"type":"long"},"average":{"type":"double"},
		"detail":{"type":"text"},"record":{"type":"binary"},"hot":{"type":"boolean"},
		"window_start":{"type":"date"},"timestamp":{"type":"date"}}}}}`

func (c client) do(method, path, body string) (int, string) {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.s.ServeHTTP(w, newRequest(method, path, body))
	return w.Code, w.Body.String()
}

func (c client) must(method, path, body string) string {
	c.t.Helper()
	status, answer := c.do(method, path, body)
	if status >= 300 {
		c.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	return answer
}

// action is the two lines of a bulk body.
func bulkLines(id string, version int64, source string) string {
	return fmt.Sprintf(`{"index":{"_index":"pickup_count-2016.01","_id":%q,"version":%d,"version_type":"external_gte"}}`+"\n%s\n", id, version, source)
}

type bulkAnswer struct {
	Errors bool
	Items  []map[string]struct {
		Status  int
		Version int64  `json:"_version"`
		Result  string `json:"result"`
		Error   struct {
			Type, Reason string
			CausedBy     struct{ Type, Reason string } `json:"caused_by"`
		}
	}
}

func (c client) bulk(body string) bulkAnswer {
	c.t.Helper()
	var a bulkAnswer
	decode(c.t, c.must(http.MethodPost, "/_bulk", body), &a)
	return a
}

type searchAnswer struct {
	Hits struct {
		Total    *struct{ Value int }
		MaxScore *float64 `json:"max_score"`
		Hits     []struct {
			Index   string `json:"_index"`
			ID      string `json:"_id"`
			Version int64  `json:"_version"`
			Source  json.RawMessage
			Raw     json.RawMessage   `json:"_source"`
			Sort    []json.RawMessage `json:"sort"`
		}
	}
}

func (c client) search(path, body string) searchAnswer {
	c.t.Helper()
	var a searchAnswer
	decode(c.t, c.must(http.MethodPost, path, body), &a)
	return a
}

func (a searchAnswer) ids() string {
	var ids []string
	for _, h := range a.Hits.Hits {
		ids = append(ids, h.ID)
	}
	return strings.Join(ids, " ")
}

func decode(t testing.TB, body string, v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	if err := d.Decode(v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("more than one JSON value in %s", body)
	}
}

func contains(t testing.TB, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got %q, want it to contain %q", got, w)
		}
	}
}

// newRequest is a request as a program on this machine makes it.
func newRequest(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:9200"
	r.Header.Set("Content-Type", "application/json")
	return r
}
