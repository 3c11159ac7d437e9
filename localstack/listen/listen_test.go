package listen

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// echo answers with the protocol and the body.
func echo(w http.ResponseWriter, r *http.Request) {
	from, err := Body(w, r, 10)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(from)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	defer Answer(w)()
	_, _ = io.WriteString(w, r.Proto+" "+string(body))
}

// Every client of HTTP finds the version that it speaks: HTTP/1.1 and HTTP/2, each with
// TLS and without, the certificate being good for loopback names and the host given.
func TestServer_SpeaksEveryVersion(t *testing.T) {
	config, authority, err := Certificate(time.Now(), "", "kinesis.test", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		t.Fatalf("no certificate in %s", authority)
	}
	for name, config := range map[string]*tls.Config{"plain": nil, "TLS": config} {
		s, err := Start("test", "127.0.0.1:0", http.HandlerFunc(echo), config)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, c := range []struct {
			proto string
			set   func(*http.Transport)
		}{
			{"HTTP/1.1", func(t *http.Transport) { t.Protocols.SetHTTP1(true) }},
			{"HTTP/2.0", func(t *http.Transport) {
				t.Protocols.SetHTTP2(config != nil)
				t.Protocols.SetUnencryptedHTTP2(config == nil)
			}},
			{"HTTP/2.0", func(t *http.Transport) { // without a word of it in the handshake
				t.Protocols.SetUnencryptedHTTP2(true)
				if config != nil {
					t.DialContext = func(_ context.Context, network, addr string) (net.Conn, error) {
						conn, err := tls.Dial(network, addr, t.TLSClientConfig)
						return struct{ net.Conn }{conn}, err
					}
				}
			}},
		} {
			proto := c.proto
			transport := &http.Transport{Protocols: new(http.Protocols), TLSClientConfig: &tls.Config{RootCAs: pool}}
			c.set(transport)
			url := s.URL()
			if transport.DialContext != nil {
				url = strings.Replace(url, "https", "http", 1)
			}
			answer, err := (&http.Client{Transport: transport}).Post(url, "text/plain", strings.NewReader("hi"))
			if err != nil {
				t.Errorf("%s of %s: %v", proto, name, err)
				continue
			}
			body, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if got, want := string(body), proto+" hi"; got != want {
				t.Errorf("%s of %s: got %q", proto, name, got)
			}
			transport.CloseIdleConnections()
		}
	}
	leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "kinesis.test", "192.0.2.1"} {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: host}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// A client that stops in the middle of a body is cut off; one that is slow but goes on
// is not, and the handler may take its time afterwards.
func TestBody_ThatStopsComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipe()
		seen := make(chan error)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			from, err := Body(w, r, 100)
			if err == nil {
				_, err = io.ReadAll(from)
			}
			time.Sleep(2 * stallTimeout)
			seen <- errors.Join(err, r.Context().Err())
		})}
		go func() { _ = server.Serve(l) }()
		send := func(pieces int) error {
			conn, err := l.Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() {
				_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
				for range pieces {
					time.Sleep(stallTimeout - time.Second)
					_, _ = io.WriteString(conn, "a")
				}
			}()
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			return <-seen
		}
		if err := send(5); err != nil {
			t.Errorf("a slow body: %v", err)
		}
		var late net.Error
		if err := send(4); !errors.As(err, &late) || !late.Timeout() {
			t.Errorf("a body that stops: got %v, want a timeout", err)
		}
		_ = server.Close()
		synctest.Wait()
	})
}

// A connection on which no request comes, first or next, is closed.
func TestServer_ClosesIdleConnections(t *testing.T) {
	for sent, within := range map[string]time.Duration{
		"":                                  headerTimeout,
		"GET / HTTP/1.1\r\nHos":             headerTimeout,
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n": idleTimeout,
		"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na":              stallTimeout, // answered unread
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00": idleTimeout,
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newPipe()
			server := bounded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					echo(w, r)
				}
			}))
			go func() { _ = server.Serve(l) }()
			conn, err := l.Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			begin := time.Now()
			go func() { _, _ = io.WriteString(conn, sent) }()
			_, _ = io.Copy(io.Discard, conn)
			if open := time.Since(begin); open > within+2*time.Second {
				t.Errorf("after %q it stays open for %v, want %v", sent, open, within)
			}
			_ = server.Close()
			synctest.Wait()
		})
	}
}

// A body that is too long is refused by its declared length, unread, and by its bytes
// where it declares none.
func TestBody_ThatIsTooLong(t *testing.T) {
	s, err := Start("test", "127.0.0.1:0", http.HandlerFunc(echo), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge || !answer.Close {
		t.Fatalf("got %v, want 413 and the connection closed, with not a byte of the body sent", answer)
	}
	for n, want := range map[int]int{10: 200, 11: 413} {
		r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(bytes.NewReader(make([]byte, n))))
		r.ContentLength = -1
		w := httptest.NewRecorder()
		echo(w, r)
		if w.Code != want {
			t.Errorf("%d bytes without a length: %d, want %d", n, w.Code, want)
		}
	}
}

// Above the limit the connection that was unused for longest goes; one that is in use stays.
func TestConns(t *testing.T) {
	c := newConns(3)
	var ends []net.Conn
	open := func() net.Conn {
		near, far := net.Pipe()
		t.Cleanup(func() { near.Close() })
		ends = append(ends, near)
		c.note(far, http.StateNew)
		return far
	}
	closed := func(i int) bool {
		_ = ends[i].SetReadDeadline(time.Now().Add(-time.Second))
		_, err := ends[i].Read(make([]byte, 1))
		return errors.Is(err, io.EOF)
	}
	first, second := open(), open()
	c.note(first, http.StateActive)
	open()
	open() // the fourth
	if closed(0) || !closed(1) || closed(2) || closed(3) {
		t.Error("want the second closed and no other")
	}
	c.note(second, http.StateClosed)
	c.note(first, http.StateIdle)
	open()
	if closed(0) || !closed(2) {
		t.Error("want the third closed, which was unused for longer than the first")
	}
	if len(c.all) != 3 || c.unused.Len() != 3 {
		t.Errorf("%d connections, %d unused, want 3 of each", len(c.all), c.unused.Len())
	}
}

// A port that is taken is named.
func TestStart_PortInUse(t *testing.T) {
	s, err := Start("test", "127.0.0.1:0", http.NotFoundHandler(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	address := strings.TrimPrefix(s.URL(), "http://")
	if _, err := Start("test", address, http.NotFoundHandler(), nil); err == nil || !strings.Contains(err.Error(), "test: listen on "+address+": the port is in use") {
		t.Errorf("got %v", err)
	}
}
