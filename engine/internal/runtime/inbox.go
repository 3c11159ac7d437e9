package runtime

import (
	"slices"
	"sync"
)

// Inbox is the input of one actor: bounded first-in-first-out channels. It takes
// from them in turn and can leave one shut while it aligns a barrier.
//
// Invariants: a channel never holds more than its capacity; a sender is in blocked from
// when it found the channel full until it is woken, finds room or leaves, so that for each
// message taken from a full channel one sender is woken that still wants to send; the
// reader is woken after each message.
type Inbox[M any] struct {
	reader Waker

	mu       sync.Mutex
	channels []channel[M]
	turn     int // the channel to be looked at first
}

type channel[M any] struct {
	ring       []M
	head, size int
	shut       bool
	blocked    []Waker // senders that found it full, the first to come first
}

// NewInbox returns an inbox of so many channels, each for so many messages.
func NewInbox[M any](reader Waker, channels, capacity int) *Inbox[M] {
	in := &Inbox[M]{reader: reader, channels: make([]channel[M], channels)}
	for i := range in.channels {
		in.channels[i].ring = make([]M, capacity)
	}
	return in
}

// Offer appends a message to a channel. If there is no room it does nothing and
// reports false, and the sender is woken when there is.
func (in *Inbox[M]) Offer(ch int, m M, sender Waker) bool {
	in.mu.Lock()
	c := &in.channels[ch]
	if c.size == len(c.ring) {
		c.block(sender)
		in.mu.Unlock()
		return false
	}
	c.unblock(sender)
	c.ring[(c.head+c.size)%len(c.ring)] = m
	c.size++
	in.mu.Unlock()
	in.reader.Wake()
	return true
}

func (c *channel[M]) block(sender Waker) {
	if !slices.Contains(c.blocked, sender) {
		c.blocked = append(c.blocked, sender)
	}
}

func (c *channel[M]) unblock(sender Waker) {
	if i := slices.Index(c.blocked, sender); i >= 0 {
		c.blocked = slices.Delete(c.blocked, i, i+1)
	}
}

// Take removes the next message of a channel that is not shut, if there is one.
func (in *Inbox[M]) Take() (ch int, m M, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for i := range in.channels {
		ch = in.turn + i
		if ch >= len(in.channels) {
			ch -= len(in.channels)
		}
		c := &in.channels[ch]
		if c.shut || c.size == 0 {
			continue
		}
		var none M
		m, c.ring[c.head] = c.ring[c.head], none
		if c.head++; c.head == len(c.ring) {
			c.head = 0
		}
		c.size--
		if len(c.blocked) > 0 && !Is(ForgetWaking) {
			c.blocked[0].Wake()
			c.blocked = slices.Delete(c.blocked, 0, 1)
		}
		if in.turn = ch + 1; in.turn == len(in.channels) {
			in.turn = 0
		}
		return ch, m, true
	}
	return 0, m, false
}

// Room reports whether a channel has room; if not, the sender is woken when there is.
func (in *Inbox[M]) Room(ch int, sender Waker) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	c := &in.channels[ch]
	if c.size < len(c.ring) {
		c.unblock(sender)
		return true
	}
	c.block(sender)
	return false
}

// Leave takes back that a sender waits for room: it will send nothing more. If it was woken for
// room that it does not use, the next is.
func (in *Inbox[M]) Leave(ch int, sender Waker) {
	in.mu.Lock()
	defer in.mu.Unlock()
	c := &in.channels[ch]
	c.unblock(sender)
	if c.size < len(c.ring) && len(c.blocked) > 0 {
		c.blocked[0].Wake()
		c.blocked = slices.Delete(c.blocked, 0, 1)
	}
}

// Shut closes a channel for reading until Open.
func (in *Inbox[M]) Shut(ch int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.channels[ch].shut = true
}

// Open opens all channels.
func (in *Inbox[M]) Open() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for i := range in.channels {
		in.channels[i].shut = false
	}
}

// Reader is the waker of the reader.
func (in *Inbox[M]) Reader() Waker { return in.reader }

// Channels is their number.
func (in *Inbox[M]) Channels() int { return len(in.channels) }

// Fill is how full the fullest channel is, 0 to 1.
func (in *Inbox[M]) Fill() float64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	most := 0
	for i := range in.channels {
		most = max(most, in.channels[i].size)
	}
	return float64(most) / float64(len(in.channels[0].ring))
}
