package telemetry

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// ServerOptions say what a program shows over HTTP.
type ServerOptions struct {
	Addr       string       // host:port; port 0 takes a free one
	Listener   net.Listener // serves in place of Addr; nil: a port is taken
	TokenFile  string       // holds the Bearer token; needed where Addr is outside loopback
	Collect    Collect
	Histograms []*Histogram
	Version    string // of the program, and the commit it was built from
	Commit     string
	Ready      func() error  // nil: at work; an error says what it waits for
	Work       string        // what /readyz says of a program at work: reading, sending
	Detail     func() string // lines that follow it, each with its end; nil: none
}

// Server answers /healthz, /readyz and /metrics. Further pages are added to Mux
// before Serve; they ask for the token where there is one.
type Server struct {
	Mux    *http.ServeMux
	ln     net.Listener
	srv    *http.Server
	token  string
	origin *http.CrossOriginProtection
}

// Listen takes the port, so that a busy one is known before anything starts.
// It serves nothing until Serve. An address outside loopback needs a token.
func Listen(o ServerOptions) (*Server, error) {
	token, err := readToken(o)
	if err != nil {
		return nil, err
	}
	ln := o.Listener
	if ln == nil {
		if ln, err = net.Listen("tcp", o.Addr); err != nil {
			return nil, fmt.Errorf("listen on %s: %w; choose another port with -listen, or :0 on a host for a free one", o.Addr, unwrapNet(err))
		}
	}
	s := &Server{Mux: http.NewServeMux(), ln: ln, token: token, origin: http.NewCrossOriginProtection()}
	s.srv = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.Mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	s.Mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := o.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, o.Work)
		if o.Detail != nil {
			io.WriteString(w, o.Detail())
		}
	})
	s.Mux.Handle("GET /metrics", MetricsHandler(o))
	return s, nil
}

// URL is the address to open.
func (s *Server) URL() string { return "http://" + s.ln.Addr().String() }

// Addr is its host and port.
func (s *Server) Addr() string { return s.ln.Addr().String() }

// Serve answers until Close; it returns nil then.
func (s *Server) Serve() error {
	if err := s.srv.Serve(s.ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close lets requests under way end, for at most a second, and frees the port.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.srv.Shutdown(ctx)
	s.ln.Close() // Shutdown leaves the port taken where Serve was never called
	if err != nil {
		return s.srv.Close()
	}
	return nil
}

// ServeHTTP asks for the token on all but the three paths that machines poll.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz", "/readyz", "/metrics":
	default:
		got := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, password, ok := r.BasicAuth(); ok { // a browser cannot send a Bearer token, but asks for a password
			got = password
		}
		if s.token != "" && subtle.ConstantTimeCompare([]byte(got), []byte(s.token)) != 1 {
			w.Header().Add("WWW-Authenticate", "Bearer")
			w.Header().Add("WWW-Authenticate", `Basic realm="taxistream: any user, the token as password"`)
			http.Error(w, "a Bearer token is needed, or in a browser the token as password: the content of -listen-token-file", http.StatusUnauthorized)
			return
		}
	}
	if err := s.foreign(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	s.Mux.ServeHTTP(w, r)
}

// foreign refuses what changes something at the wish of another site's page in the user's
// browser: across origins, or, where no token is asked for, under another name for this machine.
func (s *Server) foreign(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if err := s.origin.Check(r); err != nil {
		return err
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if s.token == "" && !loopback(host) {
		return fmt.Errorf("host %q: only loopback is trusted without a token", host)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func readToken(o ServerOptions) (string, error) {
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return "", fmt.Errorf("-listen %q: %w; write host:port", o.Addr, err)
	}
	if o.TokenFile == "" {
		if loopback(host) {
			return "", nil
		}
		return "", fmt.Errorf("-listen %s is outside loopback: name a file with a token in -listen-token-file", o.Addr)
	}
	b, err := os.ReadFile(o.TokenFile)
	if err != nil {
		return "", fmt.Errorf("-listen-token-file: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" {
		return "", fmt.Errorf("-listen-token-file %s is empty: write a token into it", o.TokenFile)
	}
	return token, nil
}

// unwrapNet drops "listen tcp addr:", which the message says already.
func unwrapNet(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
