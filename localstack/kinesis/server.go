package kinesis

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/localstack/listen"
)

// Server is one embedded Kinesis: an http.Handler, with a listener once started.
type Server struct {
	options Options
	store   *store
	faults  *faults
	counts  counters
	latest  atomic.Int64  // the latest time that the clock has shown, ms
	request atomic.Uint64 // last request number, spelled in x-amzn-RequestId

	life   sync.RWMutex // held shared by a running request, exclusively by Close
	closed bool

	mu         sync.RWMutex // guards what follows
	streams    map[string]*stream
	byNumber   map[uint64]*stream // the same, for tokens
	nextStream uint64
	// lastCreated is the newest stream's time of creation, ms. No two streams share one: sequence numbers and checkpoints
	// tell a stream by it from others of its name.
	lastCreated int64
	account     accountSettings

	listening sync.Mutex // guards listener
	listener  *listen.Server
}

var _ http.Handler = (*Server)(nil)

// New makes a server without streams. The caller must Close it.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, streams: map[string]*stream{}, byNumber: map[uint64]*stream{}, account: accountSettings{commitment{"DISABLED"}}}
	s.store = newStore(o, &s.counts)
	s.faults = newFaults(o.Faults)
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.store.close())
	}
	return s, nil
}

// Start listens on addr (host:port; port 0 takes a free one) and returns the
// base URL to give to clients; Dial is answered from then on, too. A port in use
// is an error that names it. A server starts once; the serving goroutines end
// with Close.
func (s *Server) Start(addr string) (baseURL string, err error) {
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.listener != nil {
		return "", errors.New("start embedded kinesis: already started")
	}
	s.life.RLock()
	closed := s.closed
	s.life.RUnlock()
	if closed {
		return "", errors.New("start embedded kinesis: already closed")
	}
	if s.listener, err = listen.Start("embedded kinesis", addr, s, s.options.TLS); err != nil {
		return "", err
	}
	return s.listener.URL(), nil
}

// Dial connects a client of the same process, without network and TLS, once the server is
// started.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) {
	s.listening.Lock()
	listener := s.listener
	s.listening.Unlock()
	if listener == nil {
		return nil, net.ErrClosed
	}
	return listener.Dial(ctx)
}

// Close cuts the connections, waits for running requests to end and frees
// memory and files. Requests after it are refused. A second Close does nothing.
func (s *Server) Close() error {
	s.listening.Lock()
	if s.listener != nil {
		_ = s.listener.Close() // its error is the port's, which is gone either way
	}
	s.listening.Unlock()

	s.faults.stop()
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.mu.Lock()
	s.streams, s.byNumber = map[string]*stream{}, map[uint64]*stream{}
	s.mu.Unlock()
	return s.store.close()
}

// SetFaults replaces the faults to inject, from the next request on.
func (s *Server) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	s.faults.set(f)
	return nil
}

// now is the server's time in milliseconds, the service's resolution.
func (s *Server) now() int64 {
	now := s.options.Clock().UnixMilli()
	for {
		seen := s.latest.Load()
		if now <= seen || s.latest.CompareAndSwap(seen, now) {
			return now
		}
	}
}

// reached says whether the server's time has ever come to ms: what is over does not
// begin again when the clock goes back. What begins while it is back is over at once.
func (s *Server) reached(ms int64) bool { return s.now() >= ms || s.latest.Load() >= ms }

// until is when a delay that begins now is over; none is over whatever the clock does.
func until(now int64, delay time.Duration) int64 {
	if delay <= 0 {
		return 0
	}
	return now + delay.Milliseconds()
}
