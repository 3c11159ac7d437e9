package wire

// spares keeps the memory of a few large bodies for the next calls. What a
// sync.Pool holds goes with every second garbage collection, and large bodies
// are what brings those about.
type spares[T any] chan *T

// Both limits together are what stays allocated for a kind of body.
const (
	spareBodies = 8
	spareBytes  = 2 << 20
)

func (s spares[T]) take() *T {
	select {
	case x := <-s:
		return x
	default:
		return new(T)
	}
}

// give keeps x, of size bytes, unless it is large or there are enough.
func (s spares[T]) give(x *T, size int) {
	if size > spareBytes {
		return
	}
	select {
	case s <- x:
	default:
	}
}
