package query

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

// maxWindow is index.max_result_window: from + size may not be more.
const maxWindow = 10_000

// Request is a search or a count, read and checked but bound to no index.
type Request struct {
	query   node
	sort    []sortKey
	after   []json.RawMessage
	from    int
	size    int
	source  SourceFilter
	aggs    []*agg
	version bool
	seqNo   bool
	// track is how many hits are counted exactly; below 0 all.
	track int64
}

// Count reads a count, which has a query only.
func Count(raw []byte) (*Request, *fail.Error) {
	var body struct {
		Query json.RawMessage `json:"query"`
	}
	if len(raw) > 0 {
		if err := fail.Strict(raw, &body); err != nil {
			return nil, err
		}
	}
	q := &Request{query: allNode{}}
	var err *fail.Error
	if body.Query != nil {
		q.query, err = parseQuery(body.Query, 0)
	}
	return q, err
}

// Parse reads a search. Parameters of the request's address come before its body.
func Parse(raw []byte, parameters url.Values) (*Request, *fail.Error) {
	var body struct {
		Query   json.RawMessage   `json:"query"`
		Sort    json.RawMessage   `json:"sort"`
		After   []json.RawMessage `json:"search_after"`
		From    int               `json:"from"`
		Size    *int              `json:"size"`
		Source  json.RawMessage   `json:"_source"`
		Version bool              `json:"version"`
		SeqNo   bool              `json:"seq_no_primary_term"`
		Track   json.RawMessage   `json:"track_total_hits"`
		Timeout json.RawMessage   `json:"timeout"`
		Aggs    json.RawMessage   `json:"aggs"`
		Long    json.RawMessage   `json:"aggregations"`
	}
	if len(raw) > 0 {
		if err := fail.Strict(raw, &body); err != nil {
			return nil, err
		}
	}
	q := &Request{query: allNode{}, after: body.After, from: body.From, size: 10, version: body.Version, seqNo: body.SeqNo}
	if body.Size != nil {
		q.size = *body.Size
	}
	var errs [7]*fail.Error
	q.from, errs[0] = integer(parameters, "from", q.from)
	q.size, errs[1] = integer(parameters, "size", q.size)
	if body.Query != nil {
		q.query, errs[2] = parseQuery(body.Query, 0)
	}
	q.sort, errs[3] = parseSort(sortOf(body.Sort, parameters))
	if q.source, errs[4] = ParseSource(body.Source); errs[4] == nil {
		q.source, errs[4] = SourceOf(q.source, parameters)
	}
	if aggs := slices.Concat(body.Aggs, body.Long); len(aggs) > 0 {
		q.aggs, errs[5] = parseAggs(aggs, 0)
	}
	q.track, errs[6] = parseTrack(body.Track, parameters)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return q, q.check()
}

// sortOf is the sort of a body, or what the address says instead: name,name:desc.
func sortOf(raw json.RawMessage, parameters url.Values) json.RawMessage {
	text := parameters.Get("sort")
	if text == "" {
		return raw
	}
	var list []any
	for _, key := range strings.Split(text, ",") {
		if name, direction, ordered := strings.Cut(key, ":"); ordered {
			list = append(list, map[string]string{name: direction})
		} else {
			list = append(list, key)
		}
	}
	raw, _ = json.Marshal(list) // of strings
	return raw
}

func integer(parameters url.Values, name string, otherwise int) (int, *fail.Error) {
	text := parameters.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fail.Illegalf("Failed to parse int parameter [%s] with value [%s]", name, text)
	}
	return n, nil
}

func parseTrack(raw json.RawMessage, parameters url.Values) (int64, *fail.Error) {
	text := string(raw)
	if given := parameters.Get("track_total_hits"); given != "" {
		text = given
	}
	switch text {
	case "":
		return maxWindow, nil
	case "true":
		return -1, nil
	case "false":
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fail.Illegalf("[track_total_hits] parameter must be positive or equals to -1, got %s", text)
	}
	return n, nil
}

func (q *Request) check() *fail.Error {
	switch {
	case q.from < 0:
		return fail.Illegalf("[from] parameter cannot be negative but was [%d]", q.from)
	case q.size < 0:
		return fail.Illegalf("[size] parameter cannot be negative, found [%d]", q.size)
	case q.from+q.size > maxWindow:
		return fail.Shardsf("illegal_argument_exception", "Result window is too large, from + size must be less than or equal to: [%d] but was [%d]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.", maxWindow, q.from+q.size)
	case len(q.after) > 0 && len(q.sort) == 0:
		return fail.Shardsf("illegal_argument_exception", "Sort must contain at least one field.")
	case len(q.after) > 0 && len(q.after) != len(q.sort):
		return fail.Shardsf("illegal_argument_exception", "search_after has %d value(s) but sort has %d.", len(q.after), len(q.sort))
	case len(q.after) > 0 && q.from > 0:
		return fail.Illegalf("`from` parameter must be set to 0 when `search_after` is used.")
	}
	return nil
}

// parseSort reads "field", {"field":"desc"}, {"field":{"order":…}} or an array of them.
func parseSort(raw json.RawMessage) ([]sortKey, *fail.Error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	list := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fail.Parsingf("malformed sort: %v", err)
		}
	}
	var keys []sortKey
	for _, one := range list {
		k, err := parseSortKey(one)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func parseSortKey(raw json.RawMessage) (sortKey, *fail.Error) {
	if raw[0] == '"' {
		return namedSort(sortKey{field: jsonscan.Scalar(raw)})
	}
	name, value, err := oneField("sort", raw)
	if err != nil {
		return sortKey{}, err
	}
	k := sortKey{field: name}
	if value[0] == '"' {
		value = json.RawMessage(`{"order":` + string(value) + `}`)
	}
	var body struct {
		Order    string `json:"order"`
		Missing  string `json:"missing"`
		Unmapped string `json:"unmapped_type"`
	}
	if err := fail.Strict(value, &body); err != nil {
		return k, err
	}
	switch body.Order {
	case "", "asc":
	case "desc":
		k.desc = true
	default:
		return k, fail.Illegalf("Unknown SortOrder [%s]", body.Order)
	}
	switch body.Missing {
	case "", "_last":
	case "_first":
		k.missingFirst = true
	default:
		return k, fail.Unsupportedf("missing: %s in a sort", body.Missing)
	}
	k.narrow = (&schema.Field{TypeName: body.Unmapped, Kind: schema.Kinds[body.Unmapped]}).Narrow()
	if k.unmapped = schema.Kinds[body.Unmapped]; k.unmapped == schema.None && body.Unmapped != "" {
		return k, fail.Unsupportedf("unmapped_type: %s in a sort", body.Unmapped)
	}
	return namedSort(k)
}

func namedSort(k sortKey) (sortKey, *fail.Error) {
	if k.field == "_score" || k.field == "_doc" || k.field == "_shard_doc" {
		return k, fail.Unsupportedf("sorting by %s", k.field)
	}
	return k, nil
}
