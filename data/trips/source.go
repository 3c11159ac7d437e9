package trips

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Input is one file of trips, local or remote.
type Input struct {
	Name string
	// Costly is set where opening it again is a second download, or gives the rest
	// of a pipe: keep the reader that looked at its beginning.
	Costly bool
	open   func(ctx context.Context) (io.ReadCloser, error)
}

// Expand turns a source (a file, a folder, a glob, an http or https address)
// into its files, by name. A folder gives its own files, hidden ones left out.
func Expand(source string) ([]Input, error) {
	switch {
	case source == "":
		return nil, errors.New("a source is empty: name a file, folder, glob, s3:// or http(s) address or generate:DATE")
	case strings.HasPrefix(source, "http://"), strings.HasPrefix(source, "https://"):
		return []Input{{source, true, func(ctx context.Context) (io.ReadCloser, error) { return openHTTP(ctx, http.DefaultClient, source) }}}, nil
	case strings.Contains(source, "://"):
		return nil, fmt.Errorf("%s: no source of this kind: copy the files here, or serve them over http", source)
	}
	info, err := os.Stat(source)
	switch {
	case err == nil && info.IsDir():
		return folder(source)
	case err == nil:
		in := local(source)
		in.Costly = !info.Mode().IsRegular()
		return []Input{in}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	names, err := filepath.Glob(source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	var all []Input
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			all = append(all, local(name))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no such file, and no file matches it", source)
	}
	return all, nil
}

func folder(dir string) ([]Input, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []Input
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
			all = append(all, local(filepath.Join(dir, e.Name())))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: the folder holds no file", dir)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all, nil
}

func local(name string) Input {
	return Input{name, false, func(context.Context) (io.ReadCloser, error) { return os.Open(name) }}
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
