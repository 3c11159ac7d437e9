package search_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

var record = flag.String("record", "", "base URL of an empty OpenSearch whose answers are recorded")

// exchange is one request and what OpenSearch 2.19.6 answered to it, but for
// what is its own: times, identifiers, shards, sequence numbers, its wording.
type exchange struct {
	Method, Path, Body string
	Status             int
	Answer             any
}

// conversation runs from an empty server on, each request after the other.
func conversation() []exchange {
	bulk := func(lines ...string) exchange {
		return exchange{Method: "POST", Path: "/_bulk?refresh=true", Body: strings.Join(lines, "")}
	}
	find := func(body string) exchange {
		return exchange{Method: "POST", Path: "/pickup_count/_search", Body: body}
	}
	list := []exchange{
		{Method: "GET", Path: "/_index_template/pickup_count"},
		{Method: "PUT", Path: "/_index_template/pickup_count?create=true", Body: template},
		{Method: "PUT", Path: "/_index_template/pickup_count?create=true", Body: template},
		{Method: "PUT", Path: "/_index_template/pickup_count", Body: template},
		{Method: "PUT", Path: "/_index_template/other", Body: template},
		{Method: "POST", Path: "/pickup_count/_search"},
		{Method: "POST", Path: "/pickup_count/_search?ignore_unavailable=true"},
		{Method: "POST", Path: "/pickup_count/_search?ignore_unavailable=true", Body: `{"size":0,"aggs":{"cells":{"terms":{"field":"cell"}}}}`},
		{Method: "POST", Path: "/pickup_count/_count?ignore_unavailable=true&allow_no_indices=true"},
		{Method: "POST", Path: "/pickup_count/_refresh?ignore_unavailable=true"},
		bulk(bulkLines("a", 5, `{"cell":"x","pickup_count":5,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z","location":{"lat":40.7,"lon":-73.9}}`)),
		bulk(bulkLines("a", 5, `{"cell":"x","pickup_count":5,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z"}`)),
		bulk(bulkLines("a", 4, `{}`), bulkLines("b", 2, `{"cell":"y","pickup_count":2,"window_start":"2016-01-02T10:00:00.000Z"}`), bulkLines("c", 3, `{"cell":"x","pickup_count":3,"window_start":null}`)),
		bulk(strings.ReplaceAll(bulkLines("d", 4, `{"cell":"y","pickup_count":4,"window_start":"2016-02-01T00:00:00.000Z","boundary":{"x":[[1,2],[3,4]]}}`), "2016.01", "2016.02")),
		{Method: "POST", Path: "/_bulk?filter_path=errors,items.*.status,items.*.error.type&refresh=true", Body: bulkLines("a", 6, `{"cell":"x","pickup_count":6,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z"}`) + bulkLines("z", 1, `{"other":1}`)},
		{Method: "GET", Path: "/pickup_count-2016.01/_doc/a"},
		{Method: "GET", Path: "/pickup_count-2016.01/_doc/none"},
		{Method: "GET", Path: "/none/_doc/none"},
		{Method: "HEAD", Path: "/pickup_count-2016.01"},
		{Method: "HEAD", Path: "/none"},
		{Method: "GET", Path: "/_alias/pickup_count"},
		{Method: "GET", Path: "/_alias/none"},
		{Method: "GET", Path: "/pickup_count-2016.01/_mapping"},
		{Method: "POST", Path: "/pickup_count/_count", Body: `{"query":{"term":{"cell":"x"}}}`},
		{Method: "PUT", Path: "/pickup_count-2016.01/_doc/a?version=6&version_type=external", Body: `{}`},
		{Method: "PUT", Path: "/pickup_count-2016.01", Body: ``},
		{Method: "PUT", Path: "/UPPER", Body: ``},
		{Method: "DELETE", Path: "/none"},
		{Method: "DELETE", Path: "/pickup_count"},
	}
	// Whole requests that are refused.
	for _, body := range []string{
		strings.TrimSuffix(bulkLines("x", 1, "{}"), "\n"), "index\n{}\n", `{"index":1}` + "\n{}\n", `{"put":{"_index":"i"}}` + "\n{}\n",
		`{"index":{"_id":"x"}}` + "\n{}\n", bulkLines(strings.Repeat("x", 513), 1, "{}"), bulkLines("x", -1, "{}"),
		strings.Replace(bulkLines("x", 1, "{}"), "external_gte", "mine", 1),
	} {
		list = append(list, bulk(body))
	}
	// Documents that a strict mapping takes or refuses.
	for _, source := range []string{
		`{"other":1}`, `{"cell":7}`, `{"cell":{"a":1}}`, `{"pickup_count":"12"}`, `{"pickup_count":1.9}`, `{"pickup_count":"two"}`, `{"pickup_count":1e30}`,
		`{"resolution":128}`, `{"average":"1.5"}`, `{"average":1e999}`, `{"hot":1}`, `{"hot":"true"}`, `{"window_start":"2016-02-30"}`, `{"window_start":"2016"}`,
		`{"window_start":1451606400000}`, `{"window_start":"01.01.2016"}`, `{"window_start":true}`, `{"location":{"lat":91,"lon":0}}`, `{"location":{"lat":1}}`,
		`{"location":{"lat":1,"lon":2,"x":3}}`, `{"cell":"a","cell":"b"}`, `{"cell":"a"`, `[1]`, `{"record":"aGk="}`, `{"record":5}`,
		`{"cell":"` + strings.Repeat("x", 32767) + `"}`, `{"boundary":[1,2]}`, `{"boundary":"text"}`, `{"c\u0065ll":"escaped"}`, `{"hot":""}`,
		`{"window_start":"2016-01-01T00:00:00+02:00"}`, `{"window_start":"2016-01-01T00"}`, `{"window_start":"2016-01-01T00:00:00.123456Z"}`,
		`{"cell":"a"} {}`, ``, `null`, `{"cell":"\ud800"}`,
		`{"pickup_count":" 1"}`, `{"pickup_count":""}`, `{"pickup_count":"0x10"}`, `{"average":"NaN"}`, `{"average":"0x1p4"}`, `{"average":"1_0"}`, `{"location":{"lat":"1","lon":"2"}}`,
		`{"pickup_count":true}`, `{"average":true}`, `{"window_start":1.5}`, `{"window_start":""}`, `{"window_start":"-1"}`, `{"location":5}`, `{"cell":true}`, `{"detail":{"a":1}}`,
	} {
		list = append(list, bulk(bulkLines("probe", 1, source)), exchange{Method: "DELETE", Path: "/pickup_count-2016.01/_doc/probe?refresh=true&version=1&version_type=external_gte"})
	}
	for _, body := range []string{
		`{"sort":["_id"]}`, `{"sort":["window_start"],"version":true}`, `{"sort":[{"window_start":"desc"}],"size":2}`,
		`{"sort":[{"window_start":{"order":"desc","missing":"_first"}}],"_source":false}`,
		`{"sort":["average",{"pickup_count":"desc"}],"_source":["cell"]}`, `{"sort":[{"average":"desc"},"cell","pickup_count"],"_source":{"excludes":["c*"]}}`,
		`{"sort":["window_start","pickup_count"],"search_after":[1451606400000,6],"track_total_hits":true}`,
		`{"sort":["window_start","pickup_count"],"search_after":[9223372036854775807,2]}`,
		`{"sort":["cell","pickup_count"],"search_after":["x",4],"track_total_hits":2}`, `{"sort":["pickup_count"],"track_total_hits":false,"size":1}`,
		`{"query":{"term":{"average":1.5}},"sort":["_id"]}`, `{"query":{"terms":{"cell":["x","z"]}},"sort":["_id"]}`, `{"query":{"term":{"window_start":"2016-01-02"}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"gt":"2016-01-01","lte":"2016-01-02"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"gte":"2016","lt":"2016-01-02"}}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"lte":"2016-01"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"lt":"2015-12-31T20:00:00.001-04:00"}}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"gte":1451606400000,"lte":1451606400000,"format":"epoch_millis"}}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"gte":-9,"lte":-1,"format":"epoch_millis"}}},"sort":["_id"]}`,
		`{"query":{"range":{"cell":{"gt":"x"}}},"sort":["_id"]}`, `{"query":{"term":{"none":1}},"sort":["_id"]}`, `{"query":{"exists":{"field":"boundary"}},"sort":["_id"]}`,
		`{"query":{"exists":{"field":"window_start"}},"sort":["_id"]}`, `{"query":{"exists":{"field":"location"}},"sort":["_id"]}`, `{"query":{"exists":{"field":"record"}},"sort":["_id"]}`,
		`{"query":{"ids":{"values":["a","d","q"]}},"sort":["_id"]}`, `{"query":{"terms":{"_id":["a","b"]}},"sort":["_id"]}`, `{"query":{"match_none":{}}}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}},{"range":{"pickup_count":{"gt":3}}}],"minimum_should_match":2}},"sort":["_id"]}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}}],"must_not":{"term":{"pickup_count":4}}}},"sort":["_id"]}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}}],"filter":{"term":{"cell":"x"}}}},"sort":["_id"]}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}}],"minimum_should_match":0}},"sort":["_id"]}`, `{"query":{"bool":{}},"sort":["_id"]}`,
		`{"sort":["none"]}`, `{"sort":[{"none":{"unmapped_type":"long"}},{"_id":"desc"}],"_source":false}`, `{"sort":["detail"]}`, `{"search_after":[1]}`, `{"sort":["cell"],"search_after":[1,2]}`,
		`{"sort":["pickup_count"],"search_after":["x"]}`, `{"size":10001}`, `{"size":-1}`, `{"query":{"range":{"pickup_count":{"gte":"x"}}}}`,
		`{"query":{"range":{"window_start":{"gte":"x"}}}}`, `{"query":`,
		`{"query":{"term":{"pickup_count":{"value":5}}},"size":0}`, `{"query":{"range":{"window_start":{"gt":"2016-01"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"gt":"2016-01-02T10","lt":"2016-02-01T00:00"}}},"sort":["_id"]}`,
		`{"size":0,"aggs":{"cells":{"terms":{"field":"cell"}}}}`, `{"size":0,"query":{"range":{"pickup_count":{"gt":2}}},"aggs":{"cells":{"terms":{"field":"cell","order":{"_key":"desc"}},"aggs":{"n":{"sum":{"field":"pickup_count"}},"v":{"sum":{"field":"average"}}}}}}`,
		`{"size":1,"sort":["_id"],"aggs":{"cells":{"terms":{"field":"cell","size":1,"order":[{"n":"desc"},{"_count":"asc"}]},"aggs":{"n":{"sum":{"field":"pickup_count"}}}},"none":{"terms":{"field":"none"}}}}`,
		`{"size":0,"aggs":{"cells":{"terms":{"field":"cell","size":0}}}}`,
		`{"query":{"range":{"window_start":{"lte":"2016-01-02T10:00"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"gt":"2015","lte":"2016"}}},"sort":["_id"]}`, `{"query":{"exists":{"field":"detail"}},"sort":["_id"]}`,
	} {
		list = append(list, find(body))
	}
	return append(list,
		exchange{Method: "DELETE", Path: "/pickup_count-2016.02"},
		exchange{Method: "GET", Path: "/_index_template/none*"},
		exchange{Method: "DELETE", Path: "/pickup_count-*"},
		exchange{Method: "DELETE", Path: "/_index_template/pickup_count"},
		exchange{Method: "DELETE", Path: "/_index_template/pickup_count"},
	)
}

