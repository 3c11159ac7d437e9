package kinesis

import (
	"bytes"
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

// putBody is the body of a PutRecords call. Its memory serves the next call
// once net/http has read all of it.
//
// The answer may be there before net/http has looked at the body for the last
// time, so each call has a reader of its own: at its end it touches no memory.
type putBody struct {
	buf  []byte
	read *putReader // nil: no body was made of it
}

var putBodies = make(spares[putBody], spareBodies)

type putBodyKey struct{}

// withPutBody lends a call the memory for its body.
func withPutBody(ctx context.Context) (context.Context, *putBody) {
	b := putBodies.take()
	b.read = nil
	return context.WithValue(ctx, putBodyKey{}, b), b
}

// putBodyOf gives the memory that was lent to a call, else new one.
func putBodyOf(ctx context.Context) *putBody {
	if b, ok := ctx.Value(putBodyKey{}).(*putBody); ok {
		return b
	}
	return new(putBody)
}

// reader reads what buf holds.
func (b *putBody) reader() *putReader {
	b.read = &putReader{size: int64(len(b.buf))}
	b.read.r.Reset(b.buf)
	return b.read
}

// release keeps the memory after a call that succeeded, unless somebody may
// still read it: net/http, or a first attempt that was given up.
func (b *putBody) release(call middleware.Metadata) {
	attempts, known := retry.GetAttemptResults(call)
	if known && len(attempts.Results) == 1 && b.read != nil && b.read.at.Load() == b.read.size {
		putBodies.give(b, cap(b.buf))
	}
}

// putReader tells other goroutines how far it was read.
type putReader struct {
	r    bytes.Reader
	at   atomic.Int64
	size int64
}

func (p *putReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.at.Add(int64(n))
	return n, err
}

func (p *putReader) Seek(offset int64, from int) (int64, error) {
	at, err := p.r.Seek(offset, from)
	if err == nil {
		p.at.Store(at)
	}
	return at, err
}

func (p *putReader) Len() int { return p.r.Len() }
