package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"taxistream/engine/web"
)

// Flink's answers, as `make flink-shapes` records them from a cluster of that version: of each path the status,
// and the fields with their types.
const recorded = "testdata/flink-2.2.1.json"

// What is not the same, and why.
var (
	// A question for what is not there is a 404 of ours, whatever Flink says.
	otherStatus = map[string]int{
		"/taskmanagers/none":                http.StatusNotFound,
		"/jobs/{job}/resource-requirements": http.StatusNotFound,
		"/jobs/{job}/vertices/00000000000000000000000000000000/subtasks/metrics": http.StatusNotFound,
		"/jobs/{job}/vertices/00000000000000000000000000000000/backpressure":     http.StatusNotFound,
		"/jobs/{job}/vertices/{vertex}/subtasks/metrics?get=a&subtasks=x":        http.StatusBadRequest,
		"/jobs/{job}/savepoints/00000000000000000000000000000000":                http.StatusNotFound,
	}
	// What Flink does without in a cluster of tests, or only we leave open.
	mayBeNull  = []string{"taskName", "endpoint", "taskManagerId"}
	mayBeEmpty = []string{"options"}
	// Summed up over all jobs or task managers, of which there is one; and profiles, which were turned off where this was recorded.
	notHere = []string{"/jobs/metrics", "/taskmanagers/metrics", "/jobmanager/profiler", "/taskmanagers/{taskmanager}/profiler"}
	// Percentiles of what has no histogram are the text NaN; ours are numbers.
	percentile = regexp.MustCompile(`\.p[0-9]+$`)
	aMap       = []string{"user-config", "failureLabels"}
	anID       = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// Ensure that every path that Flink answers is answered here, with the same fields of the same types and the same status.
func TestShapes(t *testing.T) {
	file, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Status int `json:"status"`
		Body   any `json:"body"`
	}
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	s, id := serve(t, snapshot)
	real := strings.NewReplacer("{job}", id, "{vertex}", web.ID("vertex", "hotspots"), "{checkpoint}", "7", "{failed}", "6", "{taskmanager}", "local")
	if len(all) < 60 {
		t.Fatalf("%d paths are recorded", len(all))
	}
	for path, want := range all {
		if slices.Contains(notHere, path) {
			continue
		}
		t.Run(path, func(t *testing.T) {
			status, got := get(t, s.URL+real.Replace(path))
			wantStatus, other := otherStatus[path]
			if !other {
				wantStatus = want.Status
			} else {
				want.Body = map[string]any{"errors": []any{"string"}}
			}
			if status != wantStatus {
				t.Fatalf("status %d, want %d: %s", status, wantStatus, got)
			}
			var v any
			if err := json.Unmarshal([]byte(got), &v); err != nil {
				t.Fatal(err)
			}
			for _, difference := range differences("", want.Body, v) {
				t.Error(difference)
			}
		})
	}
}

// Ensure the comparison sees what is missing, what is too much and what has another type.
func TestShapes_Differences(t *testing.T) {
	want := map[string]any{"a": "number", "b": []any{map[string]any{"c": "string"}}}
	for got, n := range map[string]int{
		`{"a":1,"b":[{"c":"x"}]}`: 0, `{"a":"1","b":[{"c":"x"}]}`: 1, `{"b":[{"c":"x"}]}`: 1, `{"a":1,"b":[{"c":"x"}],"d":1}`: 1,
		`{"a":1,"b":[]}`: 1, `{"a":1,"b":[{"c":"x"},{}]}`: 1, `[]`: 1,
	} {
		var v any
		if err := json.Unmarshal([]byte(got), &v); err != nil {
			t.Fatal(err)
		}
		if d := differences("", want, v); len(d) != n {
			t.Errorf("%s: %q", got, d)
		}
	}
}

// differences are in what a value differs from a shape: fields, and elements of arrays, by their paths.
func differences(at string, want, got any) (found []string) {
	name := at[strings.LastIndex(at, ".")+1:]
	switch want := want.(type) {
	case map[string]any:
		fields, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, not an object", at, got)}
		}
		if slices.Contains(aMap, name) {
			return nil
		}
		return append(missing(at, want, fields), tooMuch(at, want, fields)...)
	case []any:
		list, ok := got.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, not an array", at, got)}
		}
		if len(want) == 0 {
			return nil
		}
		if len(list) == 0 && !slices.Contains(mayBeEmpty, name) {
			return []string{at + " is empty"}
		}
		for i, e := range list {
			found = append(found, differences(fmt.Sprintf("%s[%d]", at, i), want[0], e)...)
		}
	case string:
		types := strings.Split(want, "|")
		switch is := typeOf(got); {
		case slices.Contains(types, is), is == "null" && slices.Contains(mayBeNull, name), is == "number" && percentile.MatchString(at):
		default:
			found = append(found, fmt.Sprintf("%s is a %s, not a %s", at, is, want))
		}
	}
	return found
}

func missing(at string, want, got map[string]any) (found []string) {
	for name, shape := range want {
		if name == "*" {
			continue
		}
		v, ok := got[name]
		if !ok {
			// Inputs are those of vertices that have some.
			if !(name == "inputs" && strings.Contains(at, "nodes")) && !optional(name) {
				found = append(found, at+"."+name+" is missing")
			}
			continue
		}
		found = append(found, differences(at+"."+name, shape, v)...)
	}
	sort.Strings(found)
	return found
}

// optional are the fields of checkpoints that failed, or did not, recorded side by side.
func optional(name string) bool {
	return slices.Contains([]string{"failure_message", "failure_timestamp", "discarded", "external_path"}, name)
}

func tooMuch(at string, want, got map[string]any) (found []string) {
	any, isMap := want["*"]
	for name, v := range got {
		if _, ok := want[name]; ok {
			continue
		}
		if isMap && anID.MatchString(name) {
			found = append(found, differences(at+".*", any, v)...)
			continue
		}
		found = append(found, at+"."+name+" is none of Flink's")
	}
	sort.Strings(found)
	return found
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	}
	return "other"
}
