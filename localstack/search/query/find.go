package query

import (
	"cmp"
	"container/heap"
	"net/http"
	"slices"

	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/schema"
)

// Found is what a search found: the page, in order, and how many there are.
type Found struct {
	q       *Request
	indexes []*index.Index
	reader  *disk.Reader
	kinds   []kindOf // of the sort's keys
	total   int64
	hits    []candidate
	aggs    []collector
	budget  buckets
	err     error // the disk's
}

// Total is how many hits there are.
func (f *Found) Total() int64 { return f.total }

// Err tells, after Append, whether the answer is whole.
func (f *Found) Err() *fail.Error {
	if f.budget.spent() {
		e := fail.Shardsf("too_many_buckets_exception", "Trying to create too many buckets. Must be less than or equal to: [%d]", maxBuckets)
		e.Status = http.StatusServiceUnavailable
		return e
	}
	return fail.Disk(f.err)
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
	Found
	limit int // from + size
	after []sortValue
	top   []candidate // a heap, the worst hit first; a plain list without sort
	free  []sortValue // the values of a hit that fell out, for the next
}

// Find searches. The caller has the View of every index until the hits are appended.
func Find(q *Request, indexes []*index.Index) (*Found, *fail.Error) {
	f := finder{Found: Found{q: q, indexes: indexes, reader: new(disk.Reader), kinds: make([]kindOf, len(q.sort))}, limit: q.from + q.size}
	for _, a := range q.aggs {
		f.aggs = append(f.aggs, a.collector(&f.budget))
	}
	for i, ix := range indexes {
		if err := f.look(i, &view{Index: ix, reader: f.reader}); err != nil {
			return nil, err
		}
		if f.budget.spent() {
			return nil, f.Err()
		}
	}
	if len(q.sort) > 0 {
		slices.SortFunc(f.top, f.order)
	}
	f.hits = f.top[min(q.from, len(f.top)):]
	return &f.Found, nil
}

// bind learns the kinds of the keys, and with them reads search_after, whose
// values mean something only with a type. Two indexes must agree on them.
func (f *finder) bind(v *view) (readers []sortReader, err *fail.Error) {
	for i := range f.q.sort {
		r, err := f.q.sort[i].bind(v)
		if err != nil {
			return nil, err
		}
		if f.kinds[i].Kind != schema.None && f.kinds[i] != r.kind {
			return nil, fail.Unsupportedf("sorting by %s, which has different types in these indexes", f.q.sort[i].field)
		}
		f.kinds[i] = r.kind
		readers = append(readers, r)
	}
	f.after = f.after[:0]
	for i, raw := range f.q.after {
		value, err := f.q.sort[i].parse(raw, f.kinds[i])
		if err != nil {
			return nil, err
		}
		f.after = append(f.after, value)
	}
	return readers, nil
}

func (f *finder) look(ix int, v *view) *fail.Error {
	match, err := f.q.query.bind(v)
	if err != nil {
		return err
	}
	readers, err := f.bind(v)
	if err != nil {
		return err
	}
	for _, a := range f.q.aggs {
		if err := a.bind(v); err != nil {
			return err
		}
	}
	for slot := range v.Rows() {
		if !v.Live(slot) || !match(slot) {
			continue
		}
		f.total++
		for _, a := range f.aggs {
			a.add(slot)
		}
		switch {
		case len(readers) > 0:
			f.consider(ix, slot, readers)
		case len(f.top) < f.limit:
			f.top = append(f.top, candidate{ix: ix, slot: slot})
		}
	}
	return fail.Disk(v.err)
}

// consider puts a hit among the best. The first key alone settles most cases.
func (f *finder) consider(ix, slot int, readers []sortReader) {
	if f.limit == 0 {
		return
	}
	first := readers[0].read(slot)
	full := len(f.top) >= f.limit
	key := &f.q.sort[0]
	if full && key.order(first, f.top[0].values[0]) > 0 || len(f.after) > 0 && key.order(first, f.after[0]) < 0 {
		return
	}
	values := append(f.free[:0], first)
	f.free = nil
	for _, r := range readers[1:] {
		values = append(values, r.read(slot))
	}
	c := candidate{ix, slot, values}
	switch {
	case len(f.after) > 0 && f.compare(values, f.after) <= 0:
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
