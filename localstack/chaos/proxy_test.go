//go:build chaos && linux

package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// weather is how a proxy treats what passes. The zero value lets all pass as it comes.
type weather struct {
	delay   time.Duration // of each read and write
	rate    int           // bytes a second of each connection, each way; 0: no limit
	cut     int64         // most bytes after which a connection is reset; 0: never
	swallow bool          // requests reach the server, answers are lost with their connection
	refuse  bool          // every second request is refused as the service does that is throttled
	held    chan struct{} // nothing passes until it is closed
}

// proxy stands before a server, on an address that stays while the server moves. Its connections and
// requests are the weather's. Only the schedule's goroutine changes weather, target and listener.
type proxy struct {
	t       *testing.T
	URL     string
	port    int
	target  atomic.Pointer[string]
	weather atomic.Pointer[weather]
	count   atomic.Int64 // of requests
	hits    atomic.Int64 // of what the weather has kept from passing as it came
	http    *http.Server
	listen  net.Listener // nil while the server is away

	mu    sync.Mutex
	conns map[*conn]bool
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	p := &proxy{t: t, conns: map[*conn]bool{}}
	p.weather.Store(&weather{})
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", *p.target.Load(), r.In.Host
		},
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 20},
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0), // broken connections are what it is for
		ModifyResponse: func(*http.Response) error {
			if p.weather.Load().swallow {
				p.hits.Add(1)
				return errors.New("swallowed")
			}
			return nil
		},
		// A client sees what it would see of the server: a connection that ends.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	p.http = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.weather.Load().refuse && p.count.Add(1)%2 == 0 {
			p.hits.Add(1)
			refuse(w, r)
			return
		}
		pass.ServeHTTP(w, r)
	})}
	p.open()
	p.reserve()
	p.URL = fmt.Sprintf("http://127.0.0.1:%d", p.port)
	t.Cleanup(func() {
		if held := p.weather.Load().held; held != nil {
			close(held)
		}
		p.http.Close()
	})
	return p
}

// refuse answers as the service does of which too much is asked.
func refuse(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	status, body := http.StatusTooManyRequests, `{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution"},"status":429}`
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		kind := "LimitExceededException"
		if strings.HasSuffix(target, "Records") {
			kind = "ProvisionedThroughputExceededException"
		}
		w.Header().Set("X-Amzn-ErrorType", kind)
		status, body = http.StatusBadRequest, `{"__type":"`+kind+`","message":"Rate exceeded"}`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

const soReusePort = 0xf // Linux; syscall does not name it

// reusable lets more than one socket have the port.
func reusable(_, _ string, raw syscall.RawConn) error {
	var err error
	return errors.Join(raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soReusePort, 1) }), err)
}

// open listens, again on the same port.
func (p *proxy) open() {
	p.t.Helper()
	config := net.ListenConfig{Control: reusable}
	l, err := config.Listen(context.Background(), "tcp4", fmt.Sprintf("127.0.0.1:%d", p.port))
	if err != nil {
		p.t.Fatal(err)
	}
	p.port, p.listen = l.Addr().(*net.TCPAddr).Port, l
	go p.http.Serve(listener{l, p}) // until the listener closes
}

// reserve keeps the port while nobody listens there: a socket that is bound and does not listen.
func (p *proxy) reserve() {
	p.t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err == nil {
		err = errors.Join(syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soReusePort, 1),
			syscall.Bind(fd, &syscall.SockaddrInet4{Port: p.port, Addr: [4]byte{127, 0, 0, 1}}))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = syscall.Close(fd) })
}

// away refuses connections, and resets those there are, until open.
func (p *proxy) away() {
	p.listen.Close()
	p.reset()
}

// reset resets every connection.
func (p *proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		p.hits.Add(1)
		c.reset()
	}
}

// listener wraps what it accepts.
type listener struct {
	net.Listener
	p *proxy
}

func (l listener) Accept() (net.Conn, error) {
	plain, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{TCPConn: plain.(*net.TCPConn), p: l.p, over: make(chan struct{})}
	l.p.mu.Lock()
	l.p.conns[c] = true
	l.p.mu.Unlock()
	return c, nil
}

// conn is one connection of a client.
type conn struct {
	*net.TCPConn
	p      *proxy
	passed atomic.Int64 // bytes, both ways
	once   sync.Once
	over   chan struct{} // closed with the connection
}

func (c *conn) Close() error {
	c.once.Do(func() {
		close(c.over)
		c.p.mu.Lock()
		delete(c.p.conns, c)
		c.p.mu.Unlock()
	})
	return c.TCPConn.Close()
}

// reset ends it without a farewell. The server closes it, once it sees.
func (c *conn) reset() {
	_ = c.SetLinger(0)
	_ = c.TCPConn.Close()
}

// pass holds n bytes back as the weather wants it, and fails once they are cut.
func (c *conn) pass(n int) error {
	w := c.p.weather.Load()
	wait := w.delay
	if w.rate > 0 {
		wait += time.Duration(n) * time.Second / time.Duration(w.rate)
	}
	if wait > 0 || w.held != nil {
		c.p.hits.Add(1)
	}
	if w.held != nil {
		select {
		case <-w.held:
		case <-c.over:
		}
	}
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-c.over:
		}
	}
	if w.cut > 0 && c.passed.Add(int64(n)) > 1+rand.Int64N(w.cut) {
		c.p.hits.Add(1)
		c.reset()
		return syscall.ECONNRESET
	}
	return nil
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if n > 0 {
		err = errors.Join(err, c.pass(n))
	}
	if err != nil && n > 0 {
		return 0, err
	}
	return n, err
}

func (c *conn) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		part := b[:min(len(b), 4096)]
		if err := c.pass(len(part)); err != nil {
			return written, err
		}
		n, err := c.TCPConn.Write(part)
		if written += n; err != nil {
			return written, err
		}
		b = b[n:]
	}
	return written, nil
}

// ReadFrom would leave Write out.
func (c *conn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(struct{ io.Writer }{c}, r) }