// own drops what two servers may say differently.
func own(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any)
		for name, x := range v {
			switch name {
			case "took", "_shards", "_seq_no", "_primary_term", "root_cause", "reason", "forced_refresh", "template", "phase", "grouped", "failed_shards", "caused_by", "index_uuid", "shard", "index", "resource.id", "resource.type":
			default:
				out[name] = own(x)
			}
		}
		if in, ok := v["index"].(map[string]any); ok {
			out["index"] = own(in) // an item of a bulk answer, not the index of an error
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = own(x)
		}
		return out
	}
	return v
}

// Ensure that the store answers what OpenSearch answered when it was asked the
// same. With -record URL the answers are recorded anew.
func TestConformance(t *testing.T) {
	file := filepath.Join("testdata", "conformance.json")
	if *record != "" {
		recordAnswers(t, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want []exchange
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	requests := conversation()
	if len(want) != len(requests) {
		t.Fatalf("%s holds %d exchanges, the conversation has %d: record it anew", file, len(want), len(requests))
	}
	store, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := client{t, store}
	for i, w := range want {
		r := requests[i]
		if w.Method != r.Method || w.Path != r.Path || w.Body != r.Body {
			t.Fatalf("exchange %d is not the recorded one: record it anew", i)
		}
		status, body := c.do(r.Method, r.Path, r.Body)
		if got := normal(body); r.Method != "HEAD" && !reflect.DeepEqual(got, w.Answer) || status != w.Status {
			g, _ := json.Marshal(got)
			x, _ := json.Marshal(w.Answer)
			t.Errorf("%s %s %.300s\n got %d %s\nwant %d %s\n body %s", r.Method, r.Path, r.Body, status, g, w.Status, x, body)
		}
	}
}

func normal(body string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil
	}
	var plain any
	b, _ := json.Marshal(own(v))
	_ = json.Unmarshal(b, &plain)
	return plain
}

func recordAnswers(t *testing.T, file string) {
	list := conversation()
	for i := range list {
		e := &list[i]
		r, err := http.NewRequest(e.Method, *record+e.Path, strings.NewReader(e.Body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		e.Status, e.Answer = res.StatusCode, normal(string(body))
	}
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
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
