package search

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"

	"taxistream/internal/jsonscan"
)

// termsAgg groups hits by a keyword and sums numbers of each group: the one
// aggregation that the store knows.
type termsAgg struct {
	name  string
	field string
	size  int
	order []aggOrder
	sums  []sumAgg
}

// sumAgg is a sum within each group.
type sumAgg struct{ name, field string }

// aggOrder is one key of the groups' order: _count, _key, or a sum's name.
type aggOrder struct {
	by   string
	desc bool
}

// maxBuckets is search.max_buckets: more groups than that are refused.
const maxBuckets = 65_535

func parseAggs(raw json.RawMessage) ([]termsAgg, *apiError) {
	var list []termsAgg
	err := eachMember(raw, func(name string, body json.RawMessage) *apiError {
		a, err := parseTermsAgg(name, body)
		list = append(list, a)
		return err
	})
	return list, err
}

// eachMember calls fn with the members of an object, in the order written.
func eachMember(raw json.RawMessage, fn func(name string, value json.RawMessage) *apiError) *apiError {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return parsingf("malformed aggregations: %v", err)
	}
	var failed *apiError
	_ = jsonscan.Object(raw, func(key []byte, _, _ int) error {
		name := jsonscan.Unescape(key)
		if failed = fn(name, members[name]); failed != nil {
			return errFound
		}
		return nil
	})
	return failed
}

func parseTermsAgg(name string, raw json.RawMessage) (termsAgg, *apiError) {
	var body struct {
		Terms *struct {
			Field string          `json:"field"`
			Size  *int            `json:"size"`
			Order json.RawMessage `json:"order"`
		} `json:"terms"`
		Aggs json.RawMessage `json:"aggs"`
	}
	a := termsAgg{name: name, size: 10}
	if err := strictUnmarshal(raw, &body); err != nil {
		return a, unsupportedf("aggregation %s: other than terms with field, size, order and sums in it", name)
	}
	if body.Terms == nil {
		return a, unsupportedf("aggregation %s: other than terms with field, size, order and sums in it", name)
	}
	a.field = body.Terms.Field
	if body.Terms.Size != nil {
		a.size = *body.Terms.Size
	}
	if a.size <= 0 {
		return a, failf(http.StatusBadRequest, "x_content_parse_exception", "[terms] failed to parse field [size]: it must be greater than 0, not %d", a.size)
	}
	if len(body.Aggs) > 0 {
		if err := eachMember(body.Aggs, a.addSum); err != nil {
			return a, err
		}
	}
	return a, a.parseOrder(body.Terms.Order)
}

func (a *termsAgg) addSum(name string, raw json.RawMessage) *apiError {
	var body struct {
		Sum *struct {
			Field string `json:"field"`
		} `json:"sum"`
	}
	if err := strictUnmarshal(raw, &body); err != nil || body.Sum == nil {
		return unsupportedf("aggregation %s within terms: other than sum of a field", name)
	}
	a.sums = append(a.sums, sumAgg{name, body.Sum.Field})
	return nil
}

// parseOrder reads {"key":"desc"} or an array of them; without one the largest
// groups come first. Equal ones stand by their keys.
func (a *termsAgg) parseOrder(raw json.RawMessage) *apiError {
	list := []json.RawMessage{raw}
	switch {
	case len(raw) == 0:
		list = []json.RawMessage{json.RawMessage(`{"_count":"desc"}`)}
	case raw[0] == '[':
		if err := json.Unmarshal(raw, &list); err != nil {
			return parsingf("malformed order: %v", err)
		}
	}
	for _, one := range list {
		by, direction, err := oneField("order", one)
		if err != nil {
			return err
		}
		known := by == "_count" || by == "_key" || slices.ContainsFunc(a.sums, func(s sumAgg) bool { return s.name == by })
		text := plain(direction)
		if !known || (text != "asc" && text != "desc") {
			return unsupportedf("order by %s %s in aggregation %s", by, text, a.name)
		}
		a.order = append(a.order, aggOrder{by, text == "desc"})
	}
	a.order = append(a.order, aggOrder{by: "_key"})
	return nil
}

