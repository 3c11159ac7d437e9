package search

import (
	"encoding/json"
	"strconv"
)

// maxWindow is index.max_result_window: from + size may not be more.
const maxWindow = 10_000

// searchRequest is a search or a count, read and checked but bound to no index.
type searchRequest struct {
	query   node
	sort    []sortKey
	after   []json.RawMessage
	from    int
	size    int
	source  sourceFilter
	aggs    []termsAgg
	version bool
	// track is how many hits are counted exactly; below 0 all.
	track int64
}

// sortKey is one field to sort by.
type sortKey struct {
	field        string
	desc         bool
	missingFirst bool
	unmapped     kind // unmapped_type: where the field is not mapped it is missing
}

func parseSearch(r *request) (*searchRequest, *apiError) {
	var body struct {
		Query   json.RawMessage   `json:"query"`
		Sort    json.RawMessage   `json:"sort"`
		After   []json.RawMessage `json:"search_after"`
		From    int               `json:"from"`
		Size    *int              `json:"size"`
		Source  json.RawMessage   `json:"_source"`
		Version bool              `json:"version"`
		Track   json.RawMessage   `json:"track_total_hits"`
		Aggs    json.RawMessage   `json:"aggs"`
	}
	if len(r.body) > 0 {
		if err := strictUnmarshal(r.body, &body); err != nil {
			return nil, err
		}
	}
	q := &searchRequest{query: allNode{}, after: body.After, from: body.From, size: 10, version: body.Version, track: maxWindow}
	if body.Size != nil {
		q.size = *body.Size
	}
	var err *apiError
	if q.from, err = r.integer("from", q.from); err != nil {
		return nil, err
	}
	if q.size, err = r.integer("size", q.size); err != nil {
		return nil, err
	}
	if body.Query != nil {
		if q.query, err = parseQuery(body.Query, 0); err != nil {
			return nil, err
		}
	}
	if q.sort, err = parseSort(body.Sort); err != nil {
		return nil, err
	}
	if q.source, err = parseSourceFilter(body.Source); err != nil {
		return nil, err
	}
	if body.Aggs != nil {
		if q.aggs, err = parseAggs(body.Aggs); err != nil {
			return nil, err
		}
	}
	if q.track, err = parseTrack(body.Track, r); err != nil {
		return nil, err
	}
	return q, q.check()
}

func parseTrack(raw json.RawMessage, r *request) (int64, *apiError) {
	text := string(raw)
	if given := r.query.Get("track_total_hits"); given != "" {
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
		return 0, illegalf("[track_total_hits] parameter must be positive or equals to -1, got %s", text)
	}
	return n, nil
}

func (q *searchRequest) check() *apiError {
	switch {
	case q.from < 0:
		return illegalf("[from] parameter cannot be negative but was [%d]", q.from)
	case q.size < 0:
		return illegalf("[size] parameter cannot be negative, found [%d]", q.size)
	case q.from+q.size > maxWindow:
		return shardsFailed("illegal_argument_exception", "Result window is too large, from + size must be less than or equal to: [%d] but was [%d]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.", maxWindow, q.from+q.size)
	case len(q.after) > 0 && len(q.sort) == 0:
		return shardsFailed("illegal_argument_exception", "Sort must contain at least one field.")
	case len(q.after) > 0 && len(q.after) != len(q.sort):
		return shardsFailed("illegal_argument_exception", "search_after has %d value(s) but sort has %d.", len(q.after), len(q.sort))
	case len(q.after) > 0 && q.from > 0:
		return illegalf("`from` parameter must be set to 0 when `search_after` is used.")
	}
	return nil
}

// parseSort reads "field", {"field":"desc"}, {"field":{"order":…}} or an array of them.
func parseSort(raw json.RawMessage) ([]sortKey, *apiError) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	list := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, parsingf("malformed sort: %v", err)
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

func parseSortKey(raw json.RawMessage) (sortKey, *apiError) {
	if raw[0] == '"' {
		return namedSort(sortKey{field: plain(raw)})
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
	if err := strictUnmarshal(value, &body); err != nil {
		return k, err
	}
	switch body.Order {
	case "", "asc":
	case "desc":
		k.desc = true
	default:
		return k, illegalf("Unknown SortOrder [%s]", body.Order)
	}
	switch body.Missing {
	case "", "_last":
	case "_first":
		k.missingFirst = true
	default:
		return k, unsupportedf("missing: %s in a sort", body.Missing)
	}
	if k.unmapped = kinds[body.Unmapped]; k.unmapped == kindNone && body.Unmapped != "" {
		return k, unsupportedf("unmapped_type: %s in a sort", body.Unmapped)
	}
	return namedSort(k)
}

func namedSort(k sortKey) (sortKey, *apiError) {
	if k.field == "_score" || k.field == "_doc" || k.field == "_shard_doc" {
		return k, unsupportedf("sorting by %s", k.field)
	}
	return k, nil
}
