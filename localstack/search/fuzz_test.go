package search

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"taxistream/localstack/search/index"
)

// FuzzBulk holds that a bulk body is refused as a whole or gives actions that
// make sense, and that no bytes break the store.
func FuzzBulk(f *testing.F) {
	f.Add([]byte(`{"index":{"_index":"i","_id":"1","version":3,"version_type":"external_gte"}}` + "\n" + `{"a":1}` + "\n"))
	f.Add([]byte(`{"delete":{"_index":"i","_id":"1"}}` + "\n\n" + `{"create":{"_id":"\u0031"}}` + "\r\n{}\r\n"))
	f.Add([]byte("{\"index\":{}}\n{}\n"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		actions, err := parseBulk(bytes.Clone(body), "x")
		if err != nil {
			if err.Status != 400 && err.Status != 501 {
				t.Fatalf("status %d", err.Status)
			}
			return
		}
		s, fail := New(Options{MaxBytes: 1 << 20, MaxIndexes: 10})
		if fail != nil {
			t.Fatal(fail)
		}
		for i := range actions {
			a := &actions[i]
			if a.ID == "" || len(a.ID) > maxID || a.name == "" || a.Version < 0 || bytes.ContainsRune(a.Source, '\n') {
				t.Fatalf("%q: got %+v", body, a)
			}
		}
		for i, w := range s.write(actions, nil) {
			if !json.Valid(appendItem(nil, &actions[i], w)) {
				t.Fatalf("the answer to %q is not JSON", body)
			}
		}
	})
}

// FuzzAction holds the quick reading of an action line against the general one.
func FuzzAction(f *testing.F) {
	const usual = `{"index":{"_index":"i-2016.01","_id":"1451970000000-600000-892a1008827ffff","version":40,"version_type":"external_gte"}}`
	f.Add([]byte(usual))
	for _, part := range []string{"", "0", "040", "-4", "+4", "4.0", "99999999999999999999", `\u0031`, `\x`, `"`, "\x7f", "\x1f", "\u00e9", "\xff", " ", "}"} {
		f.Add([]byte(part))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, part := range []string{usual, "40", "1451970000000", "i-2016.01", "gte", "}}"} {
			line := []byte(strings.Replace(usual, part, string(b), 1))
			quick, general := action{name: "i"}, action{name: ""}
			if !quick.parseUsual(line) {
				if !reflect.DeepEqual(quick, action{name: "i"}) {
					t.Fatalf("%q: not taken, but %+v", line, quick)
				}
				continue
			}
			if failed := general.parse(line, 1); failed != nil || !reflect.DeepEqual(quick, general) {
				t.Fatalf("%q: got %+v, want %+v, %v", line, quick, general, failed)
			}
		}
	})
}

// FuzzQuery holds that no query breaks the store, whatever it asks.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		`{"query":{"bool":{"must":[{"term":{"cell":"a"}}],"should":{"match_all":{}}}},"sort":[{"window_start":"desc"},"_id"],"size":3}`,
		`{"query":{"range":{"window_start":{"gte":"2016","lt":5}}},"sort":"cell","search_after":["a"],"_source":["c*"]}`,
		`{"query":{"terms":{"pickup_count":[1,"2"]}},"track_total_hits":1}`,
		`{"query":{"ids":{"values":["a"]}},"_source":{"excludes":["cell"]}}`,
		`{"size":0,"aggs":{"a":{"terms":{"field":"cell","size":2,"order":{"s":"desc"}},"aggs":{"s":{"sum":{"field":"pickup_count"}},"c":{"cardinality":{"field":"window_start"}}}}}}`,
		`{"aggs":{"d":{"date_histogram":{"field":"window_start","calendar_interval":"month","time_zone":"America/New_York","offset":"-1h"}}}}`,
		`{"aggs":{"d":{"date_histogram":{"field":"window_start","fixed_interval":"90m","extended_bounds":{"min":"2015","max":0}}}}}`,
		`{"sort":[{}]}`, `{"sort":[""]}`, `{"sort":[[]]}`, `{"query":{"exists":{"field":"cell"}}}`, `{"query":{"term":{"x":null}}}`,
	} {
		f.Add([]byte(s))
	}
	s, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	d, failed := parseDefinition([]byte(`{"mappings":{"dynamic":"strict","properties":{"cell":{"type":"keyword"},"pickup_count":{"type":"long"},"window_start":{"type":"date"}}}}`))
	if failed != nil {
		f.Fatal(failed)
	}
	if _, failed := s.store.create("i", &d); failed != nil {
		f.Fatal(failed)
	}
	for _, id := range strings.Split("a b c", " ") {
		s.write([]action{{name: "i", Write: index.Write{ID: id, Source: []byte(`{"cell":"a","pickup_count":2,"window_start":"2016-01-01"}`)}}}, nil)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, failed := s.search(&request{parts: []string{"i", "_search"}, body: body})
		if failed == nil && !json.Valid(a.body) {
			t.Fatalf("the answer to %q is not JSON: %s", body, a.body)
		}
	})
}
