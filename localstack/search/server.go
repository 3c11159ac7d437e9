package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"taxistream/localstack/pipe"
)

// Options are the limits of a store.
type Options struct {
	MaxBytes     int64            // of documents with their ids and columns; 0: 2 GiB
	MaxBody      int64            // of one request, unpacked; 0: 100 MiB, as http.max_content_length
	MaxIndexes   int              // 0: 10,000
	MaxTemplates int              // 0: 1,000
	Clock        func() time.Time // dates indexes; nil: time.Now
	Fault        FaultFunc        // what goes wrong, for tests; nil: nothing. SetFault changes it
}

// Server is a store and its HTTP interface. It is safe for many goroutines.
type Server struct {
	o     Options
	store store
	stats counters
	known knownObjects // in documents

	mu     sync.Mutex
	fault  FaultFunc
	http   *http.Server
	pipe   *pipe.Listener // nil while it does not serve
	served *sync.WaitGroup
}

// New makes an empty store.
func New(o Options) (*Server, error) {
	if o.MaxBytes < 0 || o.MaxBody < 0 || o.MaxIndexes < 0 || o.MaxTemplates < 0 {
		return nil, errors.New("results store: a limit is negative")
	}
	o.MaxBytes = cmp.Or(o.MaxBytes, 2<<30)
	o.MaxBody = cmp.Or(o.MaxBody, 100<<20)
	o.MaxIndexes = cmp.Or(o.MaxIndexes, 10_000)
	o.MaxTemplates = cmp.Or(o.MaxTemplates, 1000)
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the one place where an absent clock is the system's
	}
	s := &Server{o: o, fault: o.Fault, known: knownObjects{seed: maphash.MakeSeed()}}
	s.store.init(o, &s.stats)
	return s, nil
}

// Start serves on addr (host:port; port 0 takes a free one) until Close, and
// returns the base URL. An error names the address and what to do.
func (s *Server) Start(addr string) (baseURL string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		return "", errors.New("results store: it serves already")
	}
	ln, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", fmt.Errorf("results store: listen on %s: the port is in use; choose another, or 0 for a free one", addr)
	}
	if err != nil {
		return "", fmt.Errorf("results store: listen on %s: %w; choose another address", addr, err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.http, s.pipe, s.served = server, pipe.Listen(), new(sync.WaitGroup)
	for _, l := range []net.Listener{ln, s.pipe} {
		s.served.Go(func() { // ends with Close
			_ = server.Serve(l) // always an error; after Close it says so
		})
	}
	return "http://" + ln.Addr().String(), nil
}

// Dial connects a client of the same process, without the network.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	open := s.pipe
	s.mu.Unlock()
	if open == nil {
		return nil, net.ErrClosed
	}
	return open.Dial(ctx)
}

// Close stops serving and cuts connections. The documents stay: Start serves
// them again, as a server that was down for a while does.
func (s *Server) Close() error {
	s.mu.Lock()
	server, served := s.http, s.served
	s.http, s.pipe = nil, nil
	s.mu.Unlock()
	if server == nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // no grace: whoever still waits is cut off
	_ = server.Shutdown(ctx)
	err := server.Close()
	served.Wait()
	if err != nil {
		return fmt.Errorf("results store: close: %w", err)
	}
	return nil
}
