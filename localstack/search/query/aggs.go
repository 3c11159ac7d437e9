package query

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

// agg is an aggregation as it was asked, and bound to the index that is looked at.
type agg struct {
	name, kind string
	field      string
	subs       []*agg
	terms      termsOptions
	dates      calendar

	v     *view
	f     *schema.Field // nil: the index has no such field
	bound int           // counts the indexes
	typed *schema.Field // f of the first index that has it
}

type termsOptions struct {
	size             int
	order            []aggOrder
	atLeast          int64 // min_doc_count, of a date_histogram too
	missing          json.RawMessage
	include, exclude map[string]bool // nil: no such option
	showError        bool
}

// aggOrder is one key of the groups' order: _count, _key, or a metric's name.
type aggOrder struct {
	by   string
	desc bool
}

const (
	maxBuckets  = 65_535 // search.max_buckets: more groups than that are refused
	maxAggDepth = 10
)

var metrics = []string{"avg", "min", "max", "sum", "value_count", "cardinality"}

func parseAggs(raw json.RawMessage, depth int) (list []*agg, failed *fail.Error) {
	if depth > maxAggDepth {
		return nil, fail.Parsingf("aggregations are nested deeper than %d levels", maxAggDepth)
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fail.Parsingf("malformed aggregations: %v", err)
	}
	_ = jsonscan.Object(raw, func(key []byte, _, _ int) error { // in the order written
		a := &agg{name: jsonscan.Unescape(key)}
		if failed = a.parse(members[a.name], depth); failed != nil {
			return errStop
		}
		list = append(list, a)
		return nil
	})
	return list, failed
}

// parse reads {"kind":{…},"aggs":{…}}.
func (a *agg) parse(raw json.RawMessage, depth int) *fail.Error {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil {
		return fail.Parsingf("malformed aggregation [%s]: %v", a.name, err)
	}
	below := slices.Concat(body["aggs"], body["aggregations"])
	delete(body, "aggs")
	delete(body, "aggregations")
	if len(body) != 1 {
		return fail.Parsingf("aggregation [%s] takes one type, but has %d", a.name, len(body))
	}
	var options json.RawMessage
	for a.kind, options = range body {
	}
	var failed *fail.Error
	if len(below) > 0 {
		if a.subs, failed = parseAggs(below, depth+1); failed != nil {
			return failed
		}
	}
	switch {
	case a.kind == "terms":
		return a.parseTerms(options)
	case a.kind == "date_histogram":
		return a.parseDates(options)
	case slices.Contains(metrics, a.kind) && len(a.subs) > 0:
		return failedAggregation("Aggregator [%s] of type [%s] cannot accept sub-aggregations", a.name, a.kind)
	case slices.Contains(metrics, a.kind):
		var body struct {
			Field     string          `json:"field"`
			Precision json.RawMessage `json:"precision_threshold"` // it is exact
		}
		failed = fail.Strict(options, &body)
		a.field = body.Field
	default:
		return fail.Unsupportedf("the aggregation %s (%s)", a.kind, a.name)
	}
	if failed == nil && a.field == "" {
		failed = fail.Illegalf("Required one of fields [field, script], but none were specified. ")
	}
	return failed
}

func failedAggregation(format string, args ...any) *fail.Error {
	return fail.Newf(http.StatusInternalServerError, "aggregation_initialization_exception", format, args...)
}

