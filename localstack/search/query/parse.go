package query

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
)

// node is a query as it was asked, bound to no index yet.
type node interface {
	// bind makes it a function of an index's rows. It fails where a value is none
	// of the field's type.
	bind(v *view) (matcher, *fail.Error)
}

// matcher tells whether the document of a row matches.
type matcher func(slot int) bool

type (
	allNode  struct{}
	noneNode struct{}
	boolNode struct {
		must, mustNot, should []node
		least                 int // of should
	}
	termsNode struct {
		field  string
		values []json.RawMessage
	}
	rangeNode struct {
		field            string
		gt, gte, lt, lte json.RawMessage
		millis           bool // format epoch_millis
	}
	existsNode struct{ field string }
	idsNode    struct{ ids map[string]bool }
)

// parseQuery reads one query clause, {"name": {…}}.
func parseQuery(raw json.RawMessage, depth int) (node, *fail.Error) {
	if depth > jsonscan.MaxDepth {
		return nil, fail.Parsingf("queries are nested deeper than %d levels", jsonscan.MaxDepth)
	}
	var clause map[string]json.RawMessage
	if err := json.Unmarshal(raw, &clause); err != nil {
		return nil, fail.Parsingf("[_na] query malformed, no start_object after query name: %v", err)
	}
	if len(clause) != 1 {
		return nil, fail.Parsingf("a query has one name, but this has %d", len(clause))
	}
	for name, body := range clause {
		switch name {
		case "match_all":
			return allNode{}, onlyEmpty(name, body)
		case "match_none":
			return noneNode{}, onlyEmpty(name, body)
		case "bool":
			return parseBool(body, depth)
		case "term", "match":
			return parseTerm(name, body)
		case "terms":
			return parseTerms(body)
		case "range":
			return parseRange(body)
		case "exists":
			return parseExists(body)
		case "ids":
			return parseIDs(body)
		}
		return nil, fail.Unsupportedf("the query %s", name)
	}
	return nil, nil // not reached: the clause has one member
}

func onlyEmpty(name string, body json.RawMessage) *fail.Error {
	if s := strings.Join(strings.Fields(string(body)), ""); s != "{}" {
		return fail.Unsupportedf("parameters of %s: %s", name, s)
	}
	return nil
}

func parseBool(raw json.RawMessage, depth int) (node, *fail.Error) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, fail.Parsingf("[bool] query malformed: %v", err)
	}
	n := boolNode{}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		clause := body[name]
		var to *[]node
		switch name {
		case "must", "filter":
			to = &n.must
		case "must_not":
			to = &n.mustNot
		case "should":
			to = &n.should
		case "minimum_should_match":
			if err := json.Unmarshal(clause, &n.least); err != nil || n.least < 0 {
				return nil, fail.Unsupportedf("minimum_should_match: %s", clause)
			}
			continue
		default:
			return nil, fail.Unsupportedf("%s in a bool query", name)
		}
		list, err := parseList(clause, depth)
		if err != nil {
			return nil, err
		}
		*to = append(*to, list...)
	}
	if len(n.should) > 0 && len(n.must) == 0 {
		n.least = max(n.least, 1) // filters count as musts; a must_not does not make should optional
	}
	return n, nil
}

// parseList reads one clause or an array of them.
func parseList(raw json.RawMessage, depth int) ([]node, *fail.Error) {
	list := []json.RawMessage{raw}
	if len(raw) > 0 && raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fail.Parsingf("[bool] query malformed: %v", err)
		}
	}
	var out []node
	for _, clause := range list {
		n, err := parseQuery(clause, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// oneField reads {"field": value}.
func oneField(name string, raw json.RawMessage) (string, json.RawMessage, *fail.Error) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil || len(body) != 1 {
		return "", nil, fail.Parsingf("[%s] query malformed, it takes one field", name)
	}
	for field, value := range body {
		return field, value, nil
	}
	return "", nil, nil // not reached
}

func isScalar(raw json.RawMessage) bool {
	return len(raw) > 0 && raw[0] != '{' && raw[0] != '[' && raw[0] != 'n'
}

// parseTerm reads a term, or a match, which is one on fields that are not analysed.
func parseTerm(name string, raw json.RawMessage) (node, *fail.Error) {
	field, value, err := oneField(name, raw)
	if err != nil {
		return nil, err
	}
	if len(value) > 0 && value[0] == '{' {
		var body struct {
			Value json.RawMessage `json:"value"`
			Query json.RawMessage `json:"query"`
		}
		if err := fail.Strict(value, &body); err != nil {
			return nil, err
		}
		if value = body.Value; name == "match" {
			value = body.Query
		}
	}
	if !isScalar(value) {
		return nil, fail.Parsingf("[%s] query on [%s] takes one value", name, field)
	}
	return termsNode{field, []json.RawMessage{value}}, nil
}

func parseTerms(raw json.RawMessage) (node, *fail.Error) {
	field, value, err := oneField("terms", raw)
	if err != nil {
		return nil, err
	}
	n := termsNode{field: field}
	if json.Unmarshal(value, &n.values) != nil || !all(n.values, isScalar) {
		return nil, fail.Parsingf("[terms] query on [%s] takes an array of values", field)
	}
	return n, nil
}

func all[T any](list []T, ok func(T) bool) bool {
	return !slices.ContainsFunc(list, func(v T) bool { return !ok(v) })
}

func parseRange(raw json.RawMessage) (node, *fail.Error) {
	field, value, err := oneField("range", raw)
	if err != nil {
		return nil, err
	}
	var body struct {
		GT     json.RawMessage `json:"gt"`
		GTE    json.RawMessage `json:"gte"`
		LT     json.RawMessage `json:"lt"`
		LTE    json.RawMessage `json:"lte"`
		Format string          `json:"format"`
	}
	if err := fail.Strict(value, &body); err != nil {
		return nil, err
	}
	n := rangeNode{field: field, gt: body.GT, gte: body.GTE, lt: body.LT, lte: body.LTE, millis: body.Format == "epoch_millis"}
	if body.Format != "" && !n.millis && body.Format != "strict_date_optional_time||epoch_millis" {
		return nil, fail.Unsupportedf("format %s in a range query", body.Format)
	}
	for _, bound := range []*json.RawMessage{&n.gt, &n.gte, &n.lt, &n.lte} {
		if string(*bound) == "null" {
			*bound = nil
		}
		if *bound != nil && !isScalar(*bound) {
			return nil, fail.Parsingf("[range] query on [%s]: a bound is one value", field)
		}
	}
	return n, nil
}

func parseExists(raw json.RawMessage) (node, *fail.Error) {
	var body struct {
		Field string `json:"field"`
	}
	if err := fail.Strict(raw, &body); err != nil {
		return nil, err
	}
	if body.Field == "" {
		return nil, fail.Parsingf("[exists] must be provided with a [field]")
	}
	return existsNode{body.Field}, nil
}

func parseIDs(raw json.RawMessage) (node, *fail.Error) {
	var body struct {
		Values []string `json:"values"`
	}
	if err := fail.Strict(raw, &body); err != nil {
		return nil, err
	}
	n := idsNode{make(map[string]bool, len(body.Values))}
	for _, id := range body.Values {
		n.ids[id] = true
	}
	return n, nil
}
