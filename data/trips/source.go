package trips

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

	"taxistream/internal/redact"
	"taxistream/internal/s3"
)

// Input is one file of trips, local or remote.
type Input struct {
	Name string
	open func(ctx context.Context) (io.ReadCloser, error)
	// kept is set where opening the file again is a second download, or gives the
	// rest of a pipe: the reader that looked at its beginning is the one to use.
	kept *kept
	// stored is the size of what is no file of this machine, as it is stored; 0: not known.
	stored int64
	// version tells two contents under one name apart; empty: nothing does.
	version string
	events  bool // Finder.Events
}

type kept struct {
	reader  Reader
	version string // of a download, from its opening on
}

// Version is another one once the content has changed: size and time of change, or
// the ETag. Empty: nobody can tell, as of a pipe.
func (in Input) Version() string {
	if in.kept != nil {
		return in.kept.version
	}
	return in.version
}

// Close gives up a reader that was kept and not used.
func (in Input) Close() error {
	if in.kept == nil || in.kept.reader == nil {
		return nil
	}
	r := in.kept.reader
	in.kept.reader = nil
	return r.Close()
}

func localFile(name string, info fs.FileInfo) Input {
	in := Input{Name: name, open: func(context.Context) (io.ReadCloser, error) { return os.Open(name) }}
	if info.Mode().IsRegular() {
		in.version = fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
	} else {
		in.kept = &kept{}
	}
	return in
}

func (p *Places) download(url string) Input {
	k := &kept{}
	open := func(ctx context.Context) (io.ReadCloser, error) {
		r, err := p.openHTTP(ctx, url)
		if err != nil {
			return nil, err
		}
		k.version = fmt.Sprintf("%d %s", r.size, r.etag)
		return r, nil
	}
	return Input{Name: redact.URL(url), open: open, kept: k}
}

// object is an input that is opened again at will: each look at its beginning
// is one short request.
func object(client *s3.Client, at s3.Location, o s3.Object) Input {
	open := func(ctx context.Context) (io.ReadCloser, error) { return client.Open(ctx, at, o.Key) }
	return Input{Name: at.At(o.Key), open: open, stored: o.Size, version: fmt.Sprintf("%d %s", o.Size, o.ETag)}
}
