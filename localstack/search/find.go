package search

import (
	"cmp"
	"container/heap"
	"encoding/json"
	"slices"
)

// found is what a search found: the page, in order, and how many there are.
type found struct {
	total int64
	hits  []candidate
	aggs  []*grouping
}

// candidate is a hit under consideration.
type candidate struct {
	ix     int // of the indexes searched
	slot   int
	values []sortValue
}

// finder looks through indexes for the best hits. It holds no more of them than
// the page has, so memory does not grow with what is found.
type finder struct {
	q     *searchRequest
	limit int // from + size
	kinds []kind
	after []sortValue
	top   []candidate // a heap, the worst hit first; a plain list without sort
	total int64
	free  []sortValue // the values of a hit that fell out, for the next
	aggs  []*grouping
}

// find searches. The caller holds the read lock of every index.
func find(q *searchRequest, indexes []*index) (found, *apiError) {
	f := finder{q: q, limit: q.from + q.size}
	for i := range q.aggs {
		f.aggs = append(f.aggs, &grouping{termsAgg: &q.aggs[i], buckets: map[string]*bucket{}})
	}
	for i, ix := range indexes {
		match, err := q.query.bind(ix)
		if err != nil {
			return found{}, err
		}
		readers := make([]sortReader, 0, len(q.sort))
		for k := range q.sort {
			r, err := q.sort[k].bind(ix)
			if err != nil {
				return found{}, err
			}
			readers = append(readers, r)
		}
		if err := f.begin(readers); err != nil {
			return found{}, err
		}
		for _, g := range f.aggs {
			if err := g.bind(ix); err != nil {
				return found{}, err
			}
		}
		if err := f.look(i, ix, match, readers); err != nil {
			return found{}, err
		}
	}
	if len(q.sort) > 0 {
		slices.SortFunc(f.top, f.order)
	}
	return found{f.total, f.top[min(q.from, len(f.top)):], f.aggs}, nil
}

// begin learns the kinds of the keys, and with them reads search_after, whose
// values mean something only with a type. Two indexes must agree on them.
func (f *finder) begin(readers []sortReader) *apiError {
	if f.kinds == nil {
		f.kinds = make([]kind, len(readers))
	}
	for i, r := range readers {
		if f.kinds[i] != kindNone && r.kind != kindNone && f.kinds[i] != r.kind {
			return unsupportedf("sorting by %s, which has different types in these indexes", f.q.sort[i].field)
		}
		if f.kinds[i] == kindNone {
			f.kinds[i] = r.kind
		}
	}
	return f.readAfter(f.q.after)
}

func (f *finder) readAfter(raw []json.RawMessage) *apiError {
	if len(raw) == 0 {
		return nil
	}
	f.after = f.after[:0]
	for i, r := range raw {
		v, err := f.q.sort[i].parse(r, f.kinds[i])
		if err != nil {
			return err
		}
		f.after = append(f.after, v)
	}
	return nil
}

func (f *finder) look(ix int, in *index, match matcher, readers []sortReader) *apiError {
	for slot := range in.docs {
		if in.docs[slot].source == "" || !match(slot) {
			continue
		}
		f.total++
		for _, g := range f.aggs {
			if err := g.add(in, slot); err != nil {
				return err
			}
		}
		if len(f.q.sort) == 0 {
			if len(f.top) < f.limit {
				f.top = append(f.top, candidate{ix: ix, slot: slot})
			}
			continue
		}
		if date := readers[0].date; date != nil && f.hopeless(in.column(slot, date)) {
			continue
		}
		f.consider(ix, slot, readers)
	}
	return nil
}

// hopeless tells by the first key, a date, that a hit is not on the page. Each
// page of an export looks at every document: this is what it costs for most.
func (f *finder) hopeless(ms int64) bool {
	if ms == noValue {
		return false
	}
	desc := f.q.sort[0].desc
	if f.after != nil && !f.after[0].missing && ms != f.after[0].n && ms < f.after[0].n != desc {
		return true
	}
	if f.limit == 0 || len(f.top) < f.limit {
		return false
	}
	worst := &f.top[0].values[0]
	return !worst.missing && ms != worst.n && ms > worst.n != desc
}

// consider puts a hit among the best. The first key alone settles most cases.
func (f *finder) consider(ix, slot int, readers []sortReader) {
	if f.limit == 0 {
		return
	}
	first := readers[0].read(slot)
	full := len(f.top) >= f.limit
	key := &f.q.sort[0]
	if full && key.order(first, f.top[0].values[0]) > 0 {
		return
	}
	if f.after != nil && key.order(first, f.after[0]) < 0 {
		return
	}
	values := append(f.free[:0], first)
	f.free = nil
	for _, r := range readers[1:] {
		values = append(values, r.read(slot))
	}
	c := candidate{ix, slot, values}
	switch {
	case f.after != nil && f.compare(values, f.after) <= 0:
		f.free = values
	case !full:
		heap.Push(f, c)
	case f.order(c, f.top[0]) < 0:
		f.free = f.top[0].values
		f.top[0] = c
		heap.Fix(f, 0)
	default:
		f.free = values
	}
}

func (f *finder) compare(a, b []sortValue) int {
	for i := range f.q.sort {
		if c := f.q.sort[i].order(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// order is that of the answer; equal hits stand in the order of index and arrival.
func (f *finder) order(a, b candidate) int {
	return cmp.Or(f.compare(a.values, b.values), cmp.Compare(a.ix, b.ix), cmp.Compare(a.slot, b.slot))
}

// heap.Interface, the worst first.

func (f *finder) Len() int           { return len(f.top) }
func (f *finder) Less(i, j int) bool { return f.order(f.top[i], f.top[j]) > 0 }
func (f *finder) Swap(i, j int)      { f.top[i], f.top[j] = f.top[j], f.top[i] }
func (f *finder) Push(x any)         { f.top = append(f.top, x.(candidate)) }

// Pop is never called: a hit is replaced, not removed.
func (f *finder) Pop() any { panic("results store: the heap of hits only grows") }
