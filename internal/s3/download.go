package s3

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// resumes is how often a broken download goes on.
const resumes = 5

// Open streams an object. A connection that breaks is opened again where it
// broke, up to five times, as long as the object is the same.
func (c *Client) Open(ctx context.Context, l Location, key string) (io.ReadCloser, error) {
	d := &download{ctx: ctx, c: c, l: l, key: key}
	return d, d.connect()
}

type download struct {
	ctx   context.Context //nolint:containedctx // the life of one download
	c     *Client
	l     Location
	key   string
	etag  string
	body  io.ReadCloser
	at    int64
	size  int64
	tries int
}

func (d *download) connect() error {
	in := &s3.GetObjectInput{Bucket: &d.l.Bucket, Key: &d.key}
	if d.at > 0 {
		in.Range, in.IfMatch = aws.String(fmt.Sprintf("bytes=%d-", d.at)), &d.etag
	}
	out, err := d.c.API.GetObject(d.ctx, in)
	if err != nil {
		return explain("read", d.l, d.key, err)
	}
	if d.at == 0 {
		d.etag, d.size = aws.ToString(out.ETag), aws.ToInt64(out.ContentLength)
	}
	d.body = out.Body
	return nil
}

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.at += int64(n)
		switch {
		case err == io.EOF && d.at < d.size: // cut off without a word
			err = io.ErrUnexpectedEOF
		case err == nil, err == io.EOF:
			return n, err
		}
		if n > 0 {
			return n, nil
		}
		if d.tries++; d.tries > resumes || d.ctx.Err() != nil {
			return 0, explain("read", d.l, d.key, err)
		}
		d.body.Close()
		if err := d.connect(); err != nil {
			return 0, fmt.Errorf("the download broke after %d bytes: %w", d.at, err)
		}
	}
}

// Close implements io.Closer.
func (d *download) Close() error { return d.body.Close() }