func (a *agg) parseTerms(raw json.RawMessage) *fail.Error {
	var body struct {
		Field     string          `json:"field"`
		Size      *int            `json:"size"`
		ShardSize *int            `json:"shard_size"` // there is one shard an index, and all is counted
		Order     json.RawMessage `json:"order"`
		AtLeast   *int64          `json:"min_doc_count"`
		Missing   json.RawMessage `json:"missing"`
		Include   json.RawMessage `json:"include"`
		Exclude   json.RawMessage `json:"exclude"`
		ShowError bool            `json:"show_term_doc_count_error"`
	}
	if err := fail.Strict(raw, &body); err != nil {
		return err
	}
	a.field = body.Field
	o := termsOptions{size: 10, atLeast: 1, missing: body.Missing, showError: body.ShowError}
	if body.Size != nil {
		o.size = *body.Size
	}
	if body.AtLeast != nil {
		o.atLeast = *body.AtLeast
	}
	switch {
	case o.size <= 0:
		return fail.Newf(http.StatusBadRequest, "x_content_parse_exception", "[terms] failed to parse field [size]: it must be greater than 0, not %d", o.size)
	case o.atLeast < 0:
		return fail.Newf(http.StatusBadRequest, "x_content_parse_exception", "[terms] failed to parse field [min_doc_count]: it must not be negative")
	case o.atLeast == 0:
		return fail.Unsupportedf("min_doc_count 0 in terms (%s)", a.name)
	case a.field == "":
		return fail.Illegalf("Required one of fields [field, script], but none were specified. ")
	}
	var err *fail.Error
	if o.include, err = listed(body.Include, "include"); err == nil {
		o.exclude, err = listed(body.Exclude, "exclude")
	}
	if err == nil {
		o.order, err = a.parseOrder(body.Order, `{"_count":"desc"}`)
	}
	a.terms = o
	return err
}

// listed reads a list of values that are taken or left out.
func listed(raw json.RawMessage, name string) (map[string]bool, *fail.Error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, fail.Unsupportedf("%s by an expression or a partition", name)
	}
	set := make(map[string]bool, len(list))
	for _, v := range list {
		set[jsonscan.Scalar(v)] = true
	}
	return set, nil
}

// parseOrder reads {"key":"desc"} or an array of them. Equal groups stand by their keys.
func (a *agg) parseOrder(raw json.RawMessage, otherwise string) (order []aggOrder, failed *fail.Error) {
	if len(raw) == 0 {
		raw = json.RawMessage(otherwise)
	}
	list := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fail.Parsingf("malformed order: %v", err)
		}
	}
	for _, one := range list {
		by, direction, err := oneField("order", one)
		if err != nil {
			return nil, err
		}
		by = strings.TrimSuffix(by, ".value")
		known := by == "_count" || by == "_key" || slices.ContainsFunc(a.subs, func(s *agg) bool { return s.name == by && slices.Contains(metrics, s.kind) })
		text := strings.ToLower(jsonscan.Scalar(direction))
		if !known {
			e := fail.Shardsf("aggregation_execution_exception", "Invalid aggregation order path [%s]. The provided aggregation [%s] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.", by, by)
			e.Status = http.StatusInternalServerError
			return nil, e
		}
		if text != "asc" && text != "desc" {
			return nil, fail.Parsingf("Unknown order direction [%s]", text)
		}
		order = append(order, aggOrder{by, text == "desc"})
	}
	return append(order, aggOrder{by: "_key"}), nil
}

// bind finds the fields in an index. A field that is not mapped has no values.
func (a *agg) bind(v *view) *fail.Error {
	f, err := v.Searchable(a.field)
	if err != nil {
		return err
	}
	if a.v, a.f, a.bound = v, f, a.bound+1; f != nil {
		if err := a.suits(f); err != nil {
			return err
		}
		if a.typed == nil {
			a.typed = f
		}
		if a.typed.Kind != f.Kind {
			return fail.Unsupportedf("the aggregation %s of %s, which has different types in these indexes", a.name, a.field)
		}
	}
	for _, s := range a.subs {
		if err := s.bind(v); err != nil {
			return err
		}
	}
	return nil
}

// suits refuses a field whose type the aggregation cannot do with.
func (a *agg) suits(f *schema.Field) *fail.Error {
	number := f.Kind == schema.Long || f.Kind == schema.Double
	switch {
	case f.Kind == schema.Text:
		return notSortable(a.field)
	case f.Kind == schema.Point || f.Kind == schema.Binary || f.Kind == schema.Opaque:
		return fail.Unsupportedf("the aggregation %s of a field of type %s (%s)", a.kind, f.TypeName, a.field)
	case a.kind == "terms" || a.kind == "cardinality" || a.kind == "value_count" || number && a.kind != "date_histogram" || f.Kind == schema.Date:
		return nil
	case f.Kind == schema.Boolean:
		return fail.Unsupportedf("the aggregation %s of a field of type %s (%s)", a.kind, f.TypeName, a.field)
	}
	return fail.Shardsf("illegal_argument_exception", "Field [%s] of type [%s] is not supported for aggregation [%s]", a.field, f.TypeName, a.kind)
}
