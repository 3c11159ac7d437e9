// Package listen is how the embedded servers meet their clients: on a port, in HTTP/1.1
// and HTTP/2, with TLS or without (HTTP/2 then by prior knowledge, as the JavaScript
// SDK speaks it), and through memory for clients of the same process. It is the one
// place that keeps a client from holding what it does not use: connections that are
// idle, headers and bodies that stop coming, answers that nobody reads, bodies that
// are too long.
package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// What a client may take its time for.
const (
	headerTimeout = 10 * time.Second // from the connection or the last request's end to the end of the headers
	idleTimeout   = 2 * time.Minute  // longer than the pools of the SDKs keep an unused connection
	stallTimeout  = 30 * time.Second // without a byte of a body, either way

	maxHeader = 64 << 10
)

// Server serves a handler on one address until Close.
type Server struct {
	url    string
	http   *http.Server
	pipe   *pipe
	served sync.WaitGroup
}

// Start serves h on addr (host:port; port 0 takes a free one), with TLS if config is not
// nil. An error names the server, the address and what to do.
func Start(name, addr string, h http.Handler, config *tls.Config) (*Server, error) {
	port, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: listen on %s: the port is in use; choose another, or 0 for a free one", name, addr)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: listen on %s: %w; choose another address", name, addr, err)
	}
	s := &Server{url: "http://" + port.Addr().String(), http: bounded(h), pipe: newPipe()}
	if config != nil {
		s.url = "https://" + port.Addr().String()
		port = withTLS{port, config}
	}
	for _, l := range []net.Listener{port, s.pipe} {
		// Serve always ends with http.ErrServerClosed after Close; a broken listener shows at the clients.
		s.served.Go(func() { _ = s.http.Serve(l) })
	}
	return s, nil
}

// bounded is an HTTP server of every version that waits for no client without end.
func bounded(h http.Handler) *http.Server {
	versions := new(http.Protocols)
	versions.SetHTTP1(true)
	versions.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: unread(h), Protocols: versions, ConnState: newConns(mostConns()).note,
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		HTTP2: &http.HTTP2Config{SendPingTimeout: stallTimeout, PingTimeout: stallTimeout, WriteByteTimeout: stallTimeout},
	}
}

// URL is the base URL for clients.
func (s *Server) URL() string { return s.url }

// Dial connects a client of the same process, without network and TLS. After Close
// it fails with net.ErrClosed.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) { return s.pipe.Dial(ctx) }

// Close stops listening, cuts all connections and waits for the serving goroutines, not
// for handlers. Its error says that the port could not be closed.
func (s *Server) Close() error {
	err := s.http.Close()
	s.served.Wait()
	return err
}
