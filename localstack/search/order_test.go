package search_test

import (
	"net/http"
	"testing"

	"taxistream/localstack/search"
)

// Ensure that of several faults of a request the same is named every time: a
// map has another order each time.
func TestServer_AnswersTheSameEveryTime(t *testing.T) {
	c := newStore(t, search.Options{})
	c.must(http.MethodPut, "/_index_template/pickup_count2", `{"index_patterns":["pickups-*"],"priority":100}`)
	for name, r := range map[string]struct{ method, path, body, want string }{
		"Parameters": {http.MethodGet, "/pickup_count/_search?zz=1&b=2&a=3&y=4", "", "the parameter a on"},
		"Mapping":    {http.MethodPut, "/_index_template/a", `{"index_patterns":["a"],"template":{"mappings":{"z":1,"y":2,"b":3,"c":4}}}`, `\"b\" in a mapping`},
		"Field":      {http.MethodPut, "/_index_template/a", `{"index_patterns":["a"],"template":{"mappings":{"properties":{"f":{"type":"long","z":1,"y":2,"b":3}}}}}`, "the mapping parameter b"},
		"Bool":       {http.MethodPost, "/pickup_count/_search", `{"query":{"bool":{"z":[],"y":[],"b":[],"c":[]}}}`, "b in a bool query"},
		"OfAlias":    {http.MethodPut, "/_index_template/a", `{"index_patterns":["a"],"template":{"aliases":{"z":{"x":1},"y":{"x":1},"b":{"x":1}}}}`, "options of the alias b"},
		"Priority":   {http.MethodPut, "/_index_template/a", `{"index_patterns":["pick*"],"priority":100}`, "existing templates [pickup_count] with"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				_, answer := c.do(r.method, r.path, r.body)
				contains(t, answer, r.want)
			}
		})
	}
}

// Ensure that of two spellings of one setting the same is shown every time.
func TestTemplate_ShowsTheSameEveryTime(t *testing.T) {
	c := newStore(t, search.Options{})
	for range 20 {
		c.must(http.MethodPut, "/_index_template/s", `{"index_patterns":["s"],"template":{"settings":{"index":{"number_of_shards":1},"number_of_shards":2,"index.number_of_shards":3}}}`)
		contains(t, c.must(http.MethodGet, "/_index_template/s", ""), `"number_of_shards":"2"`)
	}
}
