package query

import (
	"cmp"
	"math"
	"slices"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/schema"
)

// collector gathers what an aggregation says of the documents that it is given.
type collector interface {
	add(slot int)
	// value is a metric's, by which groups can be ordered.
	value() float64
	append(b []byte) []byte
}

func (a *agg) collector(budget *buckets) collector {
	switch a.kind {
	case "terms", "date_histogram":
		return &grouping{agg: a, budget: budget, found: make(map[key]*bucket)}
	case "cardinality":
		return &distinct{agg: a, seen: make(map[key]bool)}
	}
	return &metric{agg: a, least: math.Inf(1), greatest: math.Inf(-1)}
}

// key is a value: of a keyword its text, else the number of its column.
type key struct {
	n int64
	s string
}

// key gives a document's value.
func (a *agg) key(slot int) (k key, n int64, ok bool) {
	if a.f == nil {
		return k, 0, false
	}
	n, ok = a.v.Value(slot, a.f)
	if a.f.Kind != schema.Keyword || !ok {
		return key{n: n}, n, ok
	}
	k.s, ok = a.v.text(slot, a.f)
	return k, n, ok
}

// metric is avg, min, max, sum or value_count.
type metric struct {
	*agg
	count           int64
	sum, lost       float64 // lost: what the sum was rounded by, as Kahan keeps it
	least, greatest float64
}

func (m *metric) add(slot int) {
	if m.f == nil {
		return
	}
	n, has := m.v.Value(slot, m.f)
	if !has {
		return
	}
	m.count++
	x := number(m.f.Kind, n)
	m.least, m.greatest = min(m.least, x), max(m.greatest, x)
	y := x - m.lost
	t := m.sum + y
	m.lost = (t - m.sum) - y
	m.sum = t
}

// number is a column's number as what it stands for.
func number(kind schema.Kind, n int64) float64 {
	if kind == schema.Double {
		return schema.Float(n)
	}
	return float64(n)
}

func (m *metric) value() float64 {
	switch m.kind {
	case "value_count":
		return float64(m.count)
	case "sum":
		return m.sum
	case "min":
		return m.least
	case "max":
		return m.greatest
	}
	return m.sum / float64(m.count)
}

// distinct is cardinality, counted exactly.
type distinct struct {
	*agg
	seen map[key]bool
}

func (d *distinct) add(slot int) {
	if k, _, has := d.key(slot); has {
		d.seen[k] = true
	}
}

func (d *distinct) value() float64 { return float64(len(d.seen)) }

// buckets counts the groups of a request.
type buckets int

func (b *buckets) spent() bool { return *b > maxBuckets }

// bucket is one group.
type bucket struct {
	key   key
	count int64
	subs  []collector
}

// grouping is terms or date_histogram.
type grouping struct {
	*agg
	budget *buckets
	found  map[key]*bucket
	// byWord are the buckets by a keyword's number, which means something in one
	// index only.
	byWord []*bucket
	bound  int
}

// excluded stands for the buckets of values that are left out.
var excluded bucket

func (g *grouping) add(slot int) {
	if g.bound != g.agg.bound {
		g.bound, g.byWord = g.agg.bound, nil
		if g.f != nil && g.f.Kind == schema.Keyword {
			g.byWord = make([]*bucket, len(g.v.Words(g.f)))
		}
	}
	b := g.bucket(slot)
	if b == nil || b == &excluded {
		return
	}
	b.count++
	for _, s := range b.subs {
		s.add(slot)
	}
}

// bucket finds or makes the group of a document; nil is none.
func (g *grouping) bucket(slot int) *bucket {
	if g.byWord != nil {
		if n, has := g.v.Value(slot, g.f); has && n >= 0 {
			if g.byWord[n] == nil {
				g.byWord[n] = g.make(key{s: g.v.Words(g.f)[n]})
			}
			return g.byWord[n]
		}
	}
	k, _, has := g.key(slot)
	if !has {
		if k, has = g.missing(); !has {
			return nil
		}
	}
	if g.kind == "date_histogram" {
		k.n = g.dates.floor(k.n)
	}
	return g.make(k)
}

// missing is the key of documents without a value.
func (g *grouping) missing() (k key, ok bool) {
	raw := g.terms.missing
	if raw == nil || g.typed == nil {
		return k, false
	}
	if g.typed.Kind == schema.Keyword {
		return key{s: jsonscan.Scalar(raw)}, true
	}
	first, last, err := g.typed.Span(raw, false)
	return key{n: first}, err == nil && last >= first
}

func (g *grouping) make(k key) *bucket {
	if b := g.found[k]; b != nil {
		return b
	}
	if g.kind == "terms" && (g.terms.include != nil || g.terms.exclude != nil) {
		text := k.s
		if g.typed.Kind != schema.Keyword {
			text = string(appendKey(nil, g.typed.Kind, k))
		}
		if g.terms.include != nil && !g.terms.include[text] || g.terms.exclude[text] {
			return &excluded
		}
	}
	if *g.budget++; g.budget.spent() {
		return nil
	}
	b := &bucket{key: k}
	for _, s := range g.subs {
		b.subs = append(b.subs, s.collector(g.budget))
	}
	g.found[k] = b
	return b
}

func (g *grouping) value() float64 { return 0 }

func (g *grouping) compare(a, b *bucket) int {
	for _, o := range g.terms.order {
		c := 0
		switch o.by {
		case "_key":
			c = cmp.Or(cmp.Compare(a.key.n, b.key.n), cmp.Compare(a.key.s, b.key.s))
		case "_count":
			c = cmp.Compare(a.count, b.count)
		default:
			i := slices.IndexFunc(g.subs, func(s *agg) bool { return s.name == o.by })
			c = cmp.Compare(a.subs[i].value(), b.subs[i].value())
		}
		if o.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// sorted are the groups as they are shown, and how many documents are in others.
func (g *grouping) sorted() (list []*bucket, others int64) {
	for _, b := range g.found {
		if b.count >= g.terms.atLeast {
			list = append(list, b)
		}
	}
	if g.kind == "date_histogram" {
		if g.terms.atLeast == 0 {
			list = g.filled(list)
		}
		slices.SortFunc(list, g.compare)
		return list, 0
	}
	slices.SortFunc(list, g.compare)
	for _, b := range list[min(len(list), g.terms.size):] {
		others += b.count
	}
	return list[:min(len(list), g.terms.size)], others
}

// filled adds the empty intervals between the first and the last.
func (g *grouping) filled(list []*bucket) []*bucket {
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	if g.dates.bounded {
		low, high = g.dates.floor(g.dates.low), g.dates.floor(g.dates.high)
	}
	for _, b := range list {
		low, high = min(low, b.key.n), max(high, b.key.n)
	}
	for at := low; at <= high && !g.budget.spent(); at = g.dates.next(at) {
		if g.found[key{n: at}] == nil {
			if b := g.make(key{n: at}); b != nil {
				list = append(list, b)
			}
		}
	}
	return list
}
