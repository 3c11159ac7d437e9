package trips

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"taxistream/internal/s3"
)

// Input is one file of trips, local or remote.
type Input struct {
	Name string
	open func(ctx context.Context) (io.ReadCloser, error)
	// kept is set where opening the file again is a second download, or gives the
	// rest of a pipe: the reader that looked at its beginning is the one to use.
	kept *kept
}

type kept struct{ reader Reader }

// Close gives up a reader that was kept and not used.
func (in Input) Close() error {
	if in.kept == nil || in.kept.reader == nil {
		return nil
	}
	r := in.kept.reader
	in.kept.reader = nil
	return r.Close()
}

func localFile(name string, regular bool) Input {
	in := Input{Name: name, open: func(context.Context) (io.ReadCloser, error) { return os.Open(name) }}
	if !regular {
		in.kept = &kept{}
	}
	return in
}

func download(url string) Input {
	return Input{url, func(ctx context.Context) (io.ReadCloser, error) { return openHTTP(ctx, http.DefaultClient, url) }, &kept{}}
}

// object is an input that is opened again at will: each look at its beginning
// is one short request.
func object(client *s3.Client, at s3.Location, key string) Input {
	return Input{at.At(key), func(ctx context.Context) (io.ReadCloser, error) { return client.Open(ctx, at, key) }, nil}
}

// resumes is how often a broken download goes on.
const resumes = 5

// remote is a download that goes on where it broke, if the server can.
type remote struct {
	ctx    context.Context //nolint:containedctx // the life of one download
	client *http.Client
	url    string
	etag   string // or the date of its last change: what must still hold to go on
	body   io.ReadCloser
	at     int64
	tries  int
}

func openHTTP(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error) {
	r := &remote{ctx: ctx, client: client, url: url}
	return r, r.connect()
}

func (r *remote) connect() error {
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return err
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
	if resp.StatusCode != want {
		resp.Body.Close()
		if r.at > 0 {
			return fmt.Errorf("%s: broken after %d bytes, and the server cannot go on (status %s)", r.url, r.at, resp.Status)
		}
		return fmt.Errorf("%s: the server answers %s", r.url, resp.Status)
	}
	if r.at == 0 {
		r.etag = version(resp.Header)
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
		n, err := r.body.Read(p)
		r.at += int64(n)
		if n > 0 || err == nil || err == io.EOF || r.ctx.Err() != nil {
			if n > 0 && err != io.EOF {
				err = nil
			}
			return n, err
		}
		r.body.Close()
		if r.tries++; r.tries > resumes {
			return 0, err
		}
		if again := r.connect(); again != nil {
			return 0, fmt.Errorf("%w; %w", err, again)
		}
	}
}

// Close implements io.Closer.
func (r *remote) Close() error { return r.body.Close() }
