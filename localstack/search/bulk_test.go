package search_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

// Ensure that versions decide as in OpenSearch, step after step.
func TestBulk_Versions(t *testing.T) {
	head := func(op, id, rest string) string {
		return `{"` + op + `":{"_index":"pickup_count-2016.01","_id":"` + id + `"` + rest + `}}` + "\n"
	}
	const gte, gt = `,"version_type":"external_gte"`, `,"version_type":"external"`
	s := newStore(t, search.Options{})
	for _, step := range []struct {
		name, body string
		status     int
		result     string
		version    int64
	}{
		{"First", head("index", "a", `,"version":5`+gte) + "{}\n", 201, "created", 5},
		{"Equal", head("index", "a", `,"version":5`+gte) + "{}\n", 200, "updated", 5},
		{"Newer", head("index", "a", `,"version":7`+gte) + "{}\n", 200, "updated", 7},
		{"Older", head("index", "a", `,"version":6`+gte) + "{}\n", 409, "", 0},
		{"EqualExternal", head("index", "a", `,"version":7`+gt) + "{}\n", 409, "", 0},
		{"NewerExternal", head("index", "a", `,"version":"8"`+gt) + "{}\n", 200, "updated", 8},
		{"CreateAgain", head("create", "a", "") + "{}\n", 409, "", 0},
		{"CreateNew", head("create", "b", "") + "{}\n", 201, "created", 1},
		{"Internal", head("index", "b", "") + "{}\r\n", 200, "updated", 2},
		{"Delete", head("delete", "b", ""), 200, "deleted", 3},
		{"DeleteAgain", head("delete", "b", ""), 404, "not_found", 4},
		{"AfterDelete", head("index", "b", "") + "{}\n", 201, "created", 5},
		{"DeleteOlder", head("delete", "a", `,"version":3`+gte), 409, "", 0},
		{"DeleteExternal", head("delete", "a", `,"version":9`+gte), 200, "deleted", 9},
		{"OlderThanDeleted", head("index", "a", `,"version":8`+gte) + "{}\n", 409, "", 0},
	} {
		a := s.bulk(step.body)
		for op, got := range a.Items[0] {
			if !strings.HasPrefix(step.body, `{"`+op) || got.Status != step.status || got.Result != step.result || got.Version != step.version || a.Errors != (got.Error.Type != "") {
				t.Errorf("%s: got %+v", step.name, a)
			}
			if step.status == 409 && got.Error.Type != "version_conflict_engine_exception" {
				t.Errorf("%s: got %+v", step.name, got.Error)
			}
		}
	}
	got := s.s.Stats()
	if got.Documents != 1 || got.Conflicts != 5 || got.Written != 8 || got.Deleted != 2 {
		t.Errorf("got %+v", got)
	}
}

