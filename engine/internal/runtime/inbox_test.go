package runtime

import (
	"sync"
	"testing"
)

// Ensure that an inbox keeps each sender's order, stays within its bound, loses nothing
// and forgets to wake nobody, with several senders to one channel too.
func TestInbox_OrderAndBound(t *testing.T) {
	const channels, senders, each, capacity = 3, 2, 2000, 3
	reader := NewWaker()
	in := NewInbox[[2]int](reader, channels, capacity)
	var group sync.WaitGroup
	for ch := range channels {
		for sender := range senders {
			w := NewWaker()
			group.Go(func() {
				for i := range each {
					for !in.Offer(ch, [2]int{sender, i}, w) {
						<-w
					}
				}
			})
		}
	}
	var next [channels][senders]int
	for taken := 0; taken < channels*senders*each; {
		ch, m, ok := in.Take()
		if !ok {
			<-reader
			continue
		}
		if m[1] != next[ch][m[0]] {
			t.Fatalf("channel %d brings %d, want %d", ch, m[1], next[ch][m[0]])
		}
		next[ch][m[0]]++
		taken++
		if fill := in.Fill(); fill > 1 {
			t.Fatalf("fill = %v", fill)
		}
	}
	group.Wait()
	if _, _, ok := in.Take(); ok || in.Fill() != 0 {
		t.Error("something is left")
	}
}

// Ensure that a shut channel is passed over and keeps its messages.
func TestInbox_Shut(t *testing.T) {
	in := NewInbox[int](NewWaker(), 2, 1)
	w := NewWaker()
	for ch := range 2 {
		if !in.Offer(ch, ch, w) {
			t.Fatal("no room")
		}
	}
	in.Shut(0)
	if ch, _, ok := in.Take(); !ok || ch != 1 {
		t.Errorf("took from %d, %v", ch, ok)
	}
	if _, _, ok := in.Take(); ok {
		t.Error("took from a shut channel")
	}
	<-w
	if in.Fill() != 1 || in.Offer(0, 1, w) {
		t.Errorf("fill = %v of a full channel", in.Fill())
	}
	in.Open()
	if ch, _, ok := in.Take(); !ok || ch != 0 {
		t.Errorf("after opening took from %d, %v", ch, ok)
	}
	select {
	case <-w:
	default:
		t.Error("the sender that found no room was not woken")
	}
}

// Ensure that a cut is made when every open channel has brought the barrier, and that
// a newer barrier takes the place of one that was given up.
func TestAligner(t *testing.T) {
	a := NewAligner(3)
	one, two, three := &Barrier{ID: 1}, &Barrier{ID: 2}, &Barrier{ID: 3}
	arrive := func(ch int, b *Barrier, want Arrival) {
		t.Helper()
		if got := a.Barrier(ch, b); got != want {
			t.Errorf("barrier %d by channel %d: %d, want %d", b.ID, ch, got, want)
		}
	}
	arrive(0, one, First)
	arrive(1, one, Another)
	arrive(2, one, Last)
	arrive(0, two, First)
	arrive(1, three, First) // channel 0 was shut for two, and is to be opened
	arrive(2, two, Stale)
	arrive(2, three, Another)
	arrive(0, three, Last)
	if a.End(1) {
		t.Error("one end is all")
	}
	four := &Barrier{ID: 4}
	arrive(0, four, First)
	arrive(2, four, Last) // an ended channel is not waited for
	if a.End(0) || !a.End(2) {
		t.Error("all ends are not all")
	}
}

// Ensure that room which a sender was woken for, and does not use because it ends, wakes the next.
func TestInbox_Leave(t *testing.T) {
	in := NewInbox[int](NewWaker(), 1, 1)
	senders := []Waker{make(Waker, 1), make(Waker, 1), make(Waker, 1)}
	in.Offer(0, 0, senders[0])
	for _, w := range senders {
		if in.Offer(0, 1, w) {
			t.Fatal("there is room")
		}
	}
	in.Leave(0, senders[1]) // while it waits
	in.Take()
	in.Leave(0, senders[0]) // after it was woken
	if len(senders[1]) != 0 || len(senders[2]) != 1 {
		t.Errorf("of those that wait, %d were woken who left, %d of one who did not", len(senders[1]), len(senders[2]))
	}
}
