package opensearch

// batch is the body of one bulk request under construction, and where each of
// its documents lies in it. It is reused.
type batch struct {
	number uint64
	body   []byte
	items  []item
}

// item is one document of a batch.
type item struct {
	index, id  string
	version    int64
	start, end int // of its two lines in the body
	source     int // where the second line begins
	value      any // the document's
}

// actionOverhead is what the action line adds to index, id and source, with
// room for the longest version and some escapes.
const actionOverhead = 110

func actionSize(d *Document) int {
	return actionOverhead + len(d.Index) + len(d.ID) + len(d.Source)
}

func (b *batch) add(d *Document) item {
	start := len(b.body)
	b.body = appendAction(b.body, d)
	it := item{
		index: d.Index, id: d.ID, version: d.Version,
		start: start, end: len(b.body), source: len(b.body) - len(d.Source) - 1,
		value: d.Value,
	}
	b.items = append(b.items, it)
	return it
}

// document gives an item back as a document of its own.
func (b *batch) document(it item) Document {
	return Document{
		Index: it.index, ID: it.id, Version: it.version,
		Source: append([]byte(nil), b.body[it.source:it.end-1]...), Value: it.value,
	}
}

// bodyOf is the request body of some of the batch's items, in their order. It is
// a part of the batch's own body where they lie together, else made in scratch.
func (b *batch) bodyOf(items []item, scratch []byte) (body, scratchAfter []byte) {
	together := true
	for i := 1; i < len(items); i++ {
		together = together && items[i].start == items[i-1].end
	}
	if together {
		return b.body[items[0].start:items[len(items)-1].end], scratch
	}
	scratch = scratch[:0]
	for _, it := range items {
		scratch = append(scratch, b.body[it.start:it.end]...)
	}
	return scratch, scratch
}

// maxSpare is the size up to which a batch's memory is kept for the next one.
const maxSpare = 16 << 20

func (b *batch) reset() {
	clear(b.items) // lets go of the strings
	b.items = b.items[:0]
	b.body = b.body[:0]
	if cap(b.body) > maxSpare {
		b.body = nil
	}
}
