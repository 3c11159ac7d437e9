package search

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"unsafe"
)

func always(int) bool { return true }
func never(int) bool  { return false }

func (allNode) bind(*index) (matcher, *apiError)  { return always, nil }
func (noneNode) bind(*index) (matcher, *apiError) { return never, nil }

func bindAll(nodes []node, ix *index) ([]matcher, *apiError) {
	out := make([]matcher, 0, len(nodes))
	for _, n := range nodes {
		m, err := n.bind(ix)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (n boolNode) bind(ix *index) (matcher, *apiError) {
	must, err := bindAll(n.must, ix)
	if err != nil {
		return nil, err
	}
	mustNot, err := bindAll(n.mustNot, ix)
	if err != nil {
		return nil, err
	}
	should, err := bindAll(n.should, ix)
	if err != nil {
		return nil, err
	}
	return func(slot int) bool {
		for _, m := range must {
			if !m(slot) {
				return false
			}
		}
		for _, m := range mustNot {
			if m(slot) {
				return false
			}
		}
		matched := 0
		for _, m := range should {
			if matched >= n.least {
				break
			}
			if m(slot) {
				matched++
			}
		}
		return matched >= n.least
	}, nil
}

func (n idsNode) bind(ix *index) (matcher, *apiError) {
	return func(slot int) bool { return n.ids[ix.docs[slot].id] }, nil
}

// searchable finds the field that a clause is about; nil matches nothing.
func (ix *index) searchable(name string) (*field, *apiError) {
	f := ix.mapping.field(name)
	if f == nil {
		if ix.mapping.dynamic == "true" {
			return nil, unsupportedf("searches by a field that was not mapped beforehand (%s in index %s)", name, ix.name)
		}
		return nil, nil
	}
	switch f.kind {
	case kindText, kindBinary, kindGeoPoint:
		return nil, unsupportedf("searches by a field of type %s (%s)", f.typeName, name)
	case kindOpaque:
		return nil, nil // not indexed: nothing is ever found by it
	}
	return f, nil
}

// value is the raw value of a field, nil if it is absent or null.
func (ix *index) value(slot int, f *field) []byte {
	raw, ok := lookup(unsafeBytes(ix.docs[slot].source), f.name)
	if !ok || raw[0] == 'n' {
		return nil
	}
	return raw
}

// unsafeBytes is for functions that only read.
func unsafeBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func (ix *index) column(slot int, f *field) int64 {
	return ix.columns[slot*ix.mapping.columns+f.column]
}

// number is a field's value as a number, for kindLong and kindDouble.
func (ix *index) number(slot int, f *field) (v float64, n int64, ok bool) {
	if f.kind == kindLong {
		if n := ix.column(slot, f); n != noValue {
			return float64(n), n, true
		}
	}
	raw := plainBytes(ix.value(slot, f))
	if raw == nil {
		return 0, 0, false
	}
	if f.kind == kindLong {
		n, err := f.integer(raw)
		return float64(n), n, err == nil
	}
	v, err := strconv.ParseFloat(unsafeString(raw), 64)
	return v, 0, err == nil
}

func (n existsNode) bind(ix *index) (matcher, *apiError) {
	f := ix.mapping.field(n.field)
	if f != nil && f.kind != kindBinary && f.kind != kindOpaque {
		if f.kind == kindDate {
			return func(slot int) bool { return ix.column(slot, f) != noValue }, nil
		}
		return func(slot int) bool { return ix.value(slot, f) != nil }, nil
	}
	if f == nil {
		_, err := ix.searchable(n.field)
		return never, err
	}
	return never, nil // there is nothing in the index that could tell
}

func (n termsNode) bind(ix *index) (matcher, *apiError) {
	if n.field == "_id" {
		ids := idsNode{make(map[string]bool)}
		for _, v := range n.values {
			ids.ids[plain(v)] = true
		}
		return ids.bind(ix)
	}
	f, err := ix.searchable(n.field)
	if f == nil {
		return never, err
	}
	if f.kind == kindKeyword || f.kind == kindBoolean {
		set := make(map[string]bool, len(n.values))
		for _, v := range n.values {
			set[plain(v)] = true
		}
		return func(slot int) bool {
			raw := ix.value(slot, f)
			return raw != nil && set[plain(raw)]
		}, nil
	}
	var any []matcher
	for _, v := range n.values {
		m, err := (rangeNode{field: n.field, gte: v, lte: v}).bind(ix)
		if err != nil {
			return nil, err
		}
		any = append(any, m)
	}
	return func(slot int) bool {
		return slices.ContainsFunc(any, func(m matcher) bool { return m(slot) })
	}, nil
}

func (n rangeNode) bind(ix *index) (matcher, *apiError) {
	f, err := ix.searchable(n.field)
	if f == nil {
		return never, err
	}
	switch f.kind {
	case kindDate:
		return n.bindDate(ix, f)
	case kindLong, kindDouble:
		return n.bindNumber(ix, f)
	case kindKeyword:
		return n.bindKeyword(ix, f)
	}
	return nil, unsupportedf("a range over a field of type %s (%s)", f.typeName, n.field)
}

// bindDate turns the bounds into an inclusive range of milliseconds. A bound
// that spans more, such as a day, is rounded as OpenSearch does it: gte and lt
// mean its begin, gt and lte its end.
func (n rangeNode) bindDate(ix *index, f *field) (matcher, *apiError) {
	low, high := int64(noValue+1), int64(math.MaxInt64)
	var failed *apiError
	read := func(raw json.RawMessage) (first, last int64) {
		text, ok := plain(raw), false
		if n.millis {
			first, last, ok = parseMillis(text)
		} else {
			first, last, ok = parseDate(text)
		}
		if !ok {
			failed = shardsFailed("parse_exception", "failed to parse date field [%s] with format [strict_date_optional_time||epoch_millis] (date mathematics is not supported by the embedded store)", text)
		}
		return first, last
	}
	if n.gte != nil {
		first, _ := read(n.gte)
		low = max(low, first)
	}
	if n.gt != nil {
		_, last := read(n.gt)
		low = max(low, last+1)
	}
	if n.lte != nil {
		_, last := read(n.lte)
		high = min(high, last)
	}
	if n.lt != nil {
		first, _ := read(n.lt)
		high = min(high, first-1)
	}
	if failed != nil {
		return nil, failed
	}
	return func(slot int) bool {
		ms := ix.column(slot, f)
		return ms >= low && ms <= high // noValue is below every low
	}, nil
}

func (n rangeNode) bindNumber(ix *index, f *field) (matcher, *apiError) {
	var tests []func(v float64) bool
	for _, bound := range []struct {
		raw json.RawMessage
		ok  func(v, bound float64) bool
	}{
		{n.gt, func(v, b float64) bool { return v > b }},
		{n.gte, func(v, b float64) bool { return v >= b }},
		{n.lt, func(v, b float64) bool { return v < b }},
		{n.lte, func(v, b float64) bool { return v <= b }},
	} {
		if bound.raw == nil {
			continue
		}
		b, err := strconv.ParseFloat(plain(bound.raw), 64)
		if err != nil || math.IsNaN(b) {
			return nil, shardsFailed("number_format_exception", "For input string: %q", plain(bound.raw))
		}
		tests = append(tests, func(v float64) bool { return bound.ok(v, b) })
	}
	return func(slot int) bool {
		v, _, ok := ix.number(slot, f)
		return ok && all(tests, func(t func(float64) bool) bool { return t(v) })
	}, nil
}

func (n rangeNode) bindKeyword(ix *index, f *field) (matcher, *apiError) {
	return func(slot int) bool {
		raw := ix.value(slot, f)
		if raw == nil {
			return false
		}
		s := plain(raw)
		return (n.gt == nil || s > plain(n.gt)) && (n.gte == nil || s >= plain(n.gte)) &&
			(n.lt == nil || s < plain(n.lt)) && (n.lte == nil || s <= plain(n.lte))
	}, nil
}
