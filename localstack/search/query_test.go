package search_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"taxistream/localstack/search"

	"pgregory.net/rapid"
)

// modelDoc is a document of the slow obvious model: a map, or a missing field.
type modelDoc struct {
	id     string
	fields map[string]any // cell string, pickup_count int64, average float64, window_start time
}

func (d modelDoc) source() string {
	out := make(map[string]any)
	for k, v := range d.fields {
		if at, ok := v.(time.Time); ok {
			v = at.Format("2006-01-02T15:04:05.000Z")
		}
		out[k] = v
	}
	b, _ := json.Marshal(out)
	return string(b)
}

// modelQuery is a clause as JSON and as a function.
type modelQuery struct {
	wire    any
	matches func(modelDoc) bool
}

type m = map[string]any

var day = time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)

func drawDoc(t *rapid.T, id int) modelDoc {
	d := modelDoc{id: fmt.Sprint(id), fields: m{}}
	has := func(name string) bool { return rapid.IntRange(0, 4).Draw(t, name) > 0 }
	if has("cell") {
		d.fields["cell"] = rapid.SampledFrom([]string{"a", "b", "ü\n", "d\"", ""}).Draw(t, "cell value")
	}
	if has("count") {
		d.fields["pickup_count"] = rapid.Int64Range(-2, 4).Draw(t, "count value")
	}
	if has("average") {
		d.fields["average"] = float64(rapid.IntRange(-3, 3).Draw(t, "average value")) / 4
	}
	if has("start") {
		d.fields["window_start"] = day.Add(time.Duration(rapid.IntRange(0, 72).Draw(t, "hour")) * time.Hour)
	}
	return d
}

func compareAny(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int64:
		return int(a - b.(int64))
	case float64:
		return int(4*a - 4*b.(float64))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	panic("no such type")
}

func drawValue(t *rapid.T, field string) any {
	for {
		if v, ok := drawDoc(t, 0).fields[field]; ok {
			return v
		}
	}
}

var modelFields = []string{"cell", "pickup_count", "average", "window_start"}

func drawQuery(t *rapid.T, depth int) modelQuery {
	kinds := []string{"all", "term", "terms", "range", "exists", "ids"}
	if depth < 3 {
		kinds = append(kinds, "bool", "bool", "bool")
	}
	field := rapid.SampledFrom(modelFields).Draw(t, "field")
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "term":
		v := drawValue(t, field)
		return modelQuery{m{"term": m{field: v}}, func(d modelDoc) bool { return d.fields[field] != nil && compareAny(d.fields[field], v) == 0 }}
	case "terms":
		list := []any{drawValue(t, field), drawValue(t, field)}
		return modelQuery{m{"terms": m{field: list}}, func(d modelDoc) bool {
			return d.fields[field] != nil && (compareAny(d.fields[field], list[0]) == 0 || compareAny(d.fields[field], list[1]) == 0)
		}}
	case "range":
		low, high := drawValue(t, field), drawValue(t, field)
		return modelQuery{m{"range": m{field: m{"gte": low, "lt": high}}}, func(d modelDoc) bool {
			v := d.fields[field]
			return v != nil && compareAny(v, low) >= 0 && compareAny(v, high) < 0
		}}
	case "exists":
		return modelQuery{m{"exists": m{"field": field}}, func(d modelDoc) bool { return d.fields[field] != nil }}
	case "ids":
		return modelQuery{m{"ids": m{"values": []string{"1", "3"}}}, func(d modelDoc) bool { return d.id == "1" || d.id == "3" }}
	case "bool":
		return drawBool(t, depth)
	}
	return modelQuery{m{"match_all": m{}}, func(modelDoc) bool { return true }}
}

func drawBool(t *rapid.T, depth int) modelQuery {
	wire := m{}
	parts := make(map[string][]modelQuery)
	for _, name := range []string{"must", "filter", "must_not", "should"} {
		var list []any
		for range rapid.IntRange(0, 2).Draw(t, name) {
			q := drawQuery(t, depth+1)
			parts[name] = append(parts[name], q)
			list = append(list, q.wire)
		}
		if list != nil {
			wire[name] = list
		}
	}
	return modelQuery{m{"bool": wire}, func(d modelDoc) bool {
		for _, q := range slices.Concat(parts["must"], parts["filter"]) {
			if !q.matches(d) {
				return false
			}
		}
		for _, q := range parts["must_not"] {
			if q.matches(d) {
				return false
			}
		}
		needed := len(parts["should"]) > 0 && len(parts["must"])+len(parts["filter"]) == 0
		return !needed || slices.ContainsFunc(parts["should"], func(q modelQuery) bool { return q.matches(d) })
	}}
}

// Ensure that searches find, sort and page as a filter and a stable sort over
// all documents do it.
func TestSearch_Model(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStore(t, search.Options{})
		s.must(http.MethodPut, "/pickup_count-2016.01", "")
		var docs []modelDoc
		var body strings.Builder
		for i := range rapid.IntRange(0, 30).Draw(rt, "documents") {
			d := drawDoc(rt, i)
			docs = append(docs, d)
			body.WriteString(bulkLines(d.id, 1, d.source()))
		}
		if body.Len() > 0 && s.bulk(body.String()).Errors {
			rt.Fatal("a document was refused")
		}
		q := drawQuery(rt, 0)
		keys := []string{rapid.SampledFrom(modelFields).Draw(rt, "first key"), "_id"}
		desc := rapid.Bool().Draw(rt, "desc")

		var want []modelDoc
		for _, d := range docs {
			if q.matches(d) {
				want = append(want, d)
			}
		}
		sort.SliceStable(want, func(i, j int) bool { return modelLess(want[i], want[j], keys[0], desc) })
		var got []string
		var after []json.RawMessage
		for {
			request := m{"query": q.wire, "size": 3, "sort": []any{m{keys[0]: m{"order": map[bool]string{true: "desc"}[desc]}}, "_id"}}
			if after != nil {
				request["search_after"] = after
			}
			wire, _ := json.Marshal(request)
			page := s.search("/pickup_count-*,pickup_count-2016.01/_search", string(wire))
			if page.Hits.Total.Value != len(want) {
				rt.Fatalf("%s: total %d, want %d", wire, page.Hits.Total.Value, len(want))
			}
			for _, h := range page.Hits.Hits {
				got = append(got, h.ID)
				after = h.Sort
			}
			if len(page.Hits.Hits) < 3 {
				break
			}
		}
		ids := make([]string, 0, len(want))
		for _, d := range want {
			ids = append(ids, d.id)
		}
		if strings.Join(got, " ") != strings.Join(ids, " ") {
			wire, _ := json.Marshal(q.wire)
			rt.Fatalf("%s by %s desc=%v: got %v, want %v", wire, keys[0], desc, got, ids)
		}
		countBody, _ := json.Marshal(m{"query": q.wire})
		contains(t, s.must(http.MethodPost, "/pickup_count-2016.01,x/_count?ignore_unavailable=true", string(countBody)), fmt.Sprintf(`{"count":%d,`, len(want)))
	})
}

func modelLess(a, b modelDoc, key string, desc bool) bool {
	x, y := a.fields[key], b.fields[key]
	switch {
	case x == nil && y == nil:
		return a.id < b.id
	case x == nil || y == nil:
		return y == nil
	}
	c := compareAny(x, y)
	if desc {
		c = -c
	}
	if c == 0 {
		return a.id < b.id
	}
	return c < 0
}
