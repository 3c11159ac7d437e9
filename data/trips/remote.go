package trips

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/redact"
)

// remote is a download that goes on where it broke, if the server can: after a
// wait that grows, for as long as its context lives, unless the error is final.
// Messages show its address without what may be secret.
type remote struct {
	ctx    context.Context //nolint:containedctx // the life of one download
	client *http.Client
	notify func(string) // nil: nobody
	url    string
	etag   string // or the date of its last change: what must still hold to go on
	body   io.ReadCloser
	cancel context.CancelFunc // of the connection
	at     int64
	size   int64       // 0: not known
	tries  fault.Tries // since the last byte
	told   bool        // that it is broken
}

// Size is how many bytes there are; 0: not known.
func (r *remote) Size() int64 { return r.size }

// stalled is how long a server may send nothing; a variable for tests.
var stalled = 30 * time.Second

func (p *Places) openHTTP(ctx context.Context, url string) (*remote, error) {
	r := &remote{ctx: ctx, client: http.DefaultClient, notify: p.Notify, url: url}
	if p.HTTP != nil {
		var err error
		if r.client, err = p.HTTP(); err != nil {
			return nil, err
		}
	}
	if err := r.connect(); err != nil {
		return nil, r.failed(err)
	}
	return r, nil
}

// failed says what is wrong with the download, and what to do.
func (r *remote) failed(err error) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	where := redact.URL(r.url)
	if r.at > 0 {
		where = fmt.Sprintf("%s: broken after %d bytes", where, r.at)
	}
	return fmt.Errorf("%s: %w", where, fault.Explain(err))
}

func (r *remote) connect() error {
	ctx, cancel := context.WithCancel(r.ctx)
	if err := r.ask(ctx); err != nil {
		cancel()
		return err
	}
	r.cancel = cancel
	return nil
}

func (r *remote) ask(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return errors.New("this is not an address that can be read") // the cause would show it
	}
	want := http.StatusOK
	if r.at > 0 {
		want = http.StatusPartialContent
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", r.at))
		if r.etag != "" {
			req.Header.Set("If-Range", r.etag)
		}
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	switch {
	case resp.StatusCode == want:
	case resp.StatusCode < 300:
		resp.Body.Close()
		return fmt.Errorf("the server cannot go on (status %s)", resp.Status) // final: the file is another, or it knows no ranges
	default:
		resp.Body.Close()
		return &fault.AnswerError{Status: resp.StatusCode, Words: "the server answers " + resp.Status}
	}
	if r.at == 0 {
		r.etag, r.size = version(resp.Header), max(resp.ContentLength, 0)
	}
	r.body = resp.Body
	return nil
}

// version is what If-Range compares: a strong ETag, else the date of the last change.
func version(h http.Header) string {
	if etag := h.Get("ETag"); etag != "" && !strings.HasPrefix(etag, "W/") {
		return etag
	}
	return h.Get("Last-Modified")
}

// Read implements io.Reader.
func (r *remote) Read(p []byte) (int, error) {
	for {
		n, err := r.read(p)
		r.at += int64(n)
		if n > 0 {
			r.tries.Done()
			r.told = false
		}
		switch {
		case err == nil, err == io.EOF:
			return n, err
		case n > 0:
			return n, nil // the next read meets the error again
		case r.ctx.Err() != nil:
			return 0, r.ctx.Err()
		}
		if err := r.resume(err); err != nil {
			return 0, err
		}
	}
}

// read is one read of the connection, which it ends if nothing comes.
func (r *remote) read(p []byte) (int, error) {
	late := time.AfterFunc(stalled, r.cancel)
	defer late.Stop()
	n, err := r.body.Read(p)
	if errors.Is(err, context.Canceled) && r.ctx.Err() == nil {
		err = fmt.Errorf("nothing came for %v: %w", stalled, context.DeadlineExceeded)
	}
	return n, err
}

// resume opens the download again where it broke; the first time without a wait.
func (r *remote) resume(broken error) error {
	_ = r.Close() // of what is broken already
	for {
		first := r.tries.Count() == 0
		wait, final := r.tries.Failed(broken)
		if final != nil {
			return r.failed(final)
		}
		if !first {
			if r.notify != nil && !r.told {
				r.told = true
				r.notify(fmt.Sprintf("the download of %s broke after %d bytes: %s; waiting, and trying again", redact.URL(r.url), r.at, fault.Cause(broken)))
			}
			if err := fault.Sleep(r.ctx, wait); err != nil {
				return err
			}
		}
		if broken = r.connect(); broken == nil {
			return nil
		}
	}
}

// Close implements io.Closer.
func (r *remote) Close() error {
	r.cancel()
	return r.body.Close()
}
