package engine

import (
	"context"
	"sync"
)

// batch is a slice on its way through an exchange, recycled by its reader.
type batch[T any] struct{ elements []Element[T] }

// message is what travels through a channel: exactly one of its fields is set,
// or none for the end.
type message[T any] struct {
	batch     *batch[T]
	barrier   *barrier
	watermark int64
	kind      messageKind
}

type messageKind uint8

const (
	messageBatch messageKind = iota
	messageWatermark
	messageBarrier
	messageEnd
)

// inbox is the input of one subtask: one bounded first-in-first-out channel for
// each sender. A sender waits while its channel is full; the reader takes from the
// channels in turn, and can leave one shut while it aligns a barrier.
type inbox[T any] struct {
	wake chan struct{} // one token: there may be something to take

	mu       sync.Mutex
	channels []channel[T]
	turn     int
}

type channel[T any] struct {
	ring       []message[T]
	head, size int
	shut       bool
	space      chan struct{} // one token: there may be room
}

func newInbox[T any](channels, capacity int) *inbox[T] {
	in := &inbox[T]{wake: make(chan struct{}, 1), channels: make([]channel[T], channels)}
	for i := range in.channels {
		in.channels[i].ring = make([]message[T], capacity)
		in.channels[i].space = make(chan struct{}, 1)
	}
	return in
}

// put appends a message to a channel, waiting for room.
func (in *inbox[T]) put(ctx context.Context, ch int, m message[T]) error {
	c := &in.channels[ch]
	for {
		in.mu.Lock()
		if c.size < len(c.ring) {
			c.ring[(c.head+c.size)%len(c.ring)] = m
			c.size++
			in.mu.Unlock()
			token(in.wake)
			return nil
		}
		in.mu.Unlock()
		select {
		case <-c.space:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// take removes the next message of a channel that is not shut, if there is one.
func (in *inbox[T]) take() (ch int, m message[T], ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for i := range in.channels {
		ch = (in.turn + i) % len(in.channels)
		c := &in.channels[ch]
		if c.shut || c.size == 0 {
			continue
		}
		m = c.ring[c.head]
		c.ring[c.head] = message[T]{}
		c.head = (c.head + 1) % len(c.ring)
		if c.size == len(c.ring) {
			token(c.space)
		}
		c.size--
		in.turn = ch + 1
		return ch, m, true
	}
	return 0, m, false
}

// shut closes a channel for reading until open.
func (in *inbox[T]) shut(ch int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.channels[ch].shut = true
}

// open opens all channels.
func (in *inbox[T]) open() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for i := range in.channels {
		in.channels[i].shut = false
	}
}

// fill is how full the fullest channel is, 0 to 1.
func (in *inbox[T]) fill() float64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	most := 0
	for i := range in.channels {
		most = max(most, in.channels[i].size)
	}
	return float64(most) / float64(len(in.channels[0].ring))
}

// token puts the one token into a channel of capacity one, unless it is there.
func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
