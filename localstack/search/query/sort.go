package query

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

// sortKey is one field to sort by.
type sortKey struct {
	field        string
	desc         bool
	missingFirst bool
	unmapped     schema.Kind // unmapped_type: where the field is not mapped it is missing
	narrow       bool        // that type is one of 32 bits or less
}

// sortValue is a field's value as it is compared: n is the number of its column,
// s the text of a keyword or an id.
type sortValue struct {
	missing bool
	n       int64
	s       string
}

// order compares two values of one key: where they stand in the answer.
func (k *sortKey) order(a, b sortValue) int {
	if a.missing || b.missing {
		switch {
		case a.missing && b.missing:
			return 0
		case a.missing == k.missingFirst:
			return -1
		}
		return 1
	}
	c := cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.s, b.s))
	if k.desc {
		return -c
	}
	return c
}

// sortReader reads the value of one key from an index's rows.
type sortReader struct {
	kind kindOf
	read func(slot int) sortValue
}

// kindOf is the type of a key's values, in which indexes must agree.
type kindOf struct {
	schema.Kind
	narrow bool // of 32 bits or less
}

// bind finds how an index gives the values of a key.
func (k *sortKey) bind(v *view) (sortReader, *fail.Error) {
	if k.field == "_id" {
		return sortReader{kindOf{schema.Keyword, false}, func(slot int) sortValue { return sortValue{s: v.document(slot).ID} }}, nil
	}
	f, err := v.Searchable(k.field)
	switch {
	case err != nil:
		return sortReader{}, err
	case f == nil && k.unmapped != schema.None:
		return sortReader{kindOf{k.unmapped, k.narrow}, func(int) sortValue { return sortValue{missing: true} }}, nil
	case f == nil:
		return sortReader{}, fail.Shardsf("query_shard_exception", "No mapping found in order to sort on [%s] in index %s", k.field, v.Name)
	}
	switch f.Kind {
	case schema.Date, schema.Long, schema.Double, schema.Boolean:
		return sortReader{kindOf{f.Kind, f.Narrow()}, func(slot int) sortValue {
			n, has := v.Value(slot, f)
			return sortValue{n: n, missing: !has}
		}}, nil
	case schema.Keyword:
		return sortReader{kindOf{f.Kind, false}, func(slot int) sortValue {
			s, has := v.text(slot, f)
			return sortValue{s: s, missing: !has}
		}}, nil
	case schema.Text:
		return sortReader{}, notSortable(k.field)
	}
	return sortReader{}, fail.Unsupportedf("sorting by a field of type %s (%s)", f.TypeName, k.field)
}

func notSortable(field string) *fail.Error {
	return fail.Shardsf("illegal_argument_exception", "Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default: [%s]", field)
}

// stand-ins of a missing value in an answer, as Lucene gives them.
func (k *sortKey) missingNumber(kind kindOf) int64 {
	first := k.desc != k.missingFirst
	switch {
	case first && kind.narrow:
		return math.MinInt32
	case first:
		return math.MinInt64
	case kind.narrow:
		return math.MaxInt32
	}
	return math.MaxInt64
}

func (k *sortKey) append(b []byte, of kindOf, v sortValue) []byte {
	kind := of.Kind
	switch {
	case kind == schema.Keyword && v.missing:
		return append(b, "null"...)
	case kind == schema.Keyword:
		return jsonscan.AppendString(b, v.s)
	case kind == schema.Double && v.missing && k.missingNumber(of) < 0:
		return append(b, `"-Infinity"`...)
	case kind == schema.Double && v.missing:
		return append(b, `"Infinity"`...)
	case kind == schema.Double && of.narrow:
		text, _ := json.Marshal(float32(schema.Float(v.n))) // it is finite
		return append(b, text...)
	case kind == schema.Double:
		text, _ := json.Marshal(schema.Float(v.n))
		return append(b, text...)
	case v.missing:
		v.n = k.missingNumber(of)
	}
	return strconv.AppendInt(b, v.n, 10)
}

// parse reads a value of search_after.
func (k *sortKey) parse(raw json.RawMessage, kind kindOf) (sortValue, *fail.Error) {
	text := jsonscan.Scalar(raw)
	if string(raw) == "null" {
		return sortValue{missing: true}, nil
	}
	var n int64
	var ok bool
	switch kind.Kind {
	case schema.Double:
		v, err := strconv.ParseFloat(text, map[bool]int{false: 64, true: 32}[kind.narrow])
		if n, ok = schema.Sortable(v), err == nil; math.IsInf(v, 0) {
			return sortValue{missing: true}, nil
		}
	case schema.Date, schema.Long, schema.Boolean:
		var err error
		if n, err = strconv.ParseInt(text, 10, 64); err == nil {
			return sortValue{n: n, missing: n == k.missingNumber(kind)}, nil
		}
		switch kind.Kind {
		case schema.Date:
			n, _, ok = schema.ParseDate(text)
		case schema.Boolean:
			n, ok = schema.ParseBoolean(text)
		}
	default:
		return sortValue{s: text}, nil
	}
	if !ok {
		return sortValue{}, fail.Shardsf("illegal_argument_exception", "Failed to parse search_after value for field [%s].", k.field)
	}
	return sortValue{n: n}, nil
}
