package engine

import "container/heap"

// dueList holds things by the watermark at which each is due, so that a watermark
// costs nothing for those that it does not reach.
type dueList[T any] struct {
	items dueHeap[T]
	taken int64 // how many were taken out so far: the work that watermarks made
}

type dueItem[T any] struct {
	at, tie int64
	value   T
}

// add notes a value that is due at a watermark. Of several due at once the one with the
// lowest tie comes first.
func (d *dueList[T]) add(at, tie int64, value T) {
	heap.Push(&d.items, dueItem[T]{at, tie, value})
}

// next takes out the first value that is due at watermark w, if there is one.
func (d *dueList[T]) next(w int64) (value T, ok bool) {
	_, value, ok = d.nextAt(w)
	return value, ok
}

// nextAt is next with the watermark by which the value was due.
func (d *dueList[T]) nextAt(w int64) (at int64, value T, ok bool) {
	if len(d.items) == 0 || d.items[0].at > w {
		return 0, value, false
	}
	d.taken++
	item := heap.Pop(&d.items).(dueItem[T])
	return item.at, item.value, true
}

// dueHeap implements heap.Interface.
type dueHeap[T any] []dueItem[T]

func (h dueHeap[T]) Len() int { return len(h) }
func (h dueHeap[T]) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].tie < h[j].tie
}
func (h dueHeap[T]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap[T]) Push(x any)   { *h = append(*h, x.(dueItem[T])) }

func (h *dueHeap[T]) Pop() any {
	last := len(*h) - 1
	item := (*h)[last]
	(*h)[last] = dueItem[T]{}
	*h = (*h)[:last]
	return item
}
