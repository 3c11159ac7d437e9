package trips

import (
	"context"
	"io"
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

func (p *Places) download(url string) Input {
	open := func(ctx context.Context) (io.ReadCloser, error) { return p.openHTTP(ctx, url) }
	return Input{Name: redact.URL(url), open: open, kept: &kept{}}
}

// object is an input that is opened again at will: each look at its beginning
// is one short request.
func object(client *s3.Client, at s3.Location, o s3.Object) Input {
	open := func(ctx context.Context) (io.ReadCloser, error) { return client.Open(ctx, at, o.Key) }
	return Input{Name: at.At(o.Key), open: open, stored: o.Size}
}