// bucket is one group.
type bucket struct {
	key   string
	count int64
	sums  []float64
}

// grouping fills the buckets of an aggregation.
type grouping struct {
	*termsAgg
	key     *field // of the index at hand; nil where it is not mapped
	fields  []*field
	buckets map[string]*bucket
}

// bind finds the fields in an index. A field that is not mapped has no values.
func (g *grouping) bind(ix *index) *apiError {
	g.key = ix.mapping.field(g.field)
	if g.key != nil && g.key.kind != kindKeyword {
		return unsupportedf("terms of a field of type %s (%s)", g.key.typeName, g.field)
	}
	g.fields = g.fields[:0]
	for _, s := range g.sums {
		f := ix.mapping.field(s.field)
		if f != nil && f.kind != kindLong && f.kind != kindDouble {
			return unsupportedf("sums of a field of type %s (%s)", f.typeName, s.field)
		}
		g.fields = append(g.fields, f)
	}
	return nil
}

// add puts a hit into its bucket.
func (g *grouping) add(ix *index, slot int) *apiError {
	if g.key == nil {
		return nil
	}
	raw := ix.value(slot, g.key)
	if raw == nil {
		return nil
	}
	name := plainBytes(raw)
	b := g.buckets[string(name)]
	if b == nil {
		if len(g.buckets) >= maxBuckets {
			return failf(http.StatusServiceUnavailable, "too_many_buckets_exception", "Trying to create too many buckets. Must be less than or equal to: [%d]", maxBuckets)
		}
		b = &bucket{key: jsonscan.Unescape(name), sums: make([]float64, len(g.sums))}
		g.buckets[string(name)] = b
	}
	b.count++
	for i, f := range g.fields {
		if f != nil {
			v, _, _ := ix.number(slot, f) // 0 where it has none
			b.sums[i] += v
		}
	}
	return nil
}

func (g *grouping) value(b *bucket, by string) float64 {
	if by == "_count" {
		return float64(b.count)
	}
	return b.sums[slices.IndexFunc(g.sums, func(s sumAgg) bool { return s.name == by })]
}

func (g *grouping) compare(a, b *bucket) int {
	for _, o := range g.order {
		c := 0
		if o.by == "_key" {
			c = cmp.Compare(a.key, b.key)
		} else {
			c = cmp.Compare(g.value(a, o.by), g.value(b, o.by))
		}
		if o.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// append appends "name":{…} as OpenSearch writes it.
func (g *grouping) append(b []byte) []byte {
	buckets := make([]*bucket, 0, len(g.buckets))
	rest := int64(0)
	for _, one := range g.buckets {
		buckets = append(buckets, one)
		rest += one.count
	}
	slices.SortFunc(buckets, g.compare)
	buckets = buckets[:min(len(buckets), g.size)]
	for _, one := range buckets {
		rest -= one.count
	}
	b = jsonscan.AppendString(b, g.name)
	b = append(b, `:{"doc_count_error_upper_bound":0,"sum_other_doc_count":`...)
	b = strconv.AppendInt(b, rest, 10)
	b = append(b, `,"buckets":[`...)
	for i, one := range buckets {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"key":`...)
		b = jsonscan.AppendString(b, one.key)
		b = append(b, `,"doc_count":`...)
		b = strconv.AppendInt(b, one.count, 10)
		for k, s := range g.sums {
			b = append(b, ',')
			b = jsonscan.AppendString(b, s.name)
			b = append(b, `:{"value":`...)
			b = appendSum(b, one.sums[k])
			b = append(b, '}')
		}
		b = append(b, '}')
	}
	return append(b, `]}`...)
}

// appendSum writes a double as Java does at these sizes: 5.0, not 5.
func appendSum(b []byte, v float64) []byte {
	if v == math.Trunc(v) && math.Abs(v) < 1e7 {
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	}
	return appendDouble(b, v)
}
