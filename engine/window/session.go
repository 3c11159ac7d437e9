package window

import "time"

// Merging is an Assigner whose windows of one key are merged where they meet: an element
// that comes into the gap between two makes one of them.
type Merging interface {
	Assigner
	// Merging does nothing; it makes the promise.
	Merging()
}

// ByElement is an Assigner that looks at elements of type T.
type ByElement[T any] interface {
	Assigner
	// LooksAtElements does nothing; it says that there is a type T that it is for.
	LooksAtElements()
	// AssignElement appends the windows of an element with event time t, by start, to dst.
	AssignElement(v *T, t int64, dst []Window) []Window
}

// SessionWindows last until a gap without elements: each element opens a window as long
// as the gap, and windows that overlap, or meet, are merged.
type SessionWindows struct{ gap int64 }

// Session returns sessions that end after a gap of at least 1 ms.
func Session(gap time.Duration) SessionWindows {
	return SessionWindows{gap: wholeMillis("the gap of a session", gap)}
}

// Merging implements Merging.
func (SessionWindows) Merging() {}

// Assign implements Assigner.
func (w SessionWindows) Assign(t int64, dst []Window) []Window {
	return append(dst, Window{Start: t, End: t + w.gap})
}

// DynamicSessions are sessions whose gap each element sets itself.
type DynamicSessions[T any] struct{ gap func(v *T) time.Duration }

// SessionBy returns sessions whose gap comes from the element that opens or prolongs
// them; one below 1 ms counts as 1 ms.
func SessionBy[T any](gap func(v *T) time.Duration) DynamicSessions[T] {
	return DynamicSessions[T]{gap: gap}
}

// Merging implements Merging.
func (DynamicSessions[T]) Merging() {}

// LooksAtElements implements ByElement.
func (DynamicSessions[T]) LooksAtElements() {}

// Assign implements Assigner with the shortest gap. Operators call AssignElement.
func (DynamicSessions[T]) Assign(t int64, dst []Window) []Window {
	return append(dst, Window{Start: t, End: t + 1})
}

// AssignElement implements ByElement.
func (w DynamicSessions[T]) AssignElement(v *T, t int64, dst []Window) []Window {
	return append(dst, Window{Start: t, End: t + max(1, w.gap(v).Milliseconds())})
}
