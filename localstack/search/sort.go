package search

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"

	"taxistream/internal/jsonscan"
)

// sortValue is a field's value as it is compared: whole numbers and dates as n,
// doubles as v, keywords and ids as s.
type sortValue struct {
	missing bool
	n       int64
	v       float64
	s       string
}

func (a sortValue) compare(b sortValue) int {
	return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.v, b.v), cmp.Compare(a.s, b.s))
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
	if k.desc {
		return b.compare(a)
	}
	return a.compare(b)
}

// sortReader reads the value of one key from an index's slots.
type sortReader struct {
	kind kind
	read func(slot int) sortValue
	date *field // of kindDate: the column can be read without a call
}

// bind finds how an index gives the values of a key.
func (k *sortKey) bind(ix *index) (sortReader, *apiError) {
	if k.field == "_id" {
		return sortReader{kind: kindKeyword, read: func(slot int) sortValue { return sortValue{s: ix.docs[slot].id} }}, nil
	}
	f := ix.mapping.field(k.field)
	if f == nil {
		if k.unmapped != kindNone {
			return sortReader{kind: k.unmapped, read: func(int) sortValue { return sortValue{missing: true} }}, nil
		}
		return sortReader{}, shardsFailed("query_shard_exception", "No mapping found in order to sort on [%s] in index %s", k.field, ix.name)
	}
	switch f.kind {
	case kindDate:
		return sortReader{kind: f.kind, date: f, read: func(slot int) sortValue {
			ms := ix.column(slot, f)
			return sortValue{n: ms, missing: ms == noValue}
		}}, nil
	case kindLong, kindDouble:
		return sortReader{kind: f.kind, read: func(slot int) sortValue {
			v, n, ok := ix.number(slot, f)
			if f.kind == kindLong {
				v = 0
			}
			return sortValue{v: v, n: n, missing: !ok}
		}}, nil
	case kindKeyword:
		return sortReader{kind: f.kind, read: func(slot int) sortValue {
			raw := ix.value(slot, f)
			if raw == nil {
				return sortValue{missing: true}
			}
			return sortValue{s: plain(raw)}
		}}, nil
	}
	if f.kind == kindText {
		return sortReader{}, shardsFailed("illegal_argument_exception", "Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default: [%s]", k.field)
	}
	return sortReader{}, unsupportedf("sorting by a field of type %s (%s)", f.typeName, k.field)
}

// stand-ins of a missing value in an answer, as Lucene gives them.
func (k *sortKey) missingNumber() int64 {
	if k.desc != k.missingFirst {
		return math.MinInt64
	}
	return math.MaxInt64
}

func (k *sortKey) append(b []byte, kind kind, v sortValue) []byte {
	switch kind {
	case kindDate, kindLong:
		if v.missing {
			v.n = k.missingNumber()
		}
		return strconv.AppendInt(b, v.n, 10)
	case kindDouble:
		if v.missing {
			if k.missingNumber() < 0 {
				return append(b, `"-Infinity"`...)
			}
			return append(b, `"Infinity"`...)
		}
		return appendDouble(b, v.v)
	}
	if v.missing {
		return append(b, "null"...)
	}
	return jsonscan.AppendString(b, v.s)
}

func appendDouble(b []byte, v float64) []byte {
	text, _ := json.Marshal(v) // it is finite
	return append(b, text...)
}

// parse reads a value of search_after.
func (k *sortKey) parse(raw json.RawMessage, kind kind) (sortValue, *apiError) {
	text := plain(raw)
	if text == "null" && raw[0] == 'n' {
		return sortValue{missing: true}, nil
	}
	switch kind {
	case kindDate, kindLong:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil && kind == kindDate {
			var ok bool
			if n, _, ok = parseDate(text); ok {
				err = nil
			}
		}
		if err != nil {
			return sortValue{}, shardsFailed("illegal_argument_exception", "Failed to parse search_after value for field [%s].", k.field)
		}
		return sortValue{n: n, missing: n == k.missingNumber()}, nil
	case kindDouble:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return sortValue{}, shardsFailed("illegal_argument_exception", "Failed to parse search_after value for field [%s].", k.field)
		}
		return sortValue{v: v, missing: math.IsInf(v, 0)}, nil
	}
	return sortValue{s: text}, nil
}
