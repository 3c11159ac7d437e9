package listen

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// ErrTooLarge says that a body is longer than allowed. Where the client has declared
// that, none of it was read.
var ErrTooLarge = errors.New("the body is too large")

// Body is a request's body of at most most bytes. A read fails once the client has sent
// nothing for 30 seconds, and with ErrTooLarge beyond the limit.
func Body(w http.ResponseWriter, r *http.Request, most int64) (io.Reader, error) {
	if r.ContentLength > most {
		w.Header().Set("Connection", "close") // the rest of it is not waited for
		return nil, ErrTooLarge
	}
	if r.ContentLength == 0 {
		return http.NoBody, nil
	}
	return &body{from: r.Body, control: http.NewResponseController(w), left: most}, nil
}

// unread lets a body come in time even if h answers without reading it: the server then reads
// what is left before it answers.
func unread(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(stallTimeout)) //nolint:forbidigo // a deadline of the network
		}
		h.ServeHTTP(w, r)
	})
}

// body sets a deadline anew now and then, and none once the body is read: the connection
// then is the handler's, however long it takes.
type body struct {
	from    io.Reader
	control *http.ResponseController
	left    int64
	armed   time.Time
}

func (b *body) Read(p []byte) (int, error) {
	// A handler that runs in a test without a connection has no deadlines: errors of setting one do not matter.
	if now := time.Now(); now.Sub(b.armed) > stallTimeout/10 { //nolint:forbidigo // a deadline of the network
		b.armed = now
		_ = b.control.SetReadDeadline(now.Add(stallTimeout))
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// Answer gives the client two minutes to read an answer; done ends that.
func Answer(w http.ResponseWriter) (done func()) {
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(idleTimeout)) //nolint:forbidigo // a deadline of the network
	return func() { _ = control.SetWriteDeadline(time.Time{}) }
}
