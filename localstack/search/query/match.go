package query

import (
	"encoding/json"
	"math"
	"slices"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

func always(int) bool { return true }
func never(int) bool  { return false }

func (allNode) bind(*view) (matcher, *fail.Error)  { return always, nil }
func (noneNode) bind(*view) (matcher, *fail.Error) { return never, nil }

func bindAll(nodes []node, v *view) ([]matcher, *fail.Error) {
	out := make([]matcher, 0, len(nodes))
	for _, n := range nodes {
		m, err := n.bind(v)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (n boolNode) bind(v *view) (matcher, *fail.Error) {
	must, err := bindAll(n.must, v)
	if err != nil {
		return nil, err
	}
	mustNot, err := bindAll(n.mustNot, v)
	if err != nil {
		return nil, err
	}
	should, err := bindAll(n.should, v)
	if err != nil {
		return nil, err
	}
	return func(slot int) bool {
		matches := func(m matcher) bool { return m(slot) }
		if !all(must, matches) || slices.ContainsFunc(mustNot, matches) {
			return false
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

func (n idsNode) bind(v *view) (matcher, *fail.Error) {
	slots := make(map[int]bool, len(n.ids))
	for id := range n.ids {
		slot, found, err := v.Slot(id, v.reader)
		if err != nil {
			v.err = err
		}
		if found {
			slots[slot] = true
		}
	}
	return func(slot int) bool { return slots[slot] }, nil
}

func (n existsNode) bind(v *view) (matcher, *fail.Error) {
	fields := v.Mapping().Below(n.field)
	fields = slices.DeleteFunc(fields, func(f *schema.Field) bool { return f.Column < 0 })
	return func(slot int) bool {
		return slices.ContainsFunc(fields, func(f *schema.Field) bool {
			_, has := v.Value(slot, f)
			return has
		})
	}, nil
}

func (n termsNode) bind(v *view) (matcher, *fail.Error) {
	if n.field == "_id" {
		ids := idsNode{make(map[string]bool)}
		for _, raw := range n.values {
			ids.ids[jsonscan.Scalar(raw)] = true
		}
		return ids.bind(v)
	}
	f, err := v.searchable(n.field)
	if f == nil {
		return never, err
	}
	if f.Kind == schema.Keyword {
		set := make(map[string]bool, len(n.values))
		for _, raw := range n.values {
			set[jsonscan.Scalar(raw)] = true
		}
		return v.keyword(f, func(s string) bool { return set[s] }), nil
	}
	var spans []span
	for _, raw := range n.values {
		s, err := rangeNode{field: n.field, gte: raw, lte: raw}.span(f)
		if err != nil {
			return nil, err
		}
		spans = append(spans, s)
	}
	return func(slot int) bool {
		value, has := v.Value(slot, f)
		return has && slices.ContainsFunc(spans, func(s span) bool { return s.holds(value) })
	}, nil
}

// keyword asks once for each word that the index knows, and reads the others.
func (v *view) keyword(f *schema.Field, wanted func(string) bool) matcher {
	words := v.Words(f)
	known := make([]bool, len(words))
	for i, w := range words {
		known[i] = wanted(w)
	}
	return func(slot int) bool {
		n, has := v.Value(slot, f)
		if n >= 0 {
			return has && known[n]
		}
		text, has := v.text(slot, f)
		return has && wanted(text)
	}
}

func (n rangeNode) bind(v *view) (matcher, *fail.Error) {
	f, err := v.searchable(n.field)
	if f == nil {
		return never, err
	}
	if f.Kind == schema.Keyword {
		return v.keyword(f, func(s string) bool {
			return (n.gt == nil || s > jsonscan.Scalar(n.gt)) && (n.gte == nil || s >= jsonscan.Scalar(n.gte)) &&
				(n.lt == nil || s < jsonscan.Scalar(n.lt)) && (n.lte == nil || s <= jsonscan.Scalar(n.lte))
		}), nil
	}
	s, err := n.span(f)
	if err != nil {
		return nil, err
	}
	return func(slot int) bool {
		value, has := v.Value(slot, f)
		return has && s.holds(value)
	}, nil
}

// span is a range of a column's numbers, both ends included.
type span struct{ low, high int64 }

func (s span) holds(n int64) bool { return s.low <= n && n <= s.high }

var nothing = span{math.MaxInt64, math.MinInt64}

// span turns the bounds into numbers of the field's column. Each bound is a value
// that itself spans some: a day, or for 1.5 among whole numbers none. gte and lt
// mean its begin, gt and lte its end.
func (n rangeNode) span(f *schema.Field) (span, *fail.Error) {
	s := span{math.MinInt64, math.MaxInt64}
	for _, bound := range []struct {
		raw   json.RawMessage
		after bool // the end of the value counts, not its begin
		lower bool
	}{{n.gte, false, true}, {n.gt, true, true}, {n.lte, true, false}, {n.lt, false, false}} {
		if bound.raw == nil {
			continue
		}
		first, last, failed := f.Span(bound.raw, n.millis)
		if failed != nil {
			return s, failed
		}
		at := first
		if bound.after {
			if last == math.MaxInt64 {
				if bound.lower {
					return nothing, nil
				}
				continue
			}
			at = last + 1
		}
		switch {
		case bound.lower:
			s.low = max(s.low, at)
		case at == math.MinInt64:
			return nothing, nil
		default:
			s.high = min(s.high, at-1)
		}
	}
	return s, nil
}
