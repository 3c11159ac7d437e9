package listen

import (
	"context"
	"net"
	"sync"
)

// pipe is a net.Listener without an address for clients of the same process: what it
// carries never meets the operating system, which costs a server on the loopback
// interface half a microsecond an event. Its connections are those of net.Pipe: without a
// buffer, with deadlines, and what a write gives is copied once, into the reader's memory.
// The server that accepts from it closes it.
type pipe struct {
	dialled chan net.Conn
	closed  chan struct{}
	close   sync.Once
}

var _ net.Listener = (*pipe)(nil)

func newPipe() *pipe {
	return &pipe{dialled: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial waits until the server takes the connection; after Close it fails with net.ErrClosed.
func (l *pipe) Dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.dialled <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialled:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends all waiting calls. Connections live on.
func (l *pipe) Close() error {
	l.close.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *pipe) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "pipe" }
func (addr) String() string  { return "pipe" }
