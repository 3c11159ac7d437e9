package wire

import (
	"bytes"
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

// Body is the memory of a PutRecords call's body. It serves the next call once
// net/http has read all of it.
//
// The answer may be there before net/http has looked at the body for the last
// time, so each call has a reader of its own: at its end it touches no memory.
type Body struct {
	buf  []byte
	read *bodyReader // nil: no body was made of it
}

var bodies = make(spares[Body], spareBodies)

type bodyKey struct{}

// WithBody lends a call the memory for its body.
func WithBody(ctx context.Context) (context.Context, *Body) {
	b := bodies.take()
	b.read = nil
	return context.WithValue(ctx, bodyKey{}, b), b
}

// bodyOf gives the memory that was lent to a call, else new one.
func bodyOf(ctx context.Context) *Body {
	if b, ok := ctx.Value(bodyKey{}).(*Body); ok {
		return b
	}
	return new(Body)
}

// reader reads what buf holds.
func (b *Body) reader() *bodyReader {
	b.read = &bodyReader{size: int64(len(b.buf))}
	b.read.r.Reset(b.buf)
	return b.read
}

// Release keeps the memory after a call that succeeded, unless somebody may
// still read it: net/http, or a first attempt that was given up.
func (b *Body) Release(call middleware.Metadata) {
	attempts, known := retry.GetAttemptResults(call)
	if known && len(attempts.Results) == 1 && b.read != nil && b.read.at.Load() == b.read.size {
		bodies.give(b, cap(b.buf))
	}
}

// bodyReader tells other goroutines how far it was read.
type bodyReader struct {
	r    bytes.Reader
	at   atomic.Int64
	size int64
}

func (p *bodyReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.at.Add(int64(n))
	return n, err
}

func (p *bodyReader) Seek(offset int64, from int) (int64, error) {
	at, err := p.r.Seek(offset, from)
	if err == nil {
		p.at.Store(at)
	}
	return at, err
}

func (p *bodyReader) Len() int { return p.r.Len() }
