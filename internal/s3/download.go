package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"taxistream/internal/fault"
)

// stall is how long a connection may give nothing; a variable for tests.
var stall = 30 * time.Second

// Open streams an object. A connection that breaks, or gives nothing for 30 s, is
// opened again where it broke, as long as the object is the same: after a wait
// that grows to 5 s, and for as long as ctx lives, unless the error is final. The
// reader is for one goroutine.
func (c *Client) Open(ctx context.Context, l Location, key string) (io.ReadCloser, error) {
	d := &download{ctx: ctx, c: c, l: l, key: key}
	if err := c.patiently(ctx, d.connect); err != nil {
		return nil, err
	}
	return d, nil
}

type download struct {
	ctx    context.Context //nolint:containedctx // the life of one download
	c      *Client
	l      Location
	key    string
	etag   string
	body   io.ReadCloser
	cancel context.CancelFunc // of the connection
	at     int64
	size   int64
	tries  fault.Tries // since the last byte
	told   bool        // that it is broken
}

func (d *download) connect() error {
	in := &s3.GetObjectInput{Bucket: &d.l.Bucket, Key: &d.key}
	if d.at > 0 {
		in.Range, in.IfMatch = aws.String(fmt.Sprintf("bytes=%d-", d.at)), &d.etag
	}
	ctx, cancel := context.WithCancel(d.ctx)
	out, err := d.c.API.GetObject(ctx, in)
	if err != nil {
		cancel()
		return explain("read", d.l, d.key, err)
	}
	if d.at == 0 {
		d.etag, d.size = aws.ToString(out.ETag), aws.ToInt64(out.ContentLength)
	}
	d.body, d.cancel = out.Body, cancel
	return nil
}

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.read(p)
		d.at += int64(n)
		if n > 0 {
			d.tries.Done()
			if d.told {
				d.told = false
				d.notify("goes on")
			}
		}
		switch {
		case err == io.EOF && d.at < d.size: // cut off without a word
			err = io.ErrUnexpectedEOF
		case err == nil, err == io.EOF:
			return n, err
		}
		if n > 0 {
			return n, nil // the next read meets the error again
		}
		if d.at >= d.size { // all is here, and its checksum is wrong
			return 0, explain("read", d.l, d.key, err)
		}
		if err := d.resume(err); err != nil {
			return 0, err
		}
	}
}

// read is one read of the connection, which it ends if nothing comes.
func (d *download) read(p []byte) (int, error) {
	stalled := time.AfterFunc(stall, d.cancel)
	defer stalled.Stop()
	n, err := d.body.Read(p)
	if errors.Is(err, context.Canceled) && d.ctx.Err() == nil {
		err = fmt.Errorf("nothing came for %v: %w", stall, context.DeadlineExceeded)
	}
	return n, err
}

// resume opens the object again where it broke. The first time it does not wait:
// one broken connection is no trouble.
func (d *download) resume(broken error) error {
	_ = d.Close() // of what is broken already
	for {
		if d.ctx.Err() != nil {
			return d.ctx.Err()
		}
		first := d.tries.Count() == 0
		wait, final := d.tries.Failed(broken)
		if final != nil {
			return explain("read", d.l, d.key, fmt.Errorf("the download broke after %d of %d bytes: %w", d.at, d.size, final))
		}
		if !first {
			if !d.told {
				d.told = true
				d.notify(fmt.Sprintf("broke after %d of %d bytes: %s; waiting, and trying again", d.at, d.size, fault.Cause(broken)))
			}
			if err := fault.Sleep(d.ctx, wait); err != nil {
				return err
			}
		}
		err := d.connect()
		if err == nil {
			return nil
		}
		if errors.Is(err, ErrMissing) || errors.Is(err, ErrPrecondition) {
			return fmt.Errorf("the download broke after %d of %d bytes: %w", d.at, d.size, err)
		}
		broken = err
	}
}

func (d *download) notify(what string) {
	if d.c.Notify != nil {
		d.c.Notify(fmt.Sprintf("the download of %s %s", d.l.At(d.key), what))
	}
}

// Close implements io.Closer.
func (d *download) Close() error {
	d.cancel()
	return d.body.Close()
}