// Ensure that a strict mapping refuses what OpenSearch refuses, item by item.
func TestBulk_Mapping(t *testing.T) {
	long := strings.Repeat("x", 32767)
	for _, c := range []struct{ source, kind, words string }{
		{`{}`, "", ""},
		{` { "cell" : "a", "resolution" : 9, "pickup_count":12 , "average":1.5e-3, "hot":true } `, "", ""},
		{`{"boundary":{"type":"Polygon","any":[1,{"b":null}]},"record":"aGk=","detail":"text"}`, "", ""},
		{`{"boundary":[1,2]}`, "", ""},
		{`{"cell":null,"location":null,"window_start":null}`, "", ""},
		{`{"cell":7,"pickup_count":"12","average":"1.5","hot":"false"}`, "", ""},
		{`{"pickup_count":1.9}`, "", ""},
		{`{"c\u0065ll":"escaped"}`, "", ""},
		{`{"window_start":"2016-01-01T00:00:00.000Z","timestamp":1451606400000}`, "", ""},
		{`{"window_start":"2016-01-01"}`, "", ""},
		{`{"window_start":"2016-02-30"}`, "mapper_parsing_exception", "failed to parse date field"},
		{`{"window_start":"01.01.2016"}`, "mapper_parsing_exception", "failed to parse date field"},
		{`{"window_start":true}`, "mapper_parsing_exception", "failed to parse date field"},
		{`{"location":{"lat":40.7,"lon":-73.9}}`, "", ""},
		{`{"location":{"lat":91,"lon":-73.9}}`, "mapper_parsing_exception", "illegal latitude"},
		{`{"location":{"lat":40.7}}`, "mapper_parsing_exception", "missing"},
		{`{"location":{"lat":40.7,"lon":1,"x":1}}`, "mapper_parsing_exception", "must be either"},
		{`{"location":[-73.9,40.7]}`, "not_supported_by_the_embedded_store", "a geo_point that is not {lat, lon}"},
		{`{"cell":["a",null,["b"]]}`, "", ""},
		{`{"pickup_count":[1,"x"]}`, "mapper_parsing_exception", "For input string"},
		{`{"cell":{"a":1}}`, "mapper_parsing_exception", "START_OBJECT"},
		{`{"cell":"` + long + `"}`, "illegal_argument_exception", "immense term"},
		{`{"resolution":128}`, "mapper_parsing_exception", "out of range for a byte"},
		{`{"pickup_count":"two"}`, "mapper_parsing_exception", "For input string"},
		{`{"pickup_count":1e30}`, "mapper_parsing_exception", "out of range for a long"},
		{`{"average":1e999}`, "mapper_parsing_exception", "finite"},
		{`{"hot":1}`, "mapper_parsing_exception", "only [true] or [false]"},
		{`{"record":5}`, "", ""},
		{`{"other":1}`, "strict_dynamic_mapping_exception", "dynamic introduction of [other]"},
		{`{"cell":"a","cell":"b"}`, "mapper_parsing_exception", "Duplicate field 'cell'"},
		{`{"cell":"a"`, "mapper_parsing_exception", "not valid JSON"},
		{`{"cell":"a"} {}`, "mapper_parsing_exception", "not valid JSON"},
		{`[1]`, "mapper_parsing_exception", "not valid JSON"},
		{`null`, "mapper_parsing_exception", "not valid JSON"},
		{``, "mapper_parsing_exception", "not valid JSON"},
		{"{\"cell\":\"\xff\"}", "mapper_parsing_exception", "UTF-8"},
		{`{"boundary":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`, "mapper_parsing_exception", "nested deeper"},
	} {
		s := newStore(t, search.Options{})
		a := s.bulk(bulkLines("before", 1, "{}") + bulkLines("x", 1, c.source) + bulkLines("after", 1, "{}"))
		got := a.Items[1]["index"].Error
		if got.Type != c.kind || !strings.Contains(got.Reason+" "+got.CausedBy.Reason, c.words) {
			t.Errorf("%.80s: got %+v, want %s %s", c.source, got, c.kind, c.words)
		}
		if a.Items[0]["index"].Status != 201 || a.Items[2]["index"].Status != 201 || a.Errors != (c.kind != "") {
			t.Errorf("%.80s: its neighbours suffered: %+v", c.source, a)
		}
	}
}

