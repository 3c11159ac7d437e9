package simulation

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"time"
)

// The addresses of the servers. Nothing listens there; proxies leave them alone.
const (
	kinesisAddr = "127.0.0.1:1"
	searchAddr  = "127.0.0.1:2"
	s3Addr      = "127.0.0.1:3"
)

// network joins the programs to the servers. Every request takes its time, there and back;
// what else befalls one is drawn by its number among those of its process and operation, so
// that it depends on no other request.
//
// Invariant: a server whose address is in away takes no connection, and has none.
type network struct {
	w     *world
	serve map[string]*inMemory
	group sync.WaitGroup

	mu    sync.Mutex
	away  map[string]bool
	links map[*link]bool
}

// link is a connection as the server has it.
type link struct {
	net.Conn
	of   *process
	addr string
}

// inMemory is a listener without a port.
type inMemory struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newInMemory() *inMemory {
	return &inMemory{dialled: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *inMemory) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialled:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *inMemory) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *inMemory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4} }

func newNetwork(w *world) *network {
	return &network{w: w, serve: map[string]*inMemory{}, away: map[string]bool{}, links: map[*link]bool{}}
}

// process of a connection, in a request's context.
type ofProcess struct{}

// start serves h at an address until stop.
func (n *network) start(addr string, h http.Handler, operation func(*http.Request) string) {
	l := newInMemory()
	n.serve[addr] = l
	s := &http.Server{
		Handler: n.faulty(addr, h, operation),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, ofProcess{}, c.(*link).of)
		},
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				n.mu.Lock()
				delete(n.links, c.(*link))
				n.mu.Unlock()
			}
		},
	}
	n.group.Go(func() { _ = s.Serve(l) })
}

func (n *network) stop() {
	for _, l := range n.serve {
		l.Close()
	}
	n.cut(func(*link) bool { return true })
	n.group.Wait()
}

// dial is how a process reaches a server.
func (n *network) dial(ctx context.Context, of *process, addr string) (net.Conn, error) {
	if err := of.reach(ctx); err != nil {
		return nil, err
	}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	ours, theirs := net.Pipe()
	c := &link{theirs, of, addr}
	n.mu.Lock()
	if n.away[addr] || of.dead {
		n.mu.Unlock()
		return nil, refused
	}
	n.links[c] = true
	n.mu.Unlock()
	select {
	case n.serve[addr].dialled <- c:
		return ours, nil
	case <-n.serve[addr].closed:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cut closes the connections that which names.
func (n *network) cut(which func(*link) bool) {
	n.mu.Lock()
	var cut []*link
	for c := range n.links {
		if which(c) {
			cut = append(cut, c)
			delete(n.links, c)
		}
	}
	n.mu.Unlock()
	for _, c := range cut {
		c.Close()
	}
}

// setAway takes a server off the network, or brings it back.
func (n *network) setAway(addr string, away bool) {
	n.mu.Lock()
	n.away[addr] = away
	n.mu.Unlock()
	if away {
		n.cut(func(c *link) bool { return c.addr == addr })
	}
}

// faulty does to each request what is drawn for it.
func (n *network) faulty(addr string, h http.Handler, operation func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.Context().Value(ofProcess{}).(*process)
		body, err := io.ReadAll(r.Body) // read to its end, or the server would not see the client go away
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		f := n.w.befalls(p, addr, operation(r))
		n.w.count(f.kind)
		sleep(r.Context(), f.there)
		if p.reach(r.Context()) != nil || f.kind == requestLost {
			panic(http.ErrAbortHandler)
		}
		if f.kind == refused {
			refuse(w, addr, f.status)
			return
		}
		if f.kind == silence {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
		sleep(r.Context(), f.back)
		if f.kind == answerLost || p.reach(r.Context()) != nil {
			panic(http.ErrAbortHandler)
		}
		if f.kind == answerSwallowed {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		body = answer.Body.Bytes()
		if f.kind == answerCut && len(body) > 1 {
			body = body[:len(body)/2]
		}
		_, _ = w.Write(body) // who has gone away reads no answer
		if f.kind == answerCut {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	})
}

// refuse answers as the service does when it has no room.
func refuse(w http.ResponseWriter, addr string, status int) {
	kind, body := "application/json", `{"error":{"type":"es_rejected_execution_exception","reason":"simulated"},"status":%d}`
	if addr == s3Addr {
		kind, body = "application/xml", `<Error><Code>SlowDown</Code><Message>simulated %d</Message></Error>`
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	fmt.Fprintf(w, body, status)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
