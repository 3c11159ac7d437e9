package engine

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// Ensure that an inbox keeps each sender's order, stays within its bound and loses nothing.
func TestInbox_OrderAndBound(t *testing.T) {
	const senders, each, capacity = 4, 2000, 3
	in := newInbox[int](senders, capacity)
	var group sync.WaitGroup
	for ch := range senders {
		group.Go(func() {
			for i := range each {
				if err := in.put(t.Context(), ch, message[int]{kind: messageWatermark, watermark: int64(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	next := make([]int64, senders)
	for taken := 0; taken < senders*each; {
		ch, m, ok := in.take()
		if !ok {
			<-in.wake
			continue
		}
		if m.watermark != next[ch] {
			t.Fatalf("channel %d brings %d, want %d", ch, m.watermark, next[ch])
		}
		next[ch]++
		taken++
		if fill := in.fill(); fill > 1 {
			t.Fatalf("fill = %v", fill)
		}
	}
	group.Wait()
	if _, _, ok := in.take(); ok || in.fill() != 0 {
		t.Error("something is left")
	}
}

// Ensure that a shut channel is passed over and keeps its messages, and that a
// sender to a full one is freed by the job's end.
func TestInbox_Shut(t *testing.T) {
	in := newInbox[int](2, 1)
	ctx, cancel := context.WithCancel(t.Context())
	for ch := range 2 {
		if err := in.put(ctx, ch, message[int]{kind: messageWatermark, watermark: int64(ch)}); err != nil {
			t.Fatal(err)
		}
	}
	in.shut(0)
	if ch, _, ok := in.take(); !ok || ch != 1 {
		t.Errorf("took from %d, %v", ch, ok)
	}
	if _, _, ok := in.take(); ok {
		t.Error("took from a shut channel")
	}
	if in.fill() != 1 {
		t.Errorf("fill = %v of a full channel", in.fill())
	}
	cancel()
	if err := in.put(ctx, 0, message[int]{kind: messageEnd}); !errors.Is(err, context.Canceled) {
		t.Errorf("put into a full channel of a job that ends: %v", err)
	}
	in.open()
	if ch, _, ok := in.take(); !ok || ch != 0 {
		t.Errorf("after opening took from %d, %v", ch, ok)
	}
}

// Ensure that a cut is made when every open channel has brought the barrier, and
// that a barrier out of turn is an error.
func TestAligner(t *testing.T) {
	a := newAligner(3)
	one, two := &barrier{id: 1}, &barrier{id: 2}
	for ch, want := range []bool{false, false, true} {
		if complete, err := a.barrier(ch, one); complete != want || err != nil {
			t.Errorf("channel %d: %v, %v", ch, complete, err)
		}
	}
	if all, err := a.end(1); all || err != nil {
		t.Errorf("one end: %v, %v", all, err)
	}
	if complete, err := a.barrier(0, two); complete || err != nil {
		t.Errorf("second barrier: %v, %v", complete, err)
	}
	if _, err := a.barrier(2, one); err == nil {
		t.Error("another barrier is taken for the one being aligned")
	}
	if _, err := a.end(2); err == nil {
		t.Error("a channel ends in the middle of a cut")
	}
	if complete, err := a.barrier(2, two); !complete || err != nil {
		t.Errorf("an ended channel is waited for: %v, %v", complete, err)
	}
}