// Ensure that a request that cannot be read is refused before anything is written.
func TestBulk_Whole(t *testing.T) {
	good := bulkLines("a", 1, "{}")
	for _, c := range []struct {
		name, body string
		status     int
		words      string
	}{
		{"Empty", "", 400, "request body is required"},
		{"NoNewline", strings.TrimSuffix(good, "\n"), 400, "terminated by a newline"},
		{"NoJSON", good + "index\n{}\n", 400, "Malformed action/metadata line [3]"},
		{"NoObject", good + "{\"index\":1}\n{}\n", 400, "expected START_OBJECT"},
		{"TwoActions", good + `{"index":{"_index":"i"},"delete":{"_index":"i"}}` + "\n{}\n", 400, "one action"},
		{"NoAction", good + "{}\n{}\n", 400, "one action"},
		{"OtherAction", good + `{"put":{}}` + "\n{}\n", 400, "but found [put]"},
		{"NoSource", good + `{"index":{"_index":"i","_id":"x"}}` + "\n", 400, "a source is missing"},
		{"NoIndex", good + `{"index":{"_id":"x"}}` + "\n{}\n", 400, "index is missing"},
		{"LongID", good + bulkLines(strings.Repeat("x", 513), 1, "{}"), 400, "must be no longer than 512 bytes but was: 513"},
		{"NegativeVersion", good + bulkLines("x", -1, "{}"), 400, "illegal version value [-1]"},
		{"Version", good + strings.Replace(bulkLines("x", 1, "{}"), `"version":1`, `"version":"one"`, 1), 400, "[version] is not a number"},
		{"VersionType", good + strings.Replace(good, "external_gte", "mine", 1), 400, "No version type match [mine]"},
		{"Update", good + `{"update":{"_id":"x"}}` + "\n{}\n", 501, "the bulk action update (line 3)"},
		{"Routing", good + `{"index":{"_id":"x","routing":"r"}}` + "\n{}\n", 501, "the parameter routing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t, search.Options{})
			status, answer := s.do(http.MethodPost, "/_bulk", c.body)
			if status != c.status {
				t.Errorf("got status %d, want %d", status, c.status)
			}
			contains(t, answer, c.words)
			if n := s.s.Stats().Documents; n != 0 {
				t.Errorf("%d documents were written", n)
			}
		})
	}
}

// Ensure that indexes are named as OpenSearch allows it, and that the path may name one.
func TestBulk_Index(t *testing.T) {
	s := newStore(t, search.Options{MaxIndexes: 2})
	var a bulkAnswer
	decode(t, s.must(http.MethodPost, "/pickup_count-2016.02/_bulk", `{"index":{"_id":"a"}}`+"\n{}\n"+`{"index":{"_id":"b","_index":"UPPER"}}`+"\n{}\n"+`{"index":{}}`+"\n{}\n"), &a)
	if a.Items[0]["index"].Status != 201 || a.Items[1]["index"].Error.Type != "invalid_index_name_exception" || a.Items[2]["index"].Status != 201 {
		t.Errorf("got %+v", a)
	}
	a = s.bulk(`{"index":{"_index":"pickup_count","_id":"c"}}` + "\n{}\n")
	if a.Items[0]["index"].Status != 201 {
		t.Errorf("an alias of one index: got %+v", a)
	}
	s.bulk(bulkLines("a", 1, "{}"))
	a = s.bulk(`{"index":{"_index":"pickup_count","_id":"d"}}` + "\n{}\n" + `{"index":{"_index":"third","_id":"d"}}` + "\n{}\n")
	contains(t, a.Items[0]["index"].Error.Reason, "no write index is defined for alias [pickup_count]")
	contains(t, a.Items[1]["index"].Error.Reason, "maximum shards open")
}

// Ensure that a store that is full says so, takes what does not grow it, and
// has room again after a deletion.
func TestBulk_Full(t *testing.T) {
	s := newStore(t, search.Options{MaxBytes: 2000})
	source := fmt.Sprintf(`{"detail":%q}`, strings.Repeat("x", 500))
	var last bulkAnswer
	for i := range 10 {
		last = s.bulk(bulkLines(fmt.Sprint(i), 1, source))
	}
	if got := last.Items[0]["index"]; got.Status != 429 || got.Error.Type != "circuit_breaking_exception" {
		t.Errorf("got %+v", got)
	}
	if got := s.bulk(bulkLines("0", 2, "{}")).Items[0]["index"]; got.Status != 200 {
		t.Errorf("a smaller version: got %+v", got)
	}
	before := s.s.Stats()
	if before.Bytes > 2000 || before.Full != 7 || before.Documents != 3 {
		t.Errorf("got %+v", before)
	}
	s.must(http.MethodDelete, "/pickup_count-*", "")
	if got := s.s.Stats(); got.Bytes != 0 || got.Documents != 0 || got.Indexes != 0 {
		t.Errorf("after deletion: %+v", got)
	}
}
