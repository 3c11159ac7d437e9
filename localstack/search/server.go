package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"taxistream/localstack/listen"
	"taxistream/localstack/search/schema"
)

// Options are the limits of a store.
type Options struct {
	Dir          string           // keeps everything there over restarts; empty: nothing outlives the process
	MaxBytes     int64            // of documents, on disk; 0: 16 GiB
	MaxDocuments int64            // deleted ones, of which the version is kept, among them; 0: 20 million
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
	known *schema.Known // objects in documents

	mu       sync.Mutex
	fault    FaultFunc
	listener *listen.Server // nil while it does not serve
}

// New makes a store: an empty one, or with Dir the one that was kept there, which
// may take a second for each million documents. An error names what is wrong with
// the folder. Whoever calls it sees to it that no other process uses the folder.
func New(o Options) (*Server, error) {
	if o.MaxBytes < 0 || o.MaxDocuments < 0 || o.MaxBody < 0 || o.MaxIndexes < 0 || o.MaxTemplates < 0 {
		return nil, errors.New("results store: a limit is negative")
	}
	o.MaxBytes = cmp.Or(o.MaxBytes, 16<<30)
	o.MaxDocuments = cmp.Or(o.MaxDocuments, 20_000_000)
	o.MaxBody = cmp.Or(o.MaxBody, 100<<20)
	o.MaxIndexes = cmp.Or(o.MaxIndexes, 10_000)
	o.MaxTemplates = cmp.Or(o.MaxTemplates, 1000)
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the one place where an absent clock is the system's
	}
	s := &Server{o: o, fault: o.Fault, known: schema.NewKnown()}
	if err := s.store.init(o, &s.stats); err != nil {
		return nil, fmt.Errorf("results store: %w", err)
	}
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

// Close stops serving, cuts connections, and with Dir returns once the disk has
// everything. The documents stay: Start serves them again, as a server that was
// down for a while does.
func (s *Server) Close() error {
	s.mu.Lock()
	listener := s.listener
	s.listener = nil
	s.mu.Unlock()
	if listener == nil {
		return s.store.sync()
	}
	if err := errors.Join(listener.Close(), s.store.sync()); err != nil {
		return fmt.Errorf("results store: close: %w", err)
	}
	return nil
}
