package engine

import "unsafe"

// Sizer is implemented by values, or their pointers, that know how many bytes they hold, what they point to included.
// It is asked about one element of a batch, for SubtaskStatus.BytesIn and BytesOut, from the goroutine that sends it.
type Sizer interface {
	Size() int
}

// ByteCounter is implemented by a SinkWriter that knows how many bytes it has written outside.
type ByteCounter interface {
	// BytesWritten is their number since Open. It is called between two calls of the writer.
	BytesWritten() int64
}

// sizeOf makes the function that says how many bytes a batch takes: what its elements take in a slice, or as many times what
// the first of them says as there are elements.
func sizeOf[T any]() func(batch []Element[T]) int64 {
	var e Element[T]
	asks := func(v *T) Sizer { s, _ := any(v).(Sizer); return s }
	if asks(&e.Value) == nil {
		each := int64(unsafe.Sizeof(e))
		return func(batch []Element[T]) int64 { return each * int64(len(batch)) }
	}
	return func(batch []Element[T]) int64 {
		if len(batch) == 0 {
			return 0
		}
		return int64(asks(&batch[0].Value).Size()) * int64(len(batch))
	}
}
