package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"sync"
	"time"

	"taxistream/localstack/listen"
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

	mu       sync.Mutex
	fault    FaultFunc
	listener *listen.Server // nil while it does not serve
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
	if s.listener != nil {
		return "", errors.New("results store: it serves already")
	}
	if s.listener, err = listen.Start("results store", addr, s, nil); err != nil {
		return "", err
	}
	return s.listener.URL(), nil
}

// Dial connects a client of the same process, without the network.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	listener := s.listener
	s.mu.Unlock()
	if listener == nil {
		return nil, net.ErrClosed
	}
	return listener.Dial(ctx)
}

// Close stops serving and cuts connections. The documents stay: Start serves
// them again, as a server that was down for a while does.
func (s *Server) Close() error {
	s.mu.Lock()
	listener := s.listener
	s.listener = nil
	s.mu.Unlock()
	if listener == nil {
		return nil
	}
	if err := listener.Close(); err != nil {
		return fmt.Errorf("results store: close: %w", err)
	}
	return nil
}
