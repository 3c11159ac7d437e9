package search_test

import (
	"net/http"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

// filled is a store with four documents in two months.
func filled(t *testing.T) client {
	s := newStore(t, search.Options{})
	february := strings.ReplaceAll(bulkLines("d", 4, `{"cell":"y","pickup_count":4,"window_start":"2016-02-01T00:00:00.000Z"}`), "2016.01", "2016.02")
	s.bulk(bulkLines("a", 1, `{"cell":"x","pickup_count":1,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z"}`) +
		bulkLines("b", 2, `{"cell":"y","pickup_count":2,"window_start":"2016-01-02T10:00:00.000Z"}`) +
		bulkLines("c", 3, `{"cell":"x","pickup_count":3,"window_start":null}`) + february)
	return s
}

func TestSearch_Found(t *testing.T) {
	s := filled(t)
	for _, c := range []struct{ name, path, body, want string }{
		{"Alias", "/pickup_count/_search", `{}`, "a b c d"},
		{"AliasAndItsIndex", "/pickup_count,pickup_count-2016.01/_search", ``, "a b c d"},
		{"Everything", "/_search", ``, "a b c d"},
		{"Wildcard", "/*2016.02/_search", ``, "d"},
		{"Size", "/pickup_count/_search?size=2&from=1", ``, "b c"},
		{"SortDesc", "/pickup_count/_search", `{"sort":[{"pickup_count":"desc"}],"size":2}`, "d c"},
		{"SortMissingLast", "/pickup_count/_search", `{"sort":["window_start"]}`, "a b d c"},
		{"SortMissingLastDesc", "/pickup_count/_search", `{"sort":{"window_start":{"order":"desc"}}}`, "d b a c"},
		{"SortMissingFirst", "/pickup_count/_search", `{"sort":{"window_start":{"missing":"_first"}}}`, "c a b d"},
		{"SortUnmapped", "/pickup_count/_search", `{"sort":[{"none":{"unmapped_type":"long"}},{"_id":"desc"}]}`, "d c b a"},
		{"After", "/pickup_count/_search", `{"sort":["window_start"],"search_after":["2016-01-01T00:00:00.000Z"],"size":2}`, "b d"},
		{"AfterMissing", "/pickup_count/_search", `{"sort":["window_start","_id"],"search_after":[9223372036854775807,"b"]}`, "c"},
		{"TermID", "/pickup_count/_search", `{"query":{"terms":{"_id":["a","d","z"]}}}`, "a d"},
		{"TermValue", "/pickup_count/_search", `{"query":{"term":{"cell":{"value":"y"}}}}`, "b d"},
		{"TermNumber", "/pickup_count/_search", `{"query":{"term":{"average":"1.5"}}}`, "a"},
		{"TermDay", "/pickup_count/_search", `{"query":{"term":{"window_start":"2016-01-02"}}}`, "b"},
		{"RangeToTheEndOfADay", "/pickup_count/_search", `{"query":{"range":{"window_start":{"gt":"2016-01-01","lte":"2016-01-02"}}}}`, "b"},
		{"RangeBeforeADay", "/pickup_count/_search", `{"query":{"range":{"window_start":{"gte":"2016","lt":"2016-01-02"}}}}`, "a"},
		{"RangeMonth", "/pickup_count/_search", `{"query":{"range":{"window_start":{"lte":"2016-01"}}}}`, "a"},
		{"RangeZone", "/pickup_count/_search", `{"query":{"range":{"window_start":{"lt":"2015-12-31T20:00:00.001-04:00"}}}}`, "a"},
		{"RangeMillis", "/pickup_count/_search", `{"query":{"range":{"window_start":{"gte":1451606400000,"lte":1451606400000,"format":"epoch_millis"}}}}`, "a"},
		{"RangeKeyword", "/pickup_count/_search", `{"query":{"range":{"cell":{"gt":"x"}}}}`, "b d"},
		{"UnknownField", "/pickup_count/_search", `{"query":{"term":{"none":1}}}`, ""},
		{"NotIndexed", "/pickup_count/_search", `{"query":{"exists":{"field":"boundary"}}}`, ""},
		{"Least", "/pickup_count/_search", `{"query":{"bool":{"should":[{"term":{"cell":"y"}},{"range":{"pickup_count":{"gt":3}}}],"minimum_should_match":2}}}`, "d"},
		{"None", "/pickup_count/_search", `{"query":{"match_none":{}}}`, ""},
		{"Ignored", "/none,pickup_count-2016.02/_search?ignore_unavailable=true", ``, "d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := s.search(c.path, c.body).ids(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Ensure that an answer has the shape that OpenSearch 2.19 gives it.
func TestSearch_Shape(t *testing.T) {
	s := filled(t)
	for _, c := range []struct{ name, body, want string }{
		{
			"Plain", `{"query":{"ids":{"values":["a"]}},"version":true}`,
			`{"took":0,"timed_out":false,"_shards":{"total":2,"successful":2,"skipped":0,"failed":0},"hits":{"total":{"value":1,"relation":"eq"},"max_score":1.0,"hits":[{"_index":"pickup_count-2016.01","_id":"a","_version":1,"_score":1.0,"_source":{"cell":"x","pickup_count":1,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z"}}]}}`,
		},
		{
			"Sorted", `{"size":1,"sort":["window_start","cell","pickup_count","average"],"_source":["c*","average"],"track_total_hits":2}`,
			`{"took":0,"timed_out":false,"_shards":{"total":2,"successful":2,"skipped":0,"failed":0},"hits":{"total":{"value":2,"relation":"gte"},"max_score":null,"hits":[{"_index":"pickup_count-2016.01","_id":"a","_score":null,"_source":{"cell":"x","average":1.50},"sort":[1451606400000,"x",1,1.5]}]}}`,
		},
		{
			"Missing", `{"query":{"ids":{"values":["c"]}},"sort":["window_start",{"average":"desc"}],"_source":false,"track_total_hits":false}`,
			`{"took":0,"timed_out":false,"_shards":{"total":2,"successful":2,"skipped":0,"failed":0},"hits":{"max_score":null,"hits":[{"_index":"pickup_count-2016.01","_id":"c","_score":null,"sort":[9223372036854775807,"-Infinity"]}]}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := s.must(http.MethodPost, "/pickup_count/_search", c.body); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Ensure that what is wrong is refused as OpenSearch does, and that what is not
// supported is answered with 501 and its name.
func TestSearch_Refused(t *testing.T) {
	s := filled(t)
	for _, c := range []struct {
		path, body string
		status     int
		words      string
	}{
		{"/none/_search", ``, 404, "no such index [none]"},
		{"/none*/_search?allow_no_indices=false", ``, 404, "no such index [none*]"},
		{"/_search?size=10001", ``, 400, "Result window is too large"},
		{"/_search?size=x", ``, 400, "Failed to parse int parameter [size]"},
		{"/_search", `{"size":-1}`, 400, "cannot be negative"},
		{"/_search", `{"sort":["none"]}`, 400, "No mapping found in order to sort on [none]"},
		{"/_search", `{"sort":["detail"]}`, 400, "Text fields are not optimised"},
		{"/_search", `{"search_after":[1]}`, 400, "Sort must contain at least one field"},
		{"/_search", `{"sort":["cell"],"search_after":[1,2]}`, 400, "search_after has 2 value(s) but sort has 1"},
		{"/_search", `{"sort":["pickup_count"],"search_after":["x"]}`, 400, "Failed to parse search_after value"},
		{"/_search", `{"query":{"range":{"window_start":{"gte":"now-1d"}}}}`, 400, "date mathematics is not supported"},
		{"/_search", `{"query":{"range":{"pickup_count":{"gte":"x"}}}}`, 400, "For input string"},
		{"/_search", `{"query":`, 400, "end-of-input"},
		{"/_search", `{"query":{"match":{"detail":"x"}}}`, 501, "type text"},
		{"/_search", `{"query":{"prefix":{"cell":"x"}}}`, 501, "the query prefix"},
		{"/_search", `{"query":{"term":{"detail":"x"}}}`, 501, "type text"},
		{"/_search", `{"query":{"range":{"window_start":{"gte":1,"time_zone":"+01:00"}}}}`, 501, "time_zone"},
		{"/_search", `{"query":{"match_all":{"boost":2}}}`, 501, "boost"},
		{"/_search", `{"aggs":{"a":{"percentiles":{"field":"average"}}}}`, 501, "the aggregation percentiles (a)"},
		{"/_search", `{"sort":["_score"]}`, 501, "_score"},
		{"/_search", `{"_source":["location.lat"]}`, 501, "location.lat"},
		{"/_search?scroll=1m", ``, 501, "the parameter scroll"},
		{"/-x/_search", ``, 501, "-x"},
		{"/_count", `{"size":1}`, 501, "size"},
		{"/_msearch", ``, 400, "request body is required"},
		{"/pickup_count/_forcemerge", ``, 501, "the path /pickup_count/_forcemerge"},
	} {
		status, answer := s.do(http.MethodPost, c.path, c.body)
		if status != c.status {
			t.Errorf("%s %s: got status %d, want %d", c.path, c.body, status, c.status)
		}
		contains(t, answer, c.words)
	}
	if got := s.s.Stats().Unsupported; got != 12 {
		t.Errorf("%d unsupported requests are counted, want 12", got)
	}
}
