package sort

import (
	"container/heap"
	"io"

	"taxistream/internal/trip"
)

// merge gives the trips of sorted inputs in order: a heap of their next ones.
type merge []*head

type head struct {
	trip trip.Trip
	from input
}

func newMerge(inputs []input) (*merge, error) {
	m := merge{}
	for _, in := range inputs {
		h := &head{from: in}
		switch err := in.next(&h.trip); err {
		case nil:
			m = append(m, h)
		case io.EOF:
		default:
			return nil, err
		}
	}
	heap.Init(&m)
	return &m, nil
}

// next gives the lowest trip, or io.EOF.
func (m *merge) next(t *trip.Trip) error {
	if len(*m) == 0 {
		return io.EOF
	}
	first := (*m)[0]
	*t = first.trip
	switch err := first.from.next(&first.trip); err {
	case nil:
		if len(*m) > 1 {
			heap.Fix(m, 0)
		}
	case io.EOF:
		heap.Pop(m)
	default:
		return err
	}
	return nil
}

// Len, Less, Swap, Push and Pop make it a heap.
func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return compare(&m[i].trip, &m[j].trip) < 0 }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }

// Push implements heap.Interface.
func (m *merge) Push(x any) { *m = append(*m, x.(*head)) }

// Pop implements heap.Interface.
func (m *merge) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
